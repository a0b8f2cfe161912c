// Lines of `ptxas -v`: spills, shared memory, called functions, and text that is something else.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/ptxas.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

// Of ptxas 13.0, shortened.
constexpr std::string_view kTwoEntries = R"(ptxas info    : 0 bytes gmem, 256 bytes cmem[3]
ptxas info    : Compiling entry function '_Z5plainILi3EEvPf' for 'sm_80'
ptxas info    : Function properties for _Z5plainILi3EEvPf
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 8 registers, used 0 barriers, 360 bytes cmem[0]
ptxas info    : Compile time = 30.144 ms
ptxas info    : Compiling entry function 'spill' for 'sm_90a'
ptxas info    : Function properties for spill
    608 bytes stack frame, 396 bytes spill stores, 404 bytes spill loads
ptxas info    : Used 32 registers, used 1 barriers, 608 bytes cumulative stack size, 400 bytes smem, 360 bytes cmem[0]
ptxas info    : Compile time = 287.411 ms
)";

TEST(Ptxas, ReadsEveryFigure) {
  const std::vector<PtxasFigures> want = {
      {.entry = "_Z5plainILi3EEvPf", .arch = "sm_80", .registers = 8},
      {.entry = "spill",
       .arch = "sm_90a",
       .registers = 32,
       .spill_store_bytes = 396,
       .spill_load_bytes = 404,
       .stack_bytes = 608,
       .static_shared_bytes = 400}};
  EXPECT_EQ(parse_ptxas(kTwoEntries), want);
}

TEST(Ptxas, CalledFunctionsAreNotTheEntry) {
  const auto entries = parse_ptxas(
      "ptxas info    : Compiling entry function 'caller' for 'sm_80'\n"
      "ptxas info    : Function properties for caller\n"
      "    160 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
      "ptxas info    : Used 34 registers, used 0 barriers\n"
      "ptxas info    : Function properties for _Z4slowPfi\n"
      "    8 bytes stack frame, 16 bytes spill stores, 24 bytes spill loads\n");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].stack_bytes, 160);
  EXPECT_EQ(entries[0].spill_store_bytes, 0);
}

TEST(Ptxas, OtherTextIsPassedOver) {
  EXPECT_TRUE(parse_ptxas("").empty());
  EXPECT_TRUE(parse_ptxas("ptxas fatal   : Unresolved extern function 'f'").empty());
  EXPECT_TRUE(parse_ptxas("Compiling entry function 'cut off' for 'sm_80'\n").empty());
  EXPECT_EQ(parse_ptxas("Compiling entry function 'a' for 'sm_80'\nwarning\nUsed 9 registers")
                .at(0)
                .registers,
            9);
}

}  // namespace
}  // namespace attest
