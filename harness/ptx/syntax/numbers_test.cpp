// Tests of the spelling of constants.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/numbers.h"

#include <gtest/gtest.h>

namespace attest::ptx::syntax {
namespace {

void expect_number(std::string_view text, Operand::Kind kind, std::uint64_t bits) {
  const auto number = parse_number(text);
  ASSERT_TRUE(number) << text;
  EXPECT_EQ(number->kind, kind) << text;
  EXPECT_EQ(number->bits, bits) << text;
}

TEST(Numbers, Integers) {
  expect_number("0", Operand::Kind::integer, 0);
  expect_number("0U", Operand::Kind::integer, 0);
  expect_number("42", Operand::Kind::integer, 42);
  expect_number("42U", Operand::Kind::integer, 42);
  expect_number("017", Operand::Kind::integer, 15);
  expect_number("0b101", Operand::Kind::integer, 5);
  expect_number("0B11U", Operand::Kind::integer, 3);
  expect_number("0x1eE", Operand::Kind::integer, 0x1EE);
  expect_number("0XFFFFFFFFFFFFFFFFU", Operand::Kind::integer, UINT64_MAX);
  expect_number("18446744073709551615", Operand::Kind::integer, UINT64_MAX);
}

TEST(Numbers, BitPatterns) {
  expect_number("0f3F800000", Operand::Kind::float32, 0x3F800000);
  expect_number("0Fff800000", Operand::Kind::float32, 0xFF800000);
  expect_number("0d3FF0000000000001", Operand::Kind::float64, 0x3FF0000000000001);
  expect_number("0D8000000000000000", Operand::Kind::float64, 0x8000000000000000);
}

TEST(Numbers, DecimalDoubles) {
  expect_number("1.5", Operand::Kind::float64, 0x3FF8000000000000);
  expect_number("1e3", Operand::Kind::float64, 0x408F400000000000);
  expect_number("25.0E-2", Operand::Kind::float64, 0x3FD0000000000000);
}

TEST(Numbers, RefusesOthers) {
  for (const char* text : {"",
                           "08",
                           "0b2",
                           "0x",
                           "0xG",
                           "U",
                           "4u",
                           "0f3F",
                           "0f3F8000000",
                           "0d3F",
                           "0fFFFFFFFFU",
                           "1e",
                           "1.5.2",
                           "1e999",
                           "12a",
                           "18446744073709551616",
                           "0x10000000000000000",
                           "0f+1234567"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

}  // namespace
}  // namespace attest::ptx::syntax
