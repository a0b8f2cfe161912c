// Special registers as a kernel sees them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// The words that `body` stores with st.global.u32 [%out+..] in one block of `launch`.
std::vector<std::uint32_t> words(const std::string& body, const Launch& launch) {
  const Outcome o = run(body, launch, 0);
  EXPECT_FALSE(o.finding) << describe(*o.finding);
  return o.words;
}

TEST(SpecialRegisters, SharedMemoryAndTheOnlyCluster) {
  Launch launch = launch_of(1, 1);
  launch.dynamic_shared_bytes = 1000;  // beside the 256 that the kernel has
  const auto w = words(
      "mov.u32 %r0, %dynamic_smem_size; st.global.u32 [%out], %r0;\n"
      "mov.u32 %r0, %total_smem_size; st.global.u32 [%out+4], %r0;\n"
      "mov.u32 %r0, %aggr_smem_size; st.global.u32 [%out+8], %r0;\n"
      "mov.u32 %r0, %cluster_nctarank; st.global.u32 [%out+12], %r0;\n"
      "mov.u32 %r0, %cluster_ctarank; st.global.u32 [%out+16], %r0;\n"
      "mov.u32 %r0, %cluster_nctaid.y; st.global.u32 [%out+20], %r0;\n"
      "mov.pred %p, %is_explicit_cluster; selp.u32 %r0, 1, 2, %p; st.global.u32 [%out+24], %r0;\n"
      "mov.u32 %r0, %nsmid; st.global.u32 [%out+28], %r0;\n"
      "mov.u32 %r0, %envreg5; st.global.u32 [%out+32], %r0;\n"
      "mov.u32 %r0, WARP_SZ; st.global.u32 [%out+36], %r0;",
      launch);
  EXPECT_EQ(std::vector<std::uint32_t>(w.begin(), w.begin() + 10),
            (std::vector<std::uint32_t>{1000, 1280, 2304, 1, 0, 1, 2, 1, 0, 32}));
}

TEST(SpecialRegisters, GridsHaveThreeAxes) {
  Launch launch;
  launch.grid = {2, 3, 4};
  launch.block = {1, 1, 1};
  const auto w = words(
      "mov.u32 %r0, %ctaid.x; mov.u32 %r1, %ctaid.y; mov.u32 %r2, %ctaid.z; mov.u32 %r3, "
      "%nctaid.y;\nmov.u32 %r4, %clusterid.z; mad.lo.u32 %r5, %r2, %r3, %r1; mov.u32 %r3, "
      "%nctaid.x;\n"
      "mad.lo.u32 %r5, %r5, %r3, %r0; mul.wide.u32 %d0, %r5, 4; add.u64 %d0, %d0, %out;\n"
      "add.u32 %r4, %r4, 1; st.global.u32 [%d0], %r4;",
      launch);
  for (std::uint32_t n = 0; n < 24; ++n)
    EXPECT_EQ(w[n], n / 6 + 1) << n;
}

TEST(SpecialRegisters, ClocksCountWarpInstructions) {
  const std::string body =
      "mov.u64 %d0, %clock64; add.u32 %r0, %tid, 1; add.u32 %r0, %r0, 1; mov.u64 %d1, %clock64;\n"
      "sub.u64 %d1, %d1, %d0; st.global.u64 [%out], %d1; mov.u32 %r1, %clock; mov.u32 %r2, "
      "%clock;\n"
      "sub.u32 %r2, %r2, %r1; st.global.u32 [%out+8], %r2; mov.u32 %r3, %clock_hi;\n"
      "st.global.u32 [%out+12], %r3;";
  const auto w = words(body, launch_of(1, 1));
  EXPECT_EQ(w[0], 3U) << "from one reading to the next";
  EXPECT_EQ(w[2], 1U);
  EXPECT_EQ(w[3], 0U);
}

TEST(SpecialRegisters, AWaitForATimeEnds) {
  const auto w = words(
      "mov.u64 %d0, %globaltimer;\nWAIT: mov.u64 %d1, %globaltimer; sub.u64 %d1, %d1, %d0;\n"
      "setp.lt.u64 %p, %d1, 100000; @%p bra WAIT; st.global.u64 [%out], %d1;",
      launch_of(1, 1));
  EXPECT_GE(w[0], 100000U);
}

TEST(SpecialRegisters, OfHardwareOnlyAreRefused) {
  const auto refusal = [](const std::string& body) {
    const auto module = parse_module(kernel(body), "t");
    EXPECT_TRUE(module.has_value()) << module.error().to_string();
    const auto program = decode(*module, "t", "e");
    return program ? "" : program.error().message;
  };
  EXPECT_EQ(refusal("mov.u32 %r0, %pm0;"), "'mov.u32': special register '%pm0' is not implemented");
  EXPECT_EQ(refusal("mov.u64 %d0, %pm3_64;"),
            "'mov.u64': special register '%pm3_64' is not implemented");
  EXPECT_EQ(refusal("mov.u32 %r0, %clock64;"), "'mov.u32': '%clock64' has 64 bits, not 32");
}

}  // namespace
}  // namespace attest::ptx
