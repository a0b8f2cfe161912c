// The run_json view is the record.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "harness/record/record_sample.h"
#include "reports/format/format.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

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
  std::vector<std::string> names;
  std::set<std::string> files;
  std::size_t with_file = 0;
  for (const Format& format : formats) {
    names.push_back(format.name);
    if (format.file.empty()) continue;
    ++with_file;
    files.insert(format.file);
  }
  const std::vector<std::string> wanted = {
      "annotations", "html", "junit", "run_json", "summary_md", "terminal", "timeline"};
  EXPECT_EQ(names, wanted);
  EXPECT_EQ(files.size(), with_file);
  for (const Format& format : formats)
    EXPECT_FALSE(format.description.empty()) << format.name;
}

}  // namespace
}  // namespace attest
