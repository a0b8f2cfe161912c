// Reads the values of a case's keys and says what is allowed in their place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "harness/problem/text_cursor.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace attest {

/// Each function reads one value at the cursor into the problem; limits are checked later.
class ValueReader {
 public:
  ValueReader(TextCursor& text, Problem& problem) : text_(text), problem_(problem) {}

  /// The key whose value comes next; messages name it.
  void set_key(std::string_view key) { key_ = key; }

  Status integer(std::int64_t& out);
  Status dtype();
  Status layout();
  Status gap() { return per_tensor(problem_.gap); }
  Status skew() { return per_tensor(problem_.skew); }
  Status mask();
  Status fill() { return number(problem_.fill); }
  Status scale() { return number(problem_.scale.emplace()); }
  Status data();
  Status seed();

  /// Steps over '(' after `owner`.
  Status open(std::string_view owner);
  /// Steps over ',' or the ')' that closes `owner(`.
  Status comma_or_close(std::string_view owner, bool& is_closed);
  [[nodiscard]] static Error fail(std::size_t position, std::string message);

 private:
  /// "key 'sq': found 'x', allowed: an integer"
  [[nodiscard]] Error refuse(std::size_t position,
                             std::string_view found,
                             std::string_view allowed) const;
  [[nodiscard]] Error refuse(std::size_t position, std::string_view allowed) const {
    return refuse(position, text_.found_at(position), allowed);
  }
  Status number(double& out);
  Status alignment(Alignment& out);
  Status per_tensor(std::array<std::int64_t, 4>& out);
  Status mask_part(std::string_view part, std::size_t start);
  Status window();
  Status padding();

  TextCursor& text_;
  Problem& problem_;
  std::string_view key_;
};

}  // namespace attest
