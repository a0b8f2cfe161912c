// Coverage counts what is written, and takes off what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/coverage.h"

#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

namespace attest::ptx {
namespace {

ModuleCoverage coverage_of(const std::string& text) {
  const auto module = parse_module(".version 9.0\n.target sm_80\n.address_size 64\n" + text, "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  return coverage(*module, inspect(*module, "t"));
}

const OpcodeCount& find(const Coverage& coverage, const std::string& opcode) {
  for (const OpcodeCount& each : coverage.opcodes) {
    if (each.opcode == opcode) return each;
  }
  ADD_FAILURE() << "no opcode " << opcode;
  static const OpcodeCount none;
  return none;
}

TEST(Coverage, CountsOpcodesAndTheirInstructions) {
  const ModuleCoverage all = coverage_of(R"(.visible .entry a() {
  .reg .b32 %r<3>;
  add.s32 %r1, %r2, %r2;
  { made.up %r1; add.s32 %r1, %r2, %r2; made.up %r2; }
  add.s64 %r1, %r1, %r1;
  ret;
}
)");
  ASSERT_EQ(all.entries.size(), 1u);
  const Coverage& a = all.entries[0];
  EXPECT_EQ(a.entry, "a");
  EXPECT_FALSE(a.is_complete());
  const OpcodeCount& add = find(a, "add.s32");
  EXPECT_EQ(add.instructions, 2);
  EXPECT_EQ(add.refused, 0);
  EXPECT_EQ(add.line, 6);
  EXPECT_EQ(add.reason, "");
  const OpcodeCount& made_up = find(a, "made.up");
  EXPECT_EQ(made_up.instructions, 2);
  EXPECT_EQ(made_up.refused, 2);
  EXPECT_EQ(made_up.line, 7);
  EXPECT_NE(made_up.reason, "");
  EXPECT_EQ(a.instruction_tally().total, 6);
  EXPECT_EQ(a.opcode_tally().total, 4);
}

TEST(Coverage, AnOpcodeIsMissingWhenOneOfItsInstructionsIs) {
  const Coverage total = coverage_of(R"(.visible .entry a() {
  .reg .b32 %r<3>;
  add.s32 %r1, %r2, %r2;
  mov.u32 %r1, %pm0.x;
  mov.u32 %r1, %tid.x;
  ret;
}
)")
                             .total;
  const OpcodeCount& mov = find(total, "mov.u32");
  EXPECT_EQ(mov.instructions, 2);
  EXPECT_EQ(mov.refused, 1);
  EXPECT_EQ(mov.line, 7);
  EXPECT_EQ(total.opcode_tally().supported, 2);
  EXPECT_EQ(total.opcode_tally().total, 3);
  EXPECT_EQ(total.instruction_tally().supported, 3);
  EXPECT_EQ(total.instruction_tally().total, 4);
}

TEST(Coverage, TheTotalHasEachFunctionOnce) {
  const ModuleCoverage all = coverage_of(R"(.func far() { made.up; ret; }
.func near() { call far; ret; }
.func never() { other.one; ret; }
.visible .entry a() { call near; ret; }
.visible .entry b() { call near; exit; }
)");
  ASSERT_EQ(all.entries.size(), 2u);
  EXPECT_EQ(all.entries[0].instruction_tally().total, 6);
  EXPECT_EQ(all.entries[1].instruction_tally().total, 6);
  EXPECT_EQ(all.total.instruction_tally().total, 8);
  EXPECT_EQ(find(all.total, "call").instructions, 3);
  EXPECT_EQ(find(all.total, "made.up").instructions, 1);
  EXPECT_EQ(all.total.opcode_tally().total, 4);  // call, exit, made.up, ret
}

TEST(Coverage, NoEntryIsNothingMissing) {
  const ModuleCoverage all = coverage_of(".func f() { made.up; ret; }\n");
  EXPECT_TRUE(all.entries.empty());
  EXPECT_EQ(all.total.instruction_tally().total, 0);
  EXPECT_TRUE(all.total.is_complete());
}

}  // namespace
}  // namespace attest::ptx
