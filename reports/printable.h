// Text that may come from anywhere, made fit for a document.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attest {

/// Control characters other than newline and tab become '?', bytes that are no UTF-8, and what XML
/// has no character for, U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);
/// printable() on one line: newlines and tabs become blanks.
[[nodiscard]] std::string single_line(std::string_view text);
/// printable(), and escaped for text and quoted attributes of HTML.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace attest
