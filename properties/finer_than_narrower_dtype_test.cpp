// Holds for the reference; an answer that went through a narrower dtype is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

const Property& property() {
  return property_named("finer_than_narrower_dtype");
}

TEST(FinerThanNarrowerDtype, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// O with this many significant bits.
Subject coarse_subject(int bits) {
  return spoilt_subject(
      [bits](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        for (std::int64_t i = 0; i < problem.seq_q; ++i) {
          for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
            int exponent = 0;
            const double fraction = std::frexp(o.value(0, 0, i, d), &exponent);
            const double coarse = std::nearbyint(std::ldexp(fraction, bits));
            o.set_bits(0, 0, i, d, encode(problem.dtype, std::ldexp(coarse, exponent - bits)));
          }
        }
      });
}

/// The worst case bound of a kernel that rounds P allows for twice that and more.
TEST(FinerThanNarrowerDtype, TheNextNarrowerDtypeIsCaught) {
  const Case f16 = case_of("attn(sq=4,skv=64,seed=1)");
  EXPECT_EQ(run_case(f16, coarse_subject(11), property()).verdict, Verdict::agree);
  const CaseResult result = run_case(f16, coarse_subject(8), property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(run_case(case_of("attn(sq=4,skv=64,dtype=bf16,seed=1)"), coarse_subject(4), property())
                .verdict,
            Verdict::disagree);
  EXPECT_EQ(run_case(case_of("attn(sq=4,skv=64,dtype=f32,seed=1)"), coarse_subject(11), property())
                .verdict,
            Verdict::disagree);
}

TEST(FinerThanNarrowerDtype, IsAboutDataOfOneSize) {
  EXPECT_TRUE(property().applies(case_of("attn(sq=3)").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,scale=2)").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,data=needle)").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,d=8)").attention()));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused = property().focus(
        case_of("attn(b=0,sq=0,d=8,scale=3,data=needle,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
