// Two runs against each other: verdicts, counts over common cases, words.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare.h"

#include "harness/record/record_sample.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <limits>

namespace attest {
namespace {

const KernelChange& change_of(const Comparison& comparison, const std::string& kernel) {
  for (const KernelChange& change : comparison.kernels) {
    if (change.kernel == kernel) return change;
  }
  ADD_FAILURE() << "no " << kernel;
  static const KernelChange none;
  return none;
}

std::string text_of(const KernelChange& change, Metric metric) {
  return text_of(change[metric], metric);
}

TEST(Compare, equal_runs_are_the_same) {
  const Comparison comparison = compare(sample_run(), sample_run());
  EXPECT_EQ(comparison.common, 5);
  EXPECT_EQ(comparison.only_base, 0);
  EXPECT_EQ(comparison.only_new, 0);
  EXPECT_TRUE(comparison.failures.empty());
  ASSERT_EQ(comparison.kernels.size(), 5U);
  for (const KernelChange& change : comparison.kernels)
    EXPECT_EQ(change.word, ChangeWord::same) << change.kernel;
  const KernelChange& mma = change_of(comparison, "attention_mma f16");
  EXPECT_EQ(text_of(mma, Metric::launches), "1");
  EXPECT_EQ(text_of(mma, Metric::bytes), "20480");
  EXPECT_EQ(text_of(mma, Metric::ratio), "0.31");
  EXPECT_EQ(text_of(change_of(comparison, "attention_f32 f32"), Metric::bytes), "-")
      << "its traffic was not counted";
}

TEST(Compare, a_case_that_fails_now_is_a_new_failure_and_the_other_way_round_fixed) {
  RunRecord next = sample_run();
  next.cases[1].verdict = Verdict::disagree;
  next.cases[1].ratio_o = 31;
  next.cases[6].verdict = Verdict::agree;  // the race
  next.cases[6].findings.clear();
  const Comparison comparison = compare(sample_run(), next);
  ASSERT_EQ(comparison.failures.size(), 1U);
  EXPECT_EQ(comparison.failures[0].kernel, "attention_mma f16");
  EXPECT_EQ(comparison.failures[0].before, "agree");
  EXPECT_EQ(comparison.failures[0].after, "disagree");
  EXPECT_EQ(comparison.failures[0].replay, replay_line(next.cases[1].which));
  ASSERT_EQ(comparison.fixed.size(), 1U);
  EXPECT_EQ(comparison.fixed[0].kernel, "zoo/no_barrier f32");
  EXPECT_NE(comparison.fixed[0].what.find("Race on __shared__"), std::string::npos);
  const KernelChange& mma = change_of(comparison, "attention_mma f16");
  EXPECT_EQ(mma.word, ChangeWord::worse);
  EXPECT_EQ(text_of(mma, Metric::falsified), "0 -> 1 (1 new)");
  EXPECT_EQ(text_of(mma, Metric::ratio), "0.31 -> 31 (+30.7 in case 71504371)");
  EXPECT_EQ(text_of(mma, Metric::launches), "-") << "a failing case may have ended early";
  EXPECT_EQ(change_of(comparison, "zoo/no_barrier f32").word, ChangeWord::better);
}

TEST(Compare, another_failure_in_place_of_a_fixed_one_is_new) {
  RunRecord base = sample_run();
  base.cases.resize(2);
  base.cases[1].which.kernel = base.cases[0].which.kernel;
  RunRecord next = base;
  base.cases[0].verdict = Verdict::disagree;
  next.cases[1].verdict = Verdict::disagree;
  const Comparison comparison = compare(base, next);
  const KernelChange& f16 = change_of(comparison, "attention_f32 f16");
  EXPECT_EQ(f16[Metric::falsified]->rise, 1);
  EXPECT_EQ(comparison.failures.size(), 1U);
  EXPECT_EQ(comparison.fixed.size(), 1U);
}

TEST(Compare, counts_are_of_common_cases_alone) {
  RunRecord base = sample_run();
  RunRecord next = sample_run();
  base.cases.erase(base.cases.begin());      // attention_f32: only in the new run
  next.cases.erase(next.cases.begin() + 2);  // attention_mma bf16: only in the old one
  next.cases[1].launches.push_back(next.cases[1].launches[0]);
  const Comparison comparison = compare(base, next);
  EXPECT_EQ(change_of(comparison, "attention_f32 f32").word, ChangeWord::added);
  EXPECT_EQ(change_of(comparison, "attention_mma bf16").word, ChangeWord::gone);
  const KernelChange& mma = change_of(comparison, "attention_mma f16");
  EXPECT_EQ(mma.word, ChangeWord::worse);
  EXPECT_EQ(text_of(mma, Metric::launches), "1 -> 2 (+1, +100 %)");
  EXPECT_EQ(text_of(mma, Metric::bytes), "20480 -> 40960 (+20480, +100 %)");
  EXPECT_EQ(comparison.common, 3);
  EXPECT_EQ(comparison.only_base, 1);
  EXPECT_EQ(comparison.only_new, 1);
  EXPECT_EQ(
      headline(comparison),
      "1 WORSE, 1 NEW, 1 GONE, 2 SAME; 0 new failures, 0 fixed; 3 common cases, 1 gone, 1 new");
}

TEST(Compare, what_rises_and_falls_is_ambiguous) {
  RunRecord next = sample_run();
  next.cases[1].ratio_o = 0.5;
  next.cases[1].launches[0].counts.warp_instructions -= 21;
  const Comparison comparison = compare(sample_run(), next);
  const KernelChange& mma = change_of(comparison, "attention_mma f16");
  EXPECT_EQ(mma.word, ChangeWord::ambiguous);
  EXPECT_EQ(text_of(mma, Metric::instructions), "8421 -> 8400 (-21, -0.249 %)");
}

TEST(Compare, the_ratio_is_that_of_the_case_that_rose_most) {
  RunRecord base;
  for (const double ratio : {0.9, 0.1, 0.3}) {
    base.cases.push_back(sample_run().cases[1]);
    base.cases.back().ratio_o = ratio;
    std::get<Problem>(base.cases.back().which.problem).seed = base.cases.size();
  }
  RunRecord next = base;
  next.cases[1].ratio_o = 0.4;
  next.cases[2].ratio_o = 0.2;
  Comparison comparison = compare(base, next);
  const Figure& figure = *comparison.kernels.at(0)[Metric::ratio];
  EXPECT_EQ(figure.before, 0.1);
  EXPECT_EQ(figure.after, 0.4);
  EXPECT_EQ(figure.id, id(next.cases[1].which));
  EXPECT_NEAR(figure.fall, 0.1, 1e-12);

  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  next.cases[0].ratio_o = kNan;
  comparison = compare(base, next);
  EXPECT_EQ(comparison.kernels.at(0)[Metric::ratio]->rise, std::numeric_limits<double>::infinity());
  base.cases[0].ratio_o = kNan;
  comparison = compare(base, next);
  EXPECT_EQ(comparison.kernels.at(0)[Metric::ratio]->before, 0.1) << "Inf on both sides is no rise";
}

TEST(Compare, layers_by_pipeline) {
  RunRecord next = sample_layer_run();
  PipelineRecord& flash = next.layers[0].pipelines[1];
  flash.stages.push_back(flash.stages[0]);
  flash.launches = 3;
  Comparison comparison = compare(sample_layer_run(), next);
  const KernelChange& change = change_of(comparison, "layer(s=128,mask=causal-tl,seed=0x2a) flash");
  EXPECT_EQ(change.word, ChangeWord::worse);
  EXPECT_EQ(text_of(change, Metric::launches), "2 -> 3 (+1, +50 %)");
  EXPECT_EQ(text_of(change, Metric::touched), "20480 -> 30720 (+10240, +50 %)");
  flash.verdict = Verdict::fault;
  comparison = compare(sample_layer_run(), next);
  ASSERT_EQ(comparison.failures.size(), 1U);
  EXPECT_EQ(comparison.failures[0].replay,
            "attest count 'layer(s=128,mask=causal-tl,seed=0x2a)' --pipeline flash");
}

TEST(Compare, without_a_common_case_nothing_is_compared) {
  RunRecord base = sample_run();
  for (CaseResult& result : base.cases)
    std::get<Problem>(result.which.problem).seed += 1;
  const Comparison comparison = compare(base, sample_run());
  EXPECT_EQ(comparison.common, 0);
  EXPECT_EQ(change_of(comparison, "attention_f32 f32").word, ChangeWord::ambiguous);
  EXPECT_EQ(compare(RunRecord{}, RunRecord{}).kernels.size(), 0U);
}

}  // namespace
}  // namespace attest
