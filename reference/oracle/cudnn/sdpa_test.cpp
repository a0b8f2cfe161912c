// Problems in cuDNN's conventions, and plan keys.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/sdpa.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

namespace attest {
namespace {

Problem problem(const char* text) {
  auto parsed = parse_problem(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed ? *parsed : Problem{};
}

SdpaBand band(const char* text) {
  const auto sdpa = as_sdpa(problem(text));
  EXPECT_TRUE(sdpa.has_value()) << sdpa.error().to_string();
  return sdpa ? sdpa->band : SdpaBand{};
}

std::string refusal(const char* text) {
  const auto sdpa = as_sdpa(problem(text));
  return sdpa ? "" : sdpa.error().message;
}

TEST(Sdpa, windows_count_the_diagonal) {
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=window(0,0,tl))"), (SdpaBand{false, 1, 0}));
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=window(7,3,br))"), (SdpaBand{true, 8, 3}));
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=window(-1,3,br))"), (SdpaBand{true, std::nullopt, 3}));
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=window(-1,-1,br))"),
            (SdpaBand{true, std::nullopt, std::nullopt}));
}

TEST(Sdpa, causal_is_a_right_end_and_the_smaller_one_wins) {
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=causal-tl)"), (SdpaBand{false, std::nullopt, 0}));
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=causal-br)"), (SdpaBand{true, std::nullopt, 0}));
  EXPECT_EQ(band("attn(sq=9,skv=12,mask=causal-tl&window(4,2,tl))"), (SdpaBand{false, 5, 0}));
}

TEST(Sdpa, alignments_that_mean_the_same_are_one) {
  EXPECT_EQ(band("attn(sq=9,mask=causal-br)"), (SdpaBand{false, std::nullopt, 0}));
  EXPECT_EQ(band("attn(sq=9,mask=causal-br&window(4,2,tl))"), (SdpaBand{false, 5, 0}));
  EXPECT_EQ(band("attn(sq=9,mask=causal-br&padding(8))"), (SdpaBand{true, std::nullopt, 0}));
  EXPECT_EQ(refusal("attn(sq=9,skv=12,mask=causal-br&window(4,2,tl))"),
            "causal and window have different alignments; cuDNN has one for both");
}

TEST(Sdpa, options_are_carried) {
  const auto sdpa =
      as_sdpa(problem("attn(b=2,hq=4,hkv=2,sq=9,skv=12,d=32,dv=64,dtype=bf16,gap(q=8),mask=padding("
                      "3,4)&bool,scale=0.5)"));
  ASSERT_TRUE(sdpa.has_value());
  EXPECT_EQ(
      to_string(*sdpa),
      "sdpa(type=bf16,b=2,hq=4,hk=2,hv=2,sq=9,skv=12,d=32,dv=64,q=1224x32x136x1,k=768x32x64x1,"
      "v=1536x64x128x1,o=2304x64x256x1,scale=0.5,padding,bias)");
}

TEST(Sdpa, what_changes_scores_is_carried) {
  const auto text = [](const char* options) {
    const auto sdpa = as_sdpa(problem(fmt::format("attn(hq=4,sq=9,d=8,{})", options).c_str()));
    EXPECT_TRUE(sdpa.has_value()) << options;
    const std::string line = sdpa ? to_string(*sdpa) : "";
    return line.substr(line.find("scale="));
  };
  EXPECT_EQ(text("scale=1"), "scale=1)");
  EXPECT_EQ(text("scale=1,mask=bool"), "scale=1,bias)");
  EXPECT_EQ(text("scale=1,mask=bias"), "scale=1,bias=4)");
  EXPECT_EQ(text("scale=1,mask=bool&bias"), "scale=1,bias=4)");
  EXPECT_EQ(text("scale=1,mask=causal-tl&alibi"), "scale=1,right=0,alibi)");
  EXPECT_EQ(text("scale=1,softcap=30,sink=1"), "scale=1,softcap=30,sink)");
}

TEST(Sdpa, a_bool_mask_is_minus_infinity_in_the_bias) {
  const Problem p = problem("attn(b=2,hq=2,sq=3,skv=5,d=8,mask=bool&bias)");
  const Inputs inputs = draw_inputs(p);
  const std::vector<double> bias = sdpa_bias(p, as_sdpa(p).value(), inputs);
  ASSERT_EQ(bias.size(), 60U);
  for (std::size_t at = 0; at < 60; ++at) {
    const std::size_t pair = at / 30 * 15 + at % 15;
    const double drawn = decode(
        p.dtype, load_bits(p.dtype, inputs.bias.bytes.data(), static_cast<std::int64_t>(at)));
    EXPECT_EQ(bias[at], inputs.keep[pair] != 0 ? drawn : -std::numeric_limits<double>::infinity());
  }
  Problem alone = p;
  alone.mask.bias = false;
  EXPECT_EQ(sdpa_bias(alone, as_sdpa(alone).value(), inputs).size(), 30U);
}

TEST(Sdpa, says_what_cudnn_cannot_be_asked) {
  EXPECT_EQ(refusal("attn(sq=9,skv=12,mask=causal-tl&alibi)"),
            "ALiBi counts from the bottom-right diagonal, cuDNN's from the top-left one");
  EXPECT_EQ(refusal("attn(b=2,sq=9,mask=causal-tl&alibi&padding(9,9))"), "");
  EXPECT_EQ(refusal("attn(b=2,sq=9,mask=causal-tl&alibi&padding(9,8))"),
            "ALiBi counts from the bottom-right diagonal, cuDNN's from the top-left one");
  EXPECT_EQ(refusal("attn(sq=9,fill=-1000)"),
            "a finite fill keeps hidden keys in the sum; cuDNN leaves them out");
  EXPECT_EQ(refusal("attn(sq=9,skew(k=2))"),
            "k is skewed; cuDNN is given addresses that are multiples of 16 bytes");
  EXPECT_EQ(refusal("attn(sq=9,skew(k=16))"), "");
  EXPECT_EQ(refusal("attn(sq=0)"), "without a row of q there is nothing to launch");
  EXPECT_EQ(refusal("attn(b=0,sq=4)"), "without a row of q there is nothing to launch");
}

TEST(PlanKey, has_what_a_plan_depends_on) {
  EXPECT_EQ(plan_key(problem("attn(hq=2,sq=9,mask=causal-tl&bias&alibi,softcap=2,sink=1)"), 90),
            "sm_90 f16 causal-tl&bias&alibi&softcap&sink d=64 mha bshd");
  EXPECT_EQ(plan_key(problem("attn(sq=9)"), 90), "sm_90 f16 none d=64 mha bshd");
  EXPECT_EQ(
      plan_key(problem("attn(hq=8,hkv=2,sq=9,skv=5,dtype=bf16,d=32,dv=64,layout=bhsd,gap(o=8),"
                       "mask=causal-br&window(3,-1,tl)&padding(4)&bool)"),
               120),
      "sm_120 bf16 causal-br&window-tl-left&padding&bool d=32/64 gqa bhsd+gap");
  EXPECT_EQ(plan_key(problem("attn(hq=8,hkv=1,sq=9,seed=7,data=ramp-up)"), 80),
            plan_key(problem("attn(b=3,hq=4,hkv=1,sq=80,scale=2)"), 80));
}

}  // namespace
}  // namespace attest
