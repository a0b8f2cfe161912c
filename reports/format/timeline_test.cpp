// The trace of launches.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

namespace attest {
Format format_timeline();
namespace {

TEST(Timeline, of_a_layer) {
  expect_golden(format_timeline().render(sample_layer_run(), {}), "layer.timeline.json");
}

TEST(Timeline, launches_of_a_kernel_lie_end_to_end) {
  const Json trace = parse_json(format_timeline().render(sample_run(), {}), "trace").value();
  std::int64_t end = 0;
  int launches = 0;
  for (const Json& event : trace.at("traceEvents")) {
    if (event.at("ph") != "X" || event.at("name") != "attention_mma") continue;
    EXPECT_EQ(event.at("ts").get<std::int64_t>(), end);
    EXPECT_GT(event.at("dur").get<std::int64_t>(), 0);
    end += event.at("dur").get<std::int64_t>();
    ++launches;
  }
  EXPECT_EQ(launches, 2);
}

TEST(Timeline, says_how_many_launches_it_does_not_show) {
  RunRecord run = sample_run();
  run.cases.resize(1);
  run.cases[0].launches.resize(10'001, run.cases[0].launches[0]);
  const Json trace = parse_json(format_timeline().render(run, {}), "trace").value();
  EXPECT_EQ(trace.at("otherData").at("launches"), 10'001);
  EXPECT_EQ(trace.at("otherData").at("launches_shown"), 10'000);
  EXPECT_EQ(trace.at("traceEvents").size(), 10'001U) << "with the name of the process";
}

TEST(Timeline, is_JSON_whatever_the_text) {
  RunRecord run = sample_run();
  run.cases[0].which.kernel = "\"\x01\xff</script>";
  const auto trace = parse_json(format_timeline().render(run, {}), "trace");
  ASSERT_TRUE(trace.has_value()) << trace.error().to_string();
  EXPECT_EQ(trace->at("traceEvents").at(0).at("args").at("name"), "\"\x01\xef\xbf\xbd</script>");
}

}  // namespace
}  // namespace attest
