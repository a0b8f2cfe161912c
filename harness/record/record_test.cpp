// Counts and sums of a run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record.h"

#include "harness/record/record_sample.h"
#include "harness/record/totals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

TEST(Record, counts_each_verdict_and_calls_three_of_them_judged) {
  const RunRecord run = sample_run();
  EXPECT_EQ(count(run, Verdict::agree), 3);
  EXPECT_EQ(count(run, Verdict::disagree), 1);
  EXPECT_EQ(count(run, Verdict::fault), 1);
  EXPECT_EQ(count(run, Verdict::refused), 2);
  EXPECT_EQ(count(run, Verdict::not_run), 1);
  EXPECT_EQ(judged(run), 5);
  EXPECT_EQ(judged(RunRecord{}), 0);
}

TEST(Totals, cells_are_sorted_and_add_up) {
  const Totals totals = tally(sample_run());
  EXPECT_EQ(totals.launches, 5);
  ASSERT_EQ(totals.cells.size(), 6U);
  EXPECT_EQ(totals.cells[0].kernel, "attention_f32");
  EXPECT_EQ(totals.cells[1].kernel, "attention_mma");
  EXPECT_EQ(totals.cells[1].property, "agrees_with_reference");
  EXPECT_EQ(totals.cells[1].dtype, Dtype::f16);
  EXPECT_EQ(totals.cells[1].counts[Verdict::agree], 1);
  EXPECT_EQ(totals.cells[1].counts[Verdict::refused], 2);
  EXPECT_EQ(totals.cells[1].counts.judged(), 1);
  EXPECT_EQ(totals.cells[2].dtype, Dtype::bf16);
  VerdictCounts sum;
  for (const Cell& cell : totals.cells) {
    for (const Verdict verdict : kVerdicts)
      sum[verdict] += cell.counts[verdict];
  }
  EXPECT_EQ(sum, totals.counts);
}

TEST(Totals, the_largest_ratio_names_its_case) {
  const RunRecord run = sample_run();
  const Totals totals = tally(run);
  ASSERT_EQ(totals.largest.size(), 3U);
  EXPECT_EQ(totals.largest[1].dtype, Dtype::f16);
  EXPECT_EQ(totals.largest[1].o.ratio, 428.5);
  EXPECT_EQ(totals.largest[1].o.id, id(run.cases[5].which));
  EXPECT_EQ(totals.largest[1].lse.ratio, 0.25);
  EXPECT_EQ(totals.largest[2].dtype, Dtype::bf16);
  EXPECT_EQ(totals.largest[2].lse.ratio, 1e-300);
}

TEST(Totals, no_number_hides_a_nan) {
  const Case which = sample_run().cases[0].which;
  Largest largest;
  largest.take(0.5, which);
  largest.take(std::numeric_limits<double>::quiet_NaN(), which);
  largest.take(std::numeric_limits<double>::infinity(), which);
  EXPECT_TRUE(std::isnan(largest.ratio));
}

TEST(Totals, refused_cases_are_skips_by_reason_and_never_count_for_the_largest) {
  RunRecord run = sample_run();
  run.cases[3].ratio_o = 1e9;
  const Totals totals = tally(run);
  ASSERT_EQ(totals.skips.size(), 3U);
  EXPECT_EQ(totals.skips[0].kernel, "attention_mma");
  EXPECT_EQ(totals.skips[0].reason, "rows of k are not 16-byte aligned");
  EXPECT_EQ(totals.skips[0].cases, 1);
  EXPECT_EQ(totals.skips[2].verdict, Verdict::not_run);
  EXPECT_EQ(totals.skips[2].reason, "interrupted");
  EXPECT_EQ(totals.largest[1].o.ratio, 428.5);
}

}  // namespace
}  // namespace attest
