// Floating-point operations of single instructions and of whole launches, worked by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/flops.h"

#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <string>

namespace attest::ptx {
namespace {

/// "add.f32 %f0, %f1, %f2" as the parser reads it.
Instruction instruction(const std::string& text) {
  const auto module = parse_module(
      ".version 9.0\n.target sm_90\n.address_size 64\n.entry e() { " + text + "; }", "t");
  EXPECT_TRUE(module.has_value()) << text << ": " << module.error().to_string();
  if (!module) return {};
  return std::get<Instruction>(module->functions.front().body->statements.front());
}

TEST(Flops, OfInstructions) {
  const struct {
    const char* text;
    std::int64_t want;
  } rows[] = {
      {"add.rn.f32 %f0, %f1, %f2", 32},
      {"sub.f64 %d0, %d1, %d2", 32},
      {"mul.bf16 %h0, %h1, %h2", 32},
      {"fma.rn.ftz.f32 %f0, %f1, %f2, %f3", 64},
      {"mad.rn.f32 %f0, %f1, %f2, %f3", 64},
      {"fma.rn.f16x2 %r0, %r1, %r2, %r3", 128},
      {"fma.rn.relu.bf16x2 %r0, %r1, %r2, %r3", 128},
      {"fma.rn.f32x2 %d0, %d1, %d2, %d3", 128},
      {"add.f16x2 %r0, %r1, %r2", 64},
      {"max.NaN.f16x2 %r0, %r1, %r2", 64},
      {"max.ftz.f32 %f0, %f1, %f2", 32},
      {"min.f32 %f0, %f1, %f2, %f3", 64},
      {"ex2.approx.ftz.f32 %f0, %f1", 32},
      {"ex2.approx.f16x2 %r0, %r1", 64},
      {"div.rn.f32 %f0, %f1, %f2", 32},
      {"rsqrt.approx.f32 %f0, %f1", 32},
      {"tanh.approx.bf16x2 %r0, %r1", 64},
      {"@%p add.f32 %f0, %f1, %f2", 32},
      {"atom.global.add.f32 %f0, [%d0], %f1", 32},
      {"red.global.v4.f32.add [%d0], {%f0, %f1, %f2, %f3}", 128},
      {"red.global.add.noftz.v2.bf16x2 [%d0], {%r0, %r1}", 128},
      {"atom.global.exch.b32 %r0, [%d0], %r1", 0},
      {"red.global.add.u32 [%d0], %r1", 0},
      {"add.s32 %r0, %r1, %r2", 0},
      {"mad.lo.s32 %r0, %r1, %r2, %r3", 0},
      {"div.u32 %r0, %r1, %r2", 0},
      {"setp.lt.f32 %p, %f1, %f2", 0},
      {"neg.f32 %f0, %f1", 0},
      {"abs.f32 %f0, %f1", 0},
      {"cvt.rn.f16x2.f32 %r0, %f1, %f2", 0},
      {"mov.f32 %f0, %f1", 0},
      {"selp.f32 %f0, %f1, %f2, %p", 0},
      {"ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%d0]", 0},
      {"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, "
       "{%r0, %r1, %r2, %r3}, {%r4, %r5}, {%f0, %f1, %f2, %f3}",
       2 * 16 * 8 * 16},
      {"mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f0, %f1, %f2, %f3}, "
       "{%r0, %r1, %r2, %r3}, {%r4, %r5}, {%f0, %f1, %f2, %f3}",
       2 * 16 * 8 * 8},
      {"mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d0, %d1}, {%d2}, {%d3}, {%d0, %d1}",
       2 * 8 * 8 * 4},
      {"mma.sync.aligned.m8n8k4.row.row.f16.f16.f16.f16 {%r0, %r1, %r2, %r3}, {%r4, %r5}, "
       "{%r6, %r7}, {%r0, %r1, %r2, %r3}",
       4 * 2 * 8 * 8 * 4},
      {"mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%r0, %r1, %r2, %r3}, {%r4, %r5}, {%r6}, "
       "{%r0, %r1, %r2, %r3}",
       0},
      {"wmma.mma.sync.aligned.row.col.m32n8k16.f32.f32 {%f0}, {%r0}, {%r1}, {%f0}",
       2 * 32 * 8 * 16},
      {"wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%r0}, [%r1]", 0},
  };
  for (const auto& row : rows)
    EXPECT_EQ(flops(instruction(row.text)), row.want) << row.text;
}

TEST(Flops, OfALaunch) {
  // 2 blocks of 3 warps, the last with 8 threads: as issued, each counts as 32 lanes.
  const Outcome o =
      run_text(kernel(".reg .f32 %f<4>; .reg .b32 %x<8>; mov.f32 %f0, 0f3F800000; mov.u32 %r0, 0;\n"
                      "LOOP: fma.rn.f32 %f1, %f0, %f0, %f0; ex2.approx.f32 %f2, %f0;\n"
                      "setp.gt.u32 %p, %lane, 3; @%p add.f32 %f3, %f0, %f0;\n"
                      "add.u32 %r0, %r0, 1; setp.lt.u32 %p, %r0, 5; @%p bra LOOP;"),
               launch_of(2, 72),
               {});
  ASSERT_FALSE(o.finding) << describe(*o.finding);
  EXPECT_EQ(o.counts.flops, 2 * 3 * 5 * 32 * (2 + 1 + 1));
  EXPECT_EQ(o.counts.mma_flops, 0);
}

TEST(Flops, OfMatrixInstructionsAreAmongThem) {
  const Outcome o = run_text(
      kernel(".reg .f32 %f<4>; .reg .b32 %x<8>; mov.f32 %f0, 0f00000000; mov.u32 %x0, 0;\n"
             "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3},\n"
             "{%x0, %x0, %x0, %x0}, {%x0, %x0}, {%f0, %f0, %f0, %f0}; mul.f32 %f1, %f1, %f2;"),
      launch_of(1, 64),
      {});
  ASSERT_FALSE(o.finding) << describe(*o.finding);
  EXPECT_EQ(o.counts.mma_flops, 2 * 2 * 16 * 8 * 16);
  EXPECT_EQ(o.counts.flops, o.counts.mma_flops + 2 * 32);
}

}  // namespace
}  // namespace attest::ptx
