// Reads and prints the values of a case's keys, and says what is allowed in their place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation.h"
#include "harness/problem/problem.h"
#include "harness/problem/text_cursor.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attest {

/// Each read() takes one value at the cursor; limits are checked later.
class ValueReader {
 public:
  explicit ValueReader(TextCursor& text) : text_(text) {}

  /// The key whose value comes next; messages name it.
  void set_key(std::string_view key) { key_ = key; }

  Status read(std::int64_t& out);
  Status read(std::uint64_t& out);  // decimal, or hexadecimal with 0x
  Status read(bool& out);           // 0 or 1
  Status read(double& out);
  Status read(std::optional<double>& out) { return read(out.emplace()); }
  Status read(Dtype& out);
  Status read(Layout& out);
  Status read(Placement& out);  // bshd, bhsd(8): with the gap
  Status read(ElementwiseKind& out);
  Status read(std::array<std::int64_t, 4>& out);  // (q=8,v=4), without '='
  Status read(Mask& out);
  Status read(Data& out);

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
  /// One value and the ')' of `owner(value)`; the cursor is behind the '('.
  template <class Value>
  Status argument(std::string_view owner, std::string_view what, Value& out);
  Status alignment(Alignment& out);
  Status mask_part(std::string_view part, std::size_t start, Mask& mask);
  Status window(Window& window);
  Status padding(std::vector<std::int64_t>& lengths);

  TextCursor& text_;
  std::string_view key_;
};

/// What read() takes for the same value.
[[nodiscard]] std::string value_text(std::int64_t value);
[[nodiscard]] std::string value_text(std::uint64_t value);
[[nodiscard]] std::string value_text(bool value);
[[nodiscard]] std::string value_text(double value);  // the shortest that reads back the same
[[nodiscard]] std::string value_text(const std::optional<double>& value);  // "" if absent
[[nodiscard]] std::string value_text(Dtype value);
[[nodiscard]] std::string value_text(Layout value);
[[nodiscard]] std::string value_text(const Placement& value);
[[nodiscard]] std::string value_text(ElementwiseKind value);
[[nodiscard]] std::string value_text(const std::array<std::int64_t, 4>& value);
[[nodiscard]] std::string value_text(const Mask& value);
[[nodiscard]] std::string value_text(const Data& value);

}  // namespace attest
