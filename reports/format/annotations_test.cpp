// Workflow commands: at most ten, escaped, and none where nobody reads them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
Format format_annotations();
namespace {

std::string annotations(const RunRecord& run) {
  return format_annotations().render(run,
                                     {.has_colour = false, .baseline = nullptr, .is_github = true});
}

TEST(Annotations, of_a_falsified_run) {
  expect_golden(annotations(sample_run()), "red.annotations");
  EXPECT_EQ(format_annotations().render(sample_run(), {}), "") << "nobody reads them";
}

TEST(Annotations, none_of_a_green_run_and_a_warning_where_nothing_was_judged) {
  EXPECT_EQ(annotations(green_run()), "");
  EXPECT_EQ(annotations(RunRecord{}).substr(0, 41), "::warning title=attest::NOTHING JUDGED: 0");
}

TEST(Annotations, pipelines_that_fail) {
  const std::string text = annotations(sample_layer_run());
  EXPECT_NE(text.find("::error title=attest%3A pipeline single::layer(s=128,mask=causal-tl,"
                      "seed=0x2a): disagree launch 1: wrong by itself\n"),
            std::string::npos)
      << text;
}

TEST(Annotations, more_than_GitHub_shows_are_counted_in_the_last) {
  RunRecord run = sample_run();
  while (run.failures.size() < 12)
    run.failures.push_back(run.failures[0]);
  const std::string text = annotations(run);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_NE(text.find("::3 more failures are in the report\n"), std::string::npos) << text;
  run.failures.resize(10);
  EXPECT_EQ(annotations(run).find("more failures"), std::string::npos);
}

TEST(Annotations, hostile_text_starts_no_command) {
  RunRecord run = sample_run();
  run.failures[1].shrunk.which.kernel = "k,file=/etc/passwd::\n::set-env name=x::%0A\x01";
  const std::string text = annotations(run);
  EXPECT_EQ(text.find("\n::set-env"), std::string::npos) << text;
  EXPECT_NE(
      text.find("title=attest%3A k%2Cfile=/etc/passwd%3A%3A%0A%3A%3Aset-env name=x%3A%3A%250A?"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace attest
