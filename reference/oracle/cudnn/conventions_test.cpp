// The conventions, and that the comparison tells each from its mistakes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/conventions.h"

#include "reference/attention.h"
#include "reference/oracle/cudnn/gpu.h"
#include "reference/oracle/cudnn/survey.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace attest {
namespace {

Problem problem(const char* text) {
  return parse_problem(text).value();
}

/// What the reference itself says of the problem, as if a graph had said it.
GraphOpinion own_opinion(const Problem& p) {
  const ReferenceTerms reference = reference_attention(p, draw_inputs(p));
  return {reference.o, reference.lse};
}

std::vector<std::string> names(const std::vector<Mistake>& list) {
  std::vector<std::string> all;
  for (const Mistake& mistake : list)
    all.push_back(mistake.name);
  return all;
}

TEST(Conventions, every_kind_goes_to_every_gpu) {
  std::map<std::string, std::set<int>> gpus;
  std::set<std::string> keys;
  for (const SurveyedKey& key : survey_keys(cudnn_conventions())) {
    EXPECT_TRUE(as_sdpa(key.problem).has_value()) << key.key;
    EXPECT_TRUE(score_extra(key.problem).has_value()) << key.key;
    EXPECT_TRUE(keys.insert(key.key).second) << key.key;
    if (key.problem.sink) gpus["sink"].insert(key.sm);
    if (key.problem.softcap) gpus["softcap"].insert(key.sm);
    if (key.problem.mask.alibi) gpus["alibi"].insert(key.sm);
    if (key.problem.mask.bias) gpus["bias"].insert(key.sm);
  }
  EXPECT_EQ(keys.size(), cudnn_conventions().size());
  ASSERT_EQ(gpus.size(), 4U);
  for (const auto& [kind, seen] : gpus)
    EXPECT_EQ(seen.size(), described_gpus().size()) << kind;
}

TEST(Conventions, none_is_like_its_mistakes) {
  std::set<std::string> shown;
  for (const Problem& p : cudnn_conventions()) {
    const std::vector<Mistake> wrong = mistakes(p);
    EXPECT_FALSE(wrong.empty()) << to_string(p);
    EXPECT_EQ(mistaken_for(own_opinion(p), wrong), std::nullopt) << to_string(p);
    for (const std::string& name : names(wrong))
      shown.insert(name);
  }
  EXPECT_EQ(shown.size(), 7U);  // of all kinds that mistakes() knows
}

TEST(Mistakes, are_those_that_a_problem_can_show) {
  EXPECT_TRUE(mistakes(problem("attn(sq=9)")).empty());
  EXPECT_EQ(names(mistakes(problem("attn(sq=9,skv=12,mask=causal-br&window(3,-1,br)&bool)"))),
            (std::vector<std::string>{
                "the window is one shorter", "the other alignment", "bool is ignored"}));
  EXPECT_EQ(names(mistakes(problem("attn(sq=9,mask=causal-br&bias&alibi,softcap=2,sink=1)"))),
            (std::vector<std::string>{"the bias is ignored",
                                      "ALiBi has the other sign",
                                      "softcap is ignored",
                                      "the sink is ignored"}));
}

// The comparison is not blind: what is no mistake is named as agreed with.
TEST(Mistakes, one_that_is_none_is_named) {
  const Problem p = problem("attn(hq=2,sq=33,mask=causal-tl&alibi,sink=1)");
  std::vector<Mistake> wrong = mistakes(p);
  wrong.push_back({"nothing is mistaken", p, draw_inputs(p)});
  EXPECT_EQ(mistaken_for(own_opinion(p), wrong), "nothing is mistaken");
}

// With the sign back as it should be, the bias of the mistake is ALiBi (slopes 2^-4 and 2^-8, exact).
TEST(Mistakes, alibis_bias_differs_by_its_sign_alone) {
  const Problem p = problem("attn(hq=2,sq=33,skv=40,mask=causal-tl&alibi)");
  Mistake wrong = mistakes(p).back();
  ASSERT_EQ(wrong.name, "ALiBi has the other sign");
  HostTensor& bias = wrong.inputs.bias;
  for (std::int64_t h = 0; h < 2; ++h)
    for (std::int64_t i = 0; i < 33; ++i)
      for (std::int64_t j = 0; j < 40; ++j)
        bias.set_bits(0, h, i, j, encode(Dtype::f32, -bias.value(0, h, i, j)));
  EXPECT_EQ(mistaken_for(own_opinion(p), {wrong}), "ALiBi has the other sign");
}

}  // namespace
}  // namespace attest
