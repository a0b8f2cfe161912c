// summary.md against its golden files.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
Format format_summary_md();
namespace {

TEST(SummaryMd, of_a_falsified_run) {
  expect_golden(format_summary_md().render(sample_run(), {}), "red.md");
}

TEST(SummaryMd, of_a_layer) {
  expect_golden(format_summary_md().render(sample_layer_run(), {}), "layer.md");
}

TEST(SummaryMd, stays_below_what_a_comment_holds) {
  RunRecord run = sample_run();
  for (int n = 0; n < 1000; ++n)
    run.failures.push_back(run.failures[0]);
  const std::string text = format_summary_md().render(run, {});
  EXPECT_LT(text.size(), 65'536U);
  EXPECT_NE(text.find("982 more failures are in run.json"), std::string::npos);
}

TEST(SummaryMd, stays_below_it_whatever_the_text) {
  RunRecord run = sample_run();
  const std::string text(100'000, 'x');
  run.profile = "quick";
  run.failures[0].shrunk.divergence->pattern = text;
  for (int n = 0; n < 2000; ++n) {
    run.cases.push_back(run.cases[3]);
    run.cases.back().reason = "reason " + std::to_string(n) + std::string(100, 'y');
  }
  const std::string markdown = format_summary_md().render(run, {});
  EXPECT_LT(markdown.size(), 65'536U);
  EXPECT_EQ(markdown.substr(0, 16), "<!-- attest -->\n");
  EXPECT_NE(markdown.find("1 parts did not fit in here"), std::string::npos);
  EXPECT_NE(markdown.find("### Kernels"), std::string::npos);
}

TEST(SummaryMd, says_what_has_changed_since_a_baseline) {
  RunRecord next = sample_run();
  next.cases[1].verdict = Verdict::disagree;
  const RunRecord base = sample_run();
  const std::string text =
      format_summary_md().render(next, {.has_colour = false, .baseline = &base});
  EXPECT_NE(text.find("### Since the baseline: 1 WORSE, 4 SAME; 1 new failure"), std::string::npos);
  EXPECT_NE(text.find(replay_line(next.cases[1].which)), std::string::npos);
  EXPECT_NE(text.find("| attention_mma f16 | WORSE |"), std::string::npos) << text;
}

TEST(SummaryMd, text_ends_no_block_and_starts_no_markup) {
  RunRecord run = sample_run();
  run.profile = "<img src=x>\n# a **b**\x01";
  run.failures[0].shrunk.divergence->pattern = "```\n# heading";
  const std::string text = format_summary_md().render(run, {});
  EXPECT_NE(text.find("Profile &lt;img src=x&gt; # a \\*\\*b\\*\\*?,"), std::string::npos) << text;
  std::int64_t fences = 0;
  for (std::size_t at = text.find("```"); at != std::string::npos; at = text.find("```", at + 3))
    ++fences;
  EXPECT_EQ(fences, 4) << "one block for each of two failures";
}

TEST(SummaryMd, escapes_what_would_end_a_cell) {
  RunRecord run = sample_layer_run();
  run.layers[0].pipelines[0].name = "a|b<c";
  const std::string text = format_summary_md().render(run, {});
  EXPECT_NE(text.find("| a\\|b\\<c |"), std::string::npos);
}

}  // namespace
}  // namespace attest
