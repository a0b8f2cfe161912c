// Initial values of module variables, of every form, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/module_variables.h"

#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// The declarations start on line 4.
Result<std::shared_ptr<const ModuleVariables>> variables_of(const std::string& text) {
  const auto module =
      parse_module(".version 9.0\n.target sm_80\n.address_size 64\n" + text + "\n", "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  return module_variables(*module, "t");
}

std::string error_of(const std::string& text) {
  const auto variables = variables_of(text);
  return variables ? "" : variables.error().to_string();
}

std::vector<int> bytes_of(const std::string& text) {
  const auto variables = variables_of(text);
  if (!variables) return {};
  std::vector<int> bytes;
  for (const std::byte b : (*variables)->variables.front().contents)
    bytes.push_back(std::to_integer<int>(b));
  return bytes;
}

TEST(ModuleVariables, HoldNumbersLowestByteFirst) {
  EXPECT_EQ(bytes_of(".global .u32 x = 0x01020304;"), (std::vector<int>{4, 3, 2, 1}));
  EXPECT_EQ(bytes_of(".const .s16 x[3] = {1, -2};"), (std::vector<int>{1, 0, 254, 255}));
  EXPECT_EQ(bytes_of(".global .align 1 .b8 $str[3] = {104, 105, 0};"),
            (std::vector<int>{104, 105, 0}));
  EXPECT_EQ(bytes_of(".global .v2 .u16 x = {1, 2};"), (std::vector<int>{1, 0, 2, 0}));
}

TEST(ModuleVariables, HoldFloatsOfTheirType) {
  EXPECT_EQ(bytes_of(".global .f32 x = 0f3FC00000;"), (std::vector<int>{0, 0, 0xc0, 0x3f}));
  EXPECT_EQ(bytes_of(".global .f32 x = 1.5;"), (std::vector<int>{0, 0, 0xc0, 0x3f}));
  EXPECT_EQ(bytes_of(".global .f64 x = 0d3FF8000000000000;"),
            (std::vector<int>{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}));
  EXPECT_EQ(bytes_of(".global .f64 x = 0f3FC00000;"),
            (std::vector<int>{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}));
}

TEST(ModuleVariables, HoldAddressesOfOthers) {
  const auto variables = variables_of(
      ".global .u64 table[3] = {0, generic(second)+8, second};\n"
      ".global .u8 halves[2] = {0xff(second), 0xff00(second)};\n"
      ".const .b32 second[4];");
  ASSERT_TRUE(variables.has_value()) << variables.error().to_string();
  const auto& v = (*variables)->variables;
  ASSERT_EQ(v.size(), 3u);
  EXPECT_EQ(v[0].addresses, (std::vector<AddressBytes>{{8, 2, 8, 8, 0}, {16, 2, 0, 8, 0}}));
  EXPECT_EQ(v[1].addresses, (std::vector<AddressBytes>{{0, 2, 0, 1, 0}, {1, 2, 0, 1, 8}}));
  EXPECT_FALSE(v[0].is_constant);
  EXPECT_TRUE(v[2].is_constant);
  EXPECT_EQ(v[2].size_bytes, 16);
}

TEST(ModuleVariables, LeaveOutWhatIsElsewhere) {
  const auto variables =
      variables_of(".extern .global .u32 there; .shared .b8 tile[64]; .global .u32 here;");
  ASSERT_TRUE(variables.has_value()) << variables.error().to_string();
  ASSERT_EQ((*variables)->variables.size(), 1u);
  EXPECT_EQ((*variables)->variables[0].name, "here");
}

TEST(ModuleVariables, OpenArraysAreAsLongAsTheirValues) {
  const auto variables = variables_of(".global .u16 x[] = {1, 2, 3};");
  ASSERT_TRUE(variables.has_value()) << variables.error().to_string();
  EXPECT_EQ((*variables)->variables[0].size_bytes, 6);
}

TEST(ModuleVariables, RefuseWhatTheyCannotHold) {
  EXPECT_EQ(error_of("\n.global .u64 x = f;"),
            "t:5: the initial value of 'x' is the address of 'f', which is no .global or .const "
            "variable of the module");
  EXPECT_EQ(error_of(".global .u32 x = y; .global .u32 y;"),
            "t:4: the address of 'y' needs 64 bits, an element of 'x' has 32");
  EXPECT_EQ(error_of(".global .u8 x = 0x1ff(y); .global .u32 y;"),
            "t:4: a masked address in 'x' is not one byte in a byte");
  EXPECT_EQ(error_of(".global .f32 x = 1;"), "t:4: an integer is no initial value of .f32");
  EXPECT_EQ(error_of(".global .u32 x = 1.5;"),
            "t:4: the initial value of 'x' is not a constant of .u32");
}

TEST(ModuleVariables, HaveLimits) {
  EXPECT_EQ(error_of(".global .b8 a[268435456];"), "");
  EXPECT_EQ(error_of(".global .b8 a[1]; .global .b8 b[268435456];"),
            "t:4: the variables up to 'b' have more than 268435456 bytes");
  EXPECT_EQ(error_of(".const .b8 a[65537];"),
            "t:4: the .const variables up to 'a' have more than 65536 bytes");
  EXPECT_EQ(error_of(".global .align 512 .b8 a[4];"), "t:4: the alignment of 'a' is above 256");
}

}  // namespace
}  // namespace attest::ptx
