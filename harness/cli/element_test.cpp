// Element types: bits of values by hand, ranges, text.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

const Element& type(const std::string& name) {
  const auto element = parse_element(name);
  EXPECT_TRUE(element) << name;
  return **element;
}

struct Row {
  const char* type;
  const char* text;
  std::uint64_t bits;
  const char* shown;
};

class Values : public ::testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(
    ByHand,
    Values,
    ::testing::Values(
        Row{"f16", "1", 0x3c00, "1"},
        Row{"f16", "-2.5", 0xc100, "-2.5"},
        Row{"f16", "inf", 0x7c00, "inf"},
        Row{"f16", "65504", 0x7bff, "65504"},
        Row{"f16", "0x8000", 0x8000, "-0"},
        Row{"bf16", "1", 0x3f80, "1"},
        Row{"bf16", "1.00390625", 0x3f80, "1"},
        Row{"f32", "0.125", 0x3e000000, "0.125"},
        Row{"f32", "3.4028235e38", 0x7f7fffff, "3.4028235e+38"},
        Row{"f64", "-1", 0xbff0000000000000, "-1"},
        Row{"tf32", "1", 0x3f800000, "1"},
        // 1 + 2^-11 is halfway: to even; 1 + 3 * 2^-11 too
        Row{"tf32", "1.00048828125", 0x3f800000, "1"},
        Row{"tf32", "1.00146484375", 0x3f804000, "1.0019531"},
        Row{"e4m3", "448", 0x7e, "448"},
        Row{"e4m3", "-0.001953125", 0x81, "-0.001953125"},
        Row{"e4m3", "1.0625", 0x38, "1"},     // a tie, to even
        Row{"e4m3", "1.1875", 0x3a, "1.25"},  // a tie, to even
        Row{"e4m3", "nan", 0x7f, "nan"},
        Row{"e5m2", "57344", 0x7b, "57344"},
        Row{"e5m2", "-inf", 0xfc, "-inf"},
        Row{"e5m2", "0xfe", 0xfe, "nan"},
        Row{"i8", "-128", 0x80, "-128"},
        Row{"u8", "255", 0xff, "255"},
        Row{"i16", "-1", 0xffff, "-1"},
        Row{"u16", "65535", 0xffff, "65535"},
        Row{"i32", "0xffffffff", 0xffffffff, "-1"},
        Row{"u32", "4294967295", 0xffffffff, "4294967295"},
        Row{"i64", "-9223372036854775808", 0x8000000000000000, "-9223372036854775808"},
        Row{"u64", "18446744073709551615", 0xffffffffffffffff, "18446744073709551615"}));

TEST_P(Values, HaveTheseBitsAndThisText) {
  const Element& element = type(GetParam().type);
  const auto bits = parse_value(element, GetParam().text);
  ASSERT_TRUE(bits) << bits.error().to_string();
  EXPECT_EQ(*bits, GetParam().bits) << GetParam().type << " " << GetParam().text;
  EXPECT_EQ(value_text(element, *bits), GetParam().shown);
}

TEST(Element, ValuesOutsideTheTypeAreRefusedWithItsRange) {
  const std::vector<std::array<const char*, 3>> rows = {
      {"i8", "128", "-128 to 127"},
      {"i8", "-129", "-128 to 127"},
      {"u8", "-1", "0 to 255"},
      {"u8", "256", "0 to 255"},
      {"i32", "1.5", "-2147483648 to 2147483647"},
      {"i64", "9223372036854775808", "-9223372036854775808 to 9223372036854775807"},
      {"u64", "18446744073709551616", "0 to 18446744073709551615"},
      {"u16", "0x10000", "0x0 to 0xffff"},
      {"f16", "65520", "a finite number in its range, inf, -inf, nan"},
      {"f16", "", "a finite number"},
      {"f32", "1e39", "a finite number"},
      {"f32", "1,5", "a finite number"},
      {"e4m3", "449", "-448 to 448"},
      {"e4m3", "inf", "-448 to 448"},
      {"e5m2", "0x100", "0x0 to 0xff"}};
  for (const auto& [name, text, allowed] : rows) {
    const auto bits = parse_value(type(name), text);
    ASSERT_FALSE(bits) << name << " " << text;
    EXPECT_NE(bits.error().message.find(allowed), std::string::npos) << bits.error().message;
  }
}

TEST(Element, EveryFp8CodeComesBackFromItsValue) {
  for (const char* name : {"e4m3", "e5m2"}) {
    const Element& element = type(name);
    for (std::uint64_t code = 0; code < 256; ++code) {
      const double value = decode(element, code);
      EXPECT_EQ(encode(element, value), std::isnan(value) ? 0x7fu : code) << name;
    }
  }
  EXPECT_EQ(encode(type("e4m3"), 1e9), 0x7eu);
  EXPECT_EQ(encode(type("e5m2"), -1e9), 0xfcu);
  EXPECT_EQ(encode(type("e5m2"), 61439), 0x7bu);  // below halfway to 65536
  EXPECT_EQ(encode(type("e5m2"), 61440), 0x7cu);  // halfway, and the largest is odd
}

TEST(Element, TypesOfNpyFiles) {
  EXPECT_EQ(element_of_npy("f2"), &type("f16"));
  EXPECT_EQ(element_of_npy("f4"), &type("f32"));
  EXPECT_EQ(element_of_npy("u2"), &type("u16"));
  EXPECT_EQ(element_of_npy("u1"), &type("u8"));
  EXPECT_EQ(element_of_npy("c8"), nullptr);
  EXPECT_FALSE(parse_element("f31"));
}

}  // namespace
}  // namespace attest
