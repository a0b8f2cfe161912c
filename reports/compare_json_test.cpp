// The comparison's JSON against its golden file.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare_json.h"

#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <limits>

namespace attest {
namespace {

TEST(CompareJson, of_a_change_for_the_worse) {
  RunRecord next = sample_run();
  next.cases[0].ratio_o = std::numeric_limits<double>::quiet_NaN();
  next.cases[1].verdict = Verdict::disagree;
  next.cases[1].ratio_o = std::numeric_limits<double>::infinity();
  next.cases[2].launches.push_back(next.cases[2].launches[0]);
  next.cases[6].verdict = Verdict::agree;  // the race
  next.cases[6].findings.clear();
  const std::string text = to_comparison_json(
      compare(sample_run(), next),
      {{"launches>0", "launches>0 holds: attention_mma bf16: launches 1 -> 2 (+1)"},
       {"bytes>1%", ""}});
  expect_golden(text, "compare.json");
  EXPECT_TRUE(parse_json(text, "compare").has_value());
}

TEST(CompareJson, of_nothing_is_whole) {
  const auto json = parse_json(to_comparison_json(Comparison{}, {}), "compare");
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->at("common"), 0);
  EXPECT_TRUE(json->at("kernels").empty());
}

}  // namespace
}  // namespace attest
