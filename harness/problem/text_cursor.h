// A place in a line of text: words, delimiters, and how to quote what stands there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace attest {

/// `text` in quotes, at most 40 characters of it, printable; "nothing" when it is empty.
[[nodiscard]] std::string quoted(std::string_view text);

class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  /// Of the next character that is not a space.
  [[nodiscard]] std::size_t position() {
    position_ = std::min(text_.find_first_not_of(kSpaces, position_), text_.size());
    return position_;
  }
  [[nodiscard]] bool at_end() { return position() == text_.size(); }
  [[nodiscard]] bool is_at(char c) { return !at_end() && text_[position_] == c; }
  [[nodiscard]] std::string_view rest() { return text_.substr(position()); }

  /// Steps over `c` if it is next.
  bool accept(char c);
  /// Steps over a run of characters up to the next space, comma, bracket, '&' or '='; may be empty.
  std::string_view word();
  /// What stands at `position`, for a message: a quoted word, a quoted delimiter, or "the end".
  [[nodiscard]] std::string found_at(std::size_t position) const;

 private:
  static constexpr std::string_view kSpaces = " \t\r\n";

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace attest
