// Words and delimiters of a case.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/text_cursor.h"

namespace attest {

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 40;
  if (text.empty()) return "nothing";
  std::string out = "'";
  for (const char c : text.substr(0, kMost))
    out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kMost ? "...'" : "'");
}

bool TextCursor::accept(char c) {
  if (!is_at(c)) return false;
  ++position_;
  return true;
}

std::string_view TextCursor::word() {
  const std::size_t start = position();
  position_ = std::min(text_.find_first_of(",()&= \t\r\n", start), text_.size());
  return text_.substr(start, position_ - start);
}

std::string TextCursor::found_at(std::size_t position) const {
  if (position >= text_.size()) return "the end";
  TextCursor here(text_.substr(position));
  const std::string_view next = here.word();
  return quoted(next.empty() ? text_.substr(position, 1) : next);
}

}  // namespace attest
