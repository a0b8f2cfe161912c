// Launches added up by entry.
// SPDX-License-Identifier: Apache-2.0
#include "reports/launch_view.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(LaunchView, adds_up_cases_and_pipelines_by_entry) {
  RunRecord run = sample_run();
  run.layers = sample_layer_run().layers;
  run.env.ptxas[0].entry = "attention_mma";
  const Table table = launches_table(run);
  ASSERT_EQ(table.columns.size(), 9U);
  ASSERT_EQ(table.rows.size(), 5U);
  const std::vector<std::string> mma = {
      "attention_mma", "2", "16.8 k", "192", "1.04 M", "-", "-", "255", "60"};
  EXPECT_EQ(table.rows[1], mma) << "the traffic of one of its launches was not counted";
  const std::vector<std::string> gemm = {
      "gemm_mma_f16_nt", "4", "33.7 k", "384", "2.08 M", "81.9 kB", "41.0 kB", "-", "-"};
  EXPECT_EQ(table.rows[2], gemm);
}

}  // namespace
}  // namespace attest
