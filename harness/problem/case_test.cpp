// Replay lines and ids; the ids were computed by `xxhsum -H3` 0.8.1 from the lines.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/case.h"

#include <gtest/gtest.h>

#include <set>

namespace attest {
namespace {

Case simple_case() {
  Case c{*parse_problem("attn(sq=257)"), "attention_f32", "agrees_with_reference", {}};
  return c;
}

TEST(Case, LineHasNoDefaults) {
  EXPECT_EQ(replay_line(simple_case()),
            "attest replay 'attn(sq=257)' --kernel attention_f32 --property agrees_with_reference");
  EXPECT_EQ(id(simple_case()), "2f945834");
}

TEST(Case, AnOperationIsACaseToo) {
  Case c;
  c.problem = *parse_any("gemm(m=3,tb=1)");
  c.kernel = "gemm_mma";
  c.property = "agrees_with_reference";
  EXPECT_EQ(replay_line(c),
            "attest replay 'gemm(m=3,tb=1)' --kernel gemm_mma --property agrees_with_reference");
  EXPECT_THROW((void)c.attention(), InternalError);
}

TEST(Case, LineNamesTheMode) {
  const Case c{*parse_problem("attn(b=2,hq=8,hkv=2,sq=65,skv=127,dtype=bf16,"
                              "mask=causal-br&window(31,0,br),data=ramp-up,seed=0x9e3779b9)"),
               "zoo/no_rescale",
               "masked_keys_are_inert",
               {.arch = "sm_90", .schedule = 7}};
  EXPECT_EQ(replay_line(c),
            "attest replay 'attn(b=2,hq=8,hkv=2,sq=65,skv=127,dtype=bf16,"
            "mask=causal-br&window(31,0,br),data=ramp-up,seed=0x9e3779b9)' --kernel zoo/no_rescale "
            "--property masked_keys_are_inert --arch sm_90 --schedule 7");
  EXPECT_EQ(id(c), "efe332f7");
}

TEST(Case, LineNamesOpenArithmeticWhereItIsNotTheDefault) {
  Case c = simple_case();
  c.mode = {.mma = MmaBits::fast,
            .approx = Approx::low,
            .contract = Contract::on,
            .device = Device::cuda};
  EXPECT_EQ(replay_line(c),
            replay_line(simple_case()) + " --mma fast --approx low --contract on --device cuda");
  c.mode = {.schedule = 7, .approx = Approx::random};
  EXPECT_EQ(replay_line(c), replay_line(simple_case()) + " --schedule 7 --approx random");
}

TEST(Case, IdChangesWithEveryPart) {
  Case other = simple_case();
  other.mode.schedule = 1;
  EXPECT_NE(id(other), id(simple_case()));
  const Mode modes[] = {{.mma = MmaBits::fast},
                        {.approx = Approx::low},
                        {.approx = Approx::high},
                        {.approx = Approx::random},
                        {.contract = Contract::on},
                        {.device = Device::cuda}};
  std::set<std::string> ids = {id(simple_case())};
  for (const Mode& mode : modes) {
    other = simple_case();
    other.mode = mode;
    EXPECT_TRUE(ids.insert(id(other)).second) << replay_line(other);
  }
  other = simple_case();
  std::get<Problem>(other.problem).seed = 1;
  EXPECT_NE(id(other), id(simple_case()));
}

}  // namespace
}  // namespace attest
