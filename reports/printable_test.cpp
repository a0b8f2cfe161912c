// Any bytes become characters that every document may hold.
// SPDX-License-Identifier: Apache-2.0
#include "reports/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

using namespace std::string_literals;

TEST(Printable, leaves_text_alone) {
  const std::string text =
      "a\tb\nc ~ \xc2\xa0 \xe2\x88\x92 \xef\xbf\xbd \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf";
  EXPECT_EQ(printable(text), text);
}

TEST(Printable, control_characters_are_question_marks) {
  EXPECT_EQ(printable("a\0b\x01\x1f\x7f\r."s), "a?b????.");
}

TEST(Printable, what_is_no_character_is_replaced) {
  const std::string mark = "\xef\xbf\xbd";
  for (const std::string& bytes : {"\x80"s,          // a later byte alone
                                   "\xff"s,          // in no character
                                   "\xc3"s,          // cut off
                                   "\xef\xbf\xbe"s,  // no character of XML
                                   "\xef\xbf\xbf"s}) {
    EXPECT_EQ(printable("<" + bytes + ">"), "<" + mark + ">") << testing::PrintToString(bytes);
  }
  EXPECT_EQ(printable("\xc0\x80"), mark + mark) << "an overlong NUL";
  EXPECT_EQ(printable("\xed\xa0\x80"), mark + mark + mark) << "half of a surrogate pair";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), mark + mark + mark + mark) << "beyond the last one";
}

TEST(HtmlText, escapes_markup) {
  EXPECT_EQ(html_text("<a href=\"x\">'&amp;\x01"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;?");
}

TEST(SingleLine, has_no_newline_and_nothing_that_a_terminal_acts_on) {
  EXPECT_EQ(single_line("a\n::error::\tb\x1b[31m"), "a ::error:: b?[31m");
}

}  // namespace
}  // namespace attest
