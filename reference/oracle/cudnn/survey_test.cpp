// The keys of a survey.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/survey.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

Problem problem(const char* text) {
  return parse_problem(text).value();
}

TEST(SurveyKeys, distinct_kinds_go_round_the_gpus_in_case_order) {
  const auto keys = survey_keys({problem("attn(sq=4)"),
                                 problem("attn(sq=9)"),
                                 problem("attn(sq=0,dtype=f32)"),
                                 problem("attn(sq=4,skv=0,dtype=f32)"),
                                 problem("attn(b=0,sq=4,dtype=f32)"),
                                 problem("attn(sq=4,d=32)"),
                                 problem("attn(sq=4,dtype=bf16)"),
                                 problem("attn(sq=4,d=32)"),
                                 problem("attn(sq=4,layout=bhsd)"),
                                 problem("attn(sq=4,mask=bool)"),
                                 problem("attn(hq=2,hkv=1,sq=4)")});
  std::vector<std::string> names;
  for (const SurveyedKey& key : keys)
    names.push_back(key.key);
  EXPECT_EQ(names,
            (std::vector<std::string>{"sm_80 f16 none d=64 mha bshd",
                                      "sm_89 f16 none d=32 mha bshd",
                                      "sm_90 bf16 none d=64 mha bshd",
                                      "sm_100 f16 none d=64 mha bhsd",
                                      "sm_120 f16 bool d=64 mha bshd",
                                      "sm_80 f16 none d=64 mqa bshd"}));
  EXPECT_EQ(keys[0].problem.seq_q, 4);
}

TEST(Survey, an_agreement_says_what_it_rests_on) {
  SurveyedKey key{"", problem("attn(sq=4,dtype=f32)"), 89, {}, std::nullopt, {}};
  EXPECT_EQ(agreement(key), "");
  key.told_apart = {"the sink is ignored", "the other alignment"};
  EXPECT_EQ(agreement(key), "told apart from: the sink is ignored, the other alignment");
  key.answer.composite = "f32";
  EXPECT_EQ(
      agreement(key),
      "the plan is one node; the graph is that of the composite form; told apart from: the sink "
      "is ignored, the other alignment");
  key.told_apart.clear();
  key.answer.composite = "bf16";
  EXPECT_EQ(agreement(key),
            "the plan is one node; the graph is that of the composite form in bf16");
}

TEST(Survey, a_program_that_is_not_there_is_an_error) {
  SurveyOptions options;
  options.program = "/nowhere/attest-cudnn";
  EXPECT_FALSE(survey({problem("attn(sq=4)")}, options).has_value());
}

}  // namespace
}  // namespace attest
