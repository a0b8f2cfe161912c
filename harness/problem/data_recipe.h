// Recipes: for each kind of data, how a row of q, of k and of v is drawn.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data_rows.h"
#include "harness/problem/problem.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace attest {

/// What the rows of one draw have in common.
class Drawing {
 public:
  explicit Drawing(const Problem& problem);

  [[nodiscard]] const Problem& problem() const { return problem_; }
  [[nodiscard]] RowBits bits(Stream stream, const Row& at) const {
    return {problem_.seed, stream, at};
  }
  /// sqrt(head_dim): the default scale is its inverse.
  [[nodiscard]] double root() const { return root_; }
  /// +1 or -1 per column of q and k; a direction that q and k can share.
  [[nodiscard]] double sign(std::size_t column) const { return signs_[column]; }
  /// +1 or -1: column `column` of the code of key `key`.
  [[nodiscard]] double code(std::int64_t key, std::size_t column) const;
  /// The key that dominates the rows of this batch and kv-head; -1 if there is none.
  [[nodiscard]] std::int64_t dominant_key(std::int64_t batch, std::int64_t head) const;

 private:
  const Problem& problem_;
  double root_;
  std::vector<double> signs_;
  std::vector<std::uint64_t> code_masks_;
  std::vector<std::int64_t> dominant_keys_;  // [batch, heads_kv], or empty
};

struct Recipe {
  using Fill = void (*)(const Drawing& drawing, const Row& at, std::span<double> row);
  DataKind kind;
  std::string_view name;
  Fill q;
  Fill k;
  Fill v;
  /// Chooses one of `keys` > 0 keys to dominate; null when the kind has no such key.
  std::int64_t (*dominant)(const RowBits& choice, std::int64_t keys) = nullptr;
};

[[nodiscard]] const Recipe& recipe(DataKind kind);

}  // namespace attest
