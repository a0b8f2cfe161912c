// One text for every value, and back.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace attest {
namespace {

std::string text_of(double value) {
  return to_line(number_to_json(value));
}

TEST(JsonText, numbers_are_the_shortest_that_read_back) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(1.0), "1");
  EXPECT_EQ(text_of(1.0 / 3.0), "0.3333333333333333");
  EXPECT_EQ(text_of(1e-300), "1e-300");
  EXPECT_EQ(text_of(5e-324), "5e-324");
  EXPECT_EQ(text_of(-0.0), "-0.0");
  EXPECT_EQ(text_of(std::numeric_limits<double>::infinity()), "\"inf\"");
  EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "\"-inf\"");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "\"nan\"");
}

TEST(JsonText, every_double_reads_back_to_its_bits) {
  std::uint64_t bits = 1;
  for (int i = 0; i < 20000; ++i) {
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
    const double value = std::bit_cast<double>(bits);
    if (std::isnan(value)) continue;
    const auto json = parse_json(text_of(value), "test");
    ASSERT_TRUE(json.has_value()) << text_of(value);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(number_from_json(*json)), bits) << text_of(value);
  }
  EXPECT_TRUE(std::isnan(number_from_json(Json("nan"))));
  EXPECT_TRUE(std::signbit(number_from_json(parse_json("-0.0", "test").value())));
}

TEST(JsonText, a_word_that_is_no_number_is_not_one) {
  EXPECT_THROW((void)number_from_json(Json("infinity")), Json::exception);
  EXPECT_THROW((void)number_from_json(Json::array()), Json::exception);
}

TEST(JsonText, outer_levels_are_open_and_inner_ones_on_one_line) {
  const Json json = {{"a", {{{"x", 1}, {"y", {1, 2}}}, {{"x", 2}}}}, {"b", Json::array()}};
  EXPECT_EQ(to_line(json), R"({"a":[{"x":1,"y":[1,2]},{"x":2}],"b":[]})");
  EXPECT_EQ(to_text(json, 2), R"({
  "a": [
    {"x":1,"y":[1,2]},
    {"x":2}
  ],
  "b": []
}
)");
}

TEST(JsonText, bytes_that_are_not_utf8_are_replaced) {
  EXPECT_EQ(to_line(Json(std::string("a\xff"))), "\"a\xef\xbf\xbd\"");
}

TEST(JsonText, text_that_is_not_json_is_an_error_with_its_place) {
  const auto json = parse_json("{\"a\": 1,", "events.ndjson:3");
  ASSERT_FALSE(json.has_value());
  EXPECT_EQ(json.error().code, Code::bad_input);
  EXPECT_EQ(json.error().where, "events.ndjson:3");
}

}  // namespace
}  // namespace attest
