// Attention on balls: the reference's own numbers when exact, and moved inputs stay inside.
// SPDX-License-Identifier: Apache-2.0
#include "reference/attention_balls.h"

#include "harness/base/rng.h"
#include "reference/attention.h"
#include "reference/hand_made.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

AttentionBalls exact(const Problem& problem, const Inputs& in) {
  return attention_balls(problem, exact_balls(in.q), exact_balls(in.k), exact_balls(in.v), in.keep);
}

const char* const kProblems[] = {
    "attn(b=2,hq=4,hkv=2,sq=5,skv=67,d=16,dv=24,gap(q=3,v=1))",
    "attn(hq=2,sq=9,skv=7,d=8,mask=causal-br,dtype=bf16)",
    "attn(b=2,hq=2,sq=6,skv=33,d=8,mask=bool,fill=-1000,layout=bhsd)",
    "attn(b=2,sq=6,skv=33,d=8,mask=bool&padding(33,0),dtype=f32,data=ramp-up)",
    "attn(sq=4,skv=130,d=8,scale=-2,data=needle)",
};

const std::vector<std::vector<double> ReferenceTerms::*> kSums = {&ReferenceTerms::weighted_abs_v,
                                                                  &ReferenceTerms::weighted_spread,
                                                                  &ReferenceTerms::products_spread,
                                                                  &ReferenceTerms::scores_spread,
                                                                  &ReferenceTerms::depth_spread,
                                                                  &ReferenceTerms::abs_v_over_l,
                                                                  &ReferenceTerms::abs_v_max,
                                                                  &ReferenceTerms::products_mean,
                                                                  &ReferenceTerms::scores_mean,
                                                                  &ReferenceTerms::depth_mean,
                                                                  &ReferenceTerms::products_max};

void expect_above(const ReferenceTerms& from_above, const ReferenceTerms& terms) {
  for (const auto member : kSums) {
    const auto& most = from_above.*member;
    const auto& own = terms.*member;
    ASSERT_EQ(most.size(), own.size());
    for (std::size_t at = 0; at < own.size(); ++at)
      ASSERT_LE(own[at], most[at] * (1 + 1e-9) + 1e-12) << at;
  }
}

TEST(AttentionBalls, WithoutRadiiItIsTheReference) {
  for (const char* text : kProblems) {
    SCOPED_TRACE(text);
    const Problem problem = parsed(text);
    const Inputs in = draw_inputs(problem);
    const ReferenceTerms want = reference_attention(problem, in);
    const AttentionBalls got = exact(problem, in);
    EXPECT_TRUE(got.radius.empty());
    EXPECT_EQ(got.terms.kept, want.kept);
    const ReferenceError error(problem, want);
    for (std::size_t e = 0; e < want.o.size(); ++e)
      ASSERT_LE(std::fabs(got.terms.o[e] - want.o[e]), 2 * error.output(e)) << e;
    for (std::size_t r = 0; r < want.lse.size(); ++r) {
      const bool is_empty = want.kept[r] == 0;
      ASSERT_TRUE(is_empty ? got.terms.lse[r] == want.lse[r]
                           : std::fabs(got.terms.lse[r] - want.lse[r]) <= 2 * error.lse(r));
    }
    expect_above(got.terms, want);
    for (std::size_t e = 0; e < want.o.size(); ++e)
      ASSERT_LE(got.terms.weighted_spread[e], 2.0 * want.weighted_abs_v[e] * (1 + 1e-9));
  }
}

TEST(AttentionBalls, ResultsStayWithinTheirRadius) {
  for (const char* text : kProblems) {
    for (const double size : {1e-5, 0.02, 0.5}) {
      SCOPED_TRACE(text);
      const Problem problem = parsed(text);
      const Inputs in = draw_inputs(problem);
      std::uint64_t dice = 0;
      std::array<Balls, 3> balls = {exact_balls(in.q), exact_balls(in.k), exact_balls(in.v)};
      for (Balls& tensor : balls) {
        for (std::size_t at = 0; at < tensor.value.size(); ++at)
          tensor.radius.push_back(size * static_cast<double>(random_bits(1, 2, ++dice) >> 32) *
                                  0x1p-32);
      }
      const AttentionBalls all = attention_balls(problem, balls[0], balls[1], balls[2], in.keep);
      double reach = 0;
      for (int trial = 0; trial < 20; ++trial) {
        std::array<Balls, 3> moved = balls;
        for (Balls& tensor : moved) {
          for (std::size_t at = 0; at < tensor.value.size(); ++at) {
            // The first trial moves v up all over, so that O moves as far as v does.
            const bool is_up =
                (random_bits(3, 4, ++dice) & 1) != 0 || (trial == 0 && &tensor == &moved[2]);
            tensor.value[at] += is_up ? tensor.radius[at] : -tensor.radius[at];
          }
          tensor.radius.clear();
        }
        const AttentionBalls one = attention_balls(problem, moved[0], moved[1], moved[2], in.keep);
        for (std::size_t e = 0; e < all.radius.size(); ++e) {
          const double distance = std::fabs(one.terms.o[e] - all.terms.o[e]);
          ASSERT_LE(distance, all.radius[e] * (1 + 1e-9) + 1e-13) << e;
          if (all.radius[e] > 0) reach = std::max(reach, distance / all.radius[e]);
        }
        expect_above(all.terms, one.terms);
      }
      EXPECT_TRUE(size > 0.1 || reach > 0.1) << reach;
    }
  }
}

// One key: O is v, whatever the scores do.
TEST(AttentionBalls, OneKeyMovesWithItsValueOnly) {
  const Problem problem = parsed("attn(sq=1,d=1,dtype=f32)");
  Inputs in = draw_inputs(problem);
  Balls v = exact_balls(in.v);
  v.radius = {0.25};
  const AttentionBalls got = attention_balls(problem, exact_balls(in.q), exact_balls(in.k), v, {});
  EXPECT_EQ(got.radius, (std::vector<double>{0.25}));
  EXPECT_EQ(got.terms.o[0], v.value[0]);
}

}  // namespace
}  // namespace attest
