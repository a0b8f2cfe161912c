// The run_json view is the record.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "harness/record/record_sample.h"
#include "reports/format/format.h"

#include <gtest/gtest.h>

namespace attest {
Format format_run_json();
namespace {

TEST(RunJsonFormat, reads_back_as_the_run) {
  const Format format = format_run_json();
  EXPECT_EQ(format.file, "run.json");
  const auto run = parse_run_json(format.render(sample_run(), {}), "run.json");
  ASSERT_TRUE(run.has_value()) << run.error().to_string();
  EXPECT_EQ(run->cases.size(), sample_run().cases.size());
}

TEST(Formats, have_names_and_files_of_their_own) {
  const auto& formats = all_formats();
  ASSERT_EQ(formats.size(), 4U);
  EXPECT_EQ(formats[0].name, "junit");
  EXPECT_EQ(formats[1].name, "run_json");
  EXPECT_EQ(formats[2].name, "summary_md");
  EXPECT_EQ(formats[3].name, "terminal");
  EXPECT_NE(formats[0].file, formats[1].file);
  for (const Format& format : formats)
    EXPECT_FALSE(format.description.empty()) << format.name;
}

}  // namespace
}  // namespace attest
