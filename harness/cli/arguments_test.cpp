// Options and their values.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace attest {
namespace {

struct Parsed {
  Result<bool> result = false;
  std::string text = "default";
  std::optional<std::string> optional;
  std::vector<std::string> list;
  bool flag = false;
  std::string positional;
  std::string out;
};

void parse(const std::vector<std::string>& arguments, Parsed& parsed) {
  std::ostringstream out;
  Arguments parser("test", "For tests.");
  parser.text("--text,-t", parsed.text, "a text");
  parser.text("--optional", parsed.optional, "an optional text");
  parser.list("--list", parsed.list, "a list");
  parser.flag("--flag", parsed.flag, "a flag");
  parser.text("what", parsed.positional, "a positional");
  parsed.result = parser.parse(arguments, out);
  parsed.out = out.str();
}

TEST(Arguments, reads_every_kind) {
  Parsed parsed;
  parse(
      {"attn(sq=-1,mask=[x])", "-t", "x", "--list", "a,b", "--list", "c", "--flag", "--optional=7"},
      parsed);
  ASSERT_TRUE(parsed.result.has_value()) << parsed.result.error().to_string();
  EXPECT_TRUE(*parsed.result);
  EXPECT_EQ(parsed.positional, "attn(sq=-1,mask=[x])");
  EXPECT_EQ(parsed.text, "x");
  EXPECT_EQ(parsed.list, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(parsed.flag);
  EXPECT_EQ(parsed.optional, "7");
}

TEST(Arguments, a_list_takes_one_argument_at_a_time) {
  Parsed parsed;
  parse({"--list", "a", "positional"}, parsed);
  EXPECT_EQ(parsed.list, (std::vector<std::string>{"a"}));
  EXPECT_EQ(parsed.positional, "positional");
}

TEST(Arguments, leave_targets_alone_when_not_given) {
  Parsed parsed;
  parse({}, parsed);
  ASSERT_TRUE(parsed.result.has_value());
  EXPECT_EQ(parsed.text, "default");
  EXPECT_FALSE(parsed.optional.has_value());
}

TEST(Arguments, help_is_printed_and_stops) {
  Parsed parsed;
  parse({"--help"}, parsed);
  ASSERT_TRUE(parsed.result.has_value());
  EXPECT_FALSE(*parsed.result);
  EXPECT_NE(parsed.out.find("--optional"), std::string::npos);
}

TEST(Arguments, errors_name_the_command_and_the_option) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--nosuch"}, {"--text"}, {"a", "b"}, {"--text", "a", "--text", "b"}};
  for (const auto& arguments : wrong) {
    Parsed parsed;
    parse(arguments, parsed);
    ASSERT_FALSE(parsed.result.has_value()) << arguments.front();
    EXPECT_EQ(parsed.result.error().code, Code::bad_input);
    EXPECT_EQ(parsed.result.error().where, "test");
  }
  Parsed parsed;
  parse({"--nosuch"}, parsed);
  EXPECT_NE(parsed.result.error().message.find("--nosuch"), std::string::npos);
}

TEST(Values, counts_have_limits) {
  EXPECT_EQ(parse_count("-j", "8", 1, 8).value(), 8);
  for (const char* wrong : {"0", "9", "-1", "", "8x", "1e3", " 3"}) {
    const auto count = parse_count("-j", wrong, 1, 8);
    ASSERT_FALSE(count.has_value()) << wrong;
    EXPECT_EQ(count.error().to_string(),
              "-j: '" + std::string(wrong) + "' is not a number from 1 to 8");
  }
}

TEST(Values, words_are_decimal_or_hexadecimal) {
  EXPECT_EQ(parse_word("--seed", "7").value(), 7U);
  EXPECT_EQ(parse_word("--seed", "0x2a").value(), 42U);
  EXPECT_EQ(parse_word("--seed", "0xffffffffffffffff").value(),
            std::numeric_limits<std::uint64_t>::max());
  for (const char* wrong : {"", "0x", "-1", "2a", "0x10000000000000000"}) {
    EXPECT_FALSE(parse_word("--seed", wrong).has_value()) << wrong;
  }
}

TEST(Values, durations_have_units) {
  EXPECT_EQ(parse_duration("--time-budget", "90").value(), 90.0);
  EXPECT_EQ(parse_duration("--time-budget", "60s").value(), 60.0);
  EXPECT_EQ(parse_duration("--time-budget", "10m").value(), 600.0);
  EXPECT_EQ(parse_duration("--time-budget", "2h").value(), 7200.0);
  for (const char* wrong : {"", "s", "0s", "-3s", "1d", "1.5s"}) {
    EXPECT_FALSE(parse_duration("--time-budget", wrong).has_value()) << wrong;
  }
}

TEST(Values, a_choice_names_what_is_allowed) {
  EXPECT_EQ(parse_choice("--checks", "none", {"all", "none"}).value(), 1U);
  EXPECT_EQ(parse_choice("--checks", "some", {"all", "none"}).error().to_string(),
            "--checks: 'some' is not one of all, none");
}

}  // namespace
}  // namespace attest
