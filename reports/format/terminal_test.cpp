// The terminal view against its golden files.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

namespace attest {
Format format_terminal();
namespace {

TEST(Terminal, of_a_green_run) {
  expect_golden(format_terminal().render(green_run(), {}), "green.txt");
}

TEST(Terminal, of_a_falsified_and_interrupted_run) {
  expect_golden(format_terminal().render(sample_run(), {}), "red.txt");
}

TEST(Terminal, of_a_layer) {
  expect_golden(format_terminal().render(sample_layer_run(), {}), "layer.txt");
}

TEST(Terminal, of_a_run_without_cases) {
  const std::string text = format_terminal().render(RunRecord{}, {});
  EXPECT_NE(text.find("NOTHING JUDGED  0 cases judged"), std::string::npos) << text;
}

TEST(Terminal, a_run_that_ran_out_of_time_says_how_far_it_came) {
  RunRecord run = green_run();
  run.planned = 900;
  const std::string text = format_terminal().render(run, {});
  EXPECT_NE(text.find("Out of time after 5 of 900 planned cases: partial results.\nHELD"),
            std::string::npos)
      << text;
}

TEST(Terminal, colour_changes_nothing_but_colour) {
  std::string text = format_terminal().render(sample_run(), {.has_colour = true});
  EXPECT_NE(text.find("\x1b[1;31mFALSIFIED\x1b[0m"), std::string::npos);
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  expect_golden(text, "red.txt");
}

}  // namespace
}  // namespace attest
