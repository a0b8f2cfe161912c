// PairTable: which two values of a kernel's axes can hold together, and which a plan has met.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "properties/axes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace attest {

class PairTable {
 public:
  /// Asks the kernel's refusal about a plain problem with each two values. Refers to `axes`.
  PairTable(const KernelSpec& kernel, Dtype dtype, const std::vector<AxisValue>& axes);

  /// Counts every pair that holds.
  void meet(const Problem& problem);

  using Pair = std::pair<const AxisValue*, const AxisValue*>;
  /// The next one that was never met, round and round; nothing when all were.
  [[nodiscard]] std::optional<Pair> next_missing();

  [[nodiscard]] std::int64_t possible() const { return possible_; }
  /// "mask=bool with heads=grouped" of each that was never met.
  [[nodiscard]] std::vector<std::string> missing() const;

 private:
  [[nodiscard]] std::size_t at(std::size_t a, std::size_t b) const { return a * axes_->size() + b; }

  const std::vector<AxisValue>* axes_;
  std::vector<bool> is_missing_;  // [a, b] with a < b
  std::int64_t possible_ = 0;
  std::int64_t missing_ = 0;
  std::size_t next_ = 0;
};

/// Of every kernel and dtype that there is a judged case of; sorted by kernel, then dtype.
[[nodiscard]] std::vector<PairRecord> pair_records(const std::vector<CaseResult>& cases,
                                                   const std::vector<const KernelSpec*>& kernels);

}  // namespace attest
