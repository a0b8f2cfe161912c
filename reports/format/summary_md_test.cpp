// summary.md against its golden files.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

namespace attest {
Format format_summary_md();
namespace {

TEST(SummaryMd, of_a_falsified_run) {
  EXPECT_EQ(format_summary_md().render(sample_run(), {}), golden("red.md"));
}

TEST(SummaryMd, of_a_layer) {
  EXPECT_EQ(format_summary_md().render(sample_layer_run(), {}), golden("layer.md"));
}

TEST(SummaryMd, stays_below_what_a_comment_holds) {
  RunRecord run = sample_run();
  for (int n = 0; n < 1000; ++n)
    run.failures.push_back(run.failures[0]);
  const std::string text = format_summary_md().render(run, {});
  EXPECT_LT(text.size(), 65'536U);
  EXPECT_NE(text.find("982 more failures are in run.json"), std::string::npos);
}

TEST(SummaryMd, escapes_what_would_end_a_cell) {
  RunRecord run = sample_layer_run();
  run.layers[0].pipelines[0].name = "a|b<c";
  const std::string text = format_summary_md().render(run, {});
  EXPECT_NE(text.find("| a\\|b\\<c |"), std::string::npos);
}

}  // namespace
}  // namespace attest
