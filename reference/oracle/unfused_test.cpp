// The oracle unfused against numbers on paper, and against the reference where nothing is rounded.
// SPDX-License-Identifier: Apache-2.0
#include "reference/unfused.h"

#include "reference/attention.h"
#include "reference/oracle/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

Problem parsed(const char* text) {
  Result<Problem> problem = parse_problem(text);
  EXPECT_TRUE(problem.has_value()) << text;
  return *problem;
}

TEST(OracleUnfused, is_listed_and_takes_plain_attention) {
  const auto& all = all_oracles();
  const auto at =
      std::find_if(all.begin(), all.end(), [](const Oracle& o) { return o.name == "unfused"; });
  ASSERT_NE(at, all.end());
  const Problem p = parsed("attn(sq=2,skv=3,d=8,fill=-1000,mask=causal-br)");
  EXPECT_TRUE(at->is_built());
  EXPECT_FALSE(at->refusal(p).has_value());
  EXPECT_EQ(at->refusal(parsed("attn(sq=2,mask=bias)")), "mask=bias");
  EXPECT_EQ(at->refusal(parsed("attn(sq=2,sink=1)")), "sink=1");
  const auto opinion = at->run(p);
  ASSERT_TRUE(opinion.has_value());
  EXPECT_EQ(opinion->tier, "unfused");
  EXPECT_EQ(opinion->o.size(), 16U);
  EXPECT_EQ(opinion->lse.size(), 2U);
}

// q = 1.5, k = 1 + 2^-10: the product needs 12 bits and f16 has 11; halfway rounds to even.
TEST(OracleUnfused, stores_the_scores_in_the_dtype) {
  const Problem p = parsed("attn(sq=1,skv=1,d=1,scale=1)");
  Inputs in = draw_inputs(p);
  in.q.set_bits(0, 0, 0, 0, encode(Dtype::f16, 1.5));
  in.k.set_bits(0, 0, 0, 0, encode(Dtype::f16, 1 + 0x1p-10));
  EXPECT_EQ(unfused_attention(p, in).lse[0], 1.5 + 0x1p-9);
}

// Scores 0 and ln 2 as f16 has it, which is 2^-12 or so off: P and O are f16 numbers near 1/3, 2/3.
TEST(OracleUnfused, stores_p_and_o_in_the_dtype) {
  const Problem p = parsed("attn(sq=1,skv=2,d=1,scale=1)");
  Inputs in = draw_inputs(p);
  const double ln2 = decode(Dtype::f16, encode(Dtype::f16, std::log(2.0)));
  in.q.set_bits(0, 0, 0, 0, encode(Dtype::f16, 1));
  in.k.set_bits(0, 0, 0, 0, encode(Dtype::f16, 0));
  in.k.set_bits(0, 0, 1, 0, encode(Dtype::f16, ln2));
  in.v.set_bits(0, 0, 0, 0, encode(Dtype::f16, 0));
  in.v.set_bits(0, 0, 1, 0, encode(Dtype::f16, 1));
  const double weight = std::exp(ln2) / (1 + std::exp(ln2));
  EXPECT_EQ(unfused_attention(p, in).o[0], decode(Dtype::f16, encode(Dtype::f16, weight)));
}

TEST(OracleUnfused, is_near_the_reference_with_every_mask) {
  for (const char* text :
       {"attn(b=2,hq=4,hkv=2,sq=9,skv=13,d=16,dtype=f32,mask=causal-br&padding(13,6))",
        "attn(sq=6,skv=40,d=8,dtype=f32,mask=window(3,9,tl)&bool)",
        "attn(sq=4,skv=20,d=8,dtype=f32,mask=bool,fill=-3)",
        "attn(sq=3,skv=2,d=8,dtype=f32,mask=causal-br)",
        "attn(sq=3,skv=9,d=8,dtype=f32,mask=padding(5),data=poison)"}) {
    SCOPED_TRACE(text);
    const Problem p = parsed(text);
    const Inputs in = draw_inputs(p);
    const ReferenceTerms terms = reference_attention(p, in);
    const UnfusedAttention unfused = unfused_attention(p, in);
    for (std::size_t e = 0; e < terms.o.size(); ++e)
      EXPECT_NEAR(unfused.o[e], terms.o[e], 2e-6 * (1 + terms.abs_v_max[e]));
    for (std::size_t row = 0; row < terms.lse.size(); ++row) {
      if (terms.kept[row] == 0) {
        EXPECT_EQ(unfused.lse[row], terms.lse[row]);
      } else {
        EXPECT_NEAR(unfused.lse[row], terms.lse[row], 2e-6 * (1 + std::fabs(terms.lse[row])));
      }
    }
  }
}

}  // namespace
}  // namespace attest
