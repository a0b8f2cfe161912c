// Command report: all views again, from the journal or run.json, with a baseline or counted layers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"
#include "harness/record/zoo_record.h"
#include "reports/format/format.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace attest {
namespace {

namespace fs = std::filesystem;

TEST(Report, views_are_the_same_bytes_again) {
  const TemporaryFolder folder;
  const Output checked = run({"check", "--cases", "6", "--out", folder / "r"},
                             [] { return make_fake_executor(FakeAnswer::finding); });
  ASSERT_EQ(checked.exit, Exit::falsified);
  std::vector<std::pair<std::string, std::string>> views;
  for (const Format& format : all_formats()) {
    if (format.file.empty()) continue;
    const std::string file = folder / "r/" + format.file;
    views.emplace_back(file, read_file(file));
    fs::remove(file);
  }
  ASSERT_GT(views.size(), 3U);
  const Output output = run({"report", folder / "r"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  // In CI check goes on with the patch that keeps the failures.
  EXPECT_TRUE(checked.out.starts_with(output.out)) << output.out << checked.out;
  EXPECT_NE(output.out.find("FALSIFIED"), std::string::npos);
  for (const auto& [file, text] : views)
    EXPECT_EQ(read_file(file), text) << file;

  fs::remove(folder / "r/events.ndjson");
  EXPECT_EQ(run({"report", folder / "r"}).exit, Exit::held) << "from run.json alone";
  for (const auto& [file, text] : views)
    EXPECT_EQ(read_file(file), text) << file;
}

TEST(Report, takes_a_baseline_and_counted_layers_into_another_folder) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "run.json", to_run_json(sample_run())));
  ASSERT_TRUE(write_file(folder / "count.json", to_run_json(sample_layer_run())));
  const Output output = run({"report",
                             folder / "run.json",
                             "--baseline",
                             folder / "run.json",
                             "--count",
                             folder / "count.json",
                             "--out",
                             folder / "views"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  const std::string page = read_file(folder / "views/report.html");
  EXPECT_NE(page.find("Since the baseline"), std::string::npos);
  EXPECT_NE(page.find("layer(s=128,mask=causal-tl,seed=0x2a)"), std::string::npos);
  // The two failures are of the counted layers, which the baseline has not.
  const std::string summary = read_file(folder / "views/summary.md");
  EXPECT_NE(summary.find("### Since the baseline: "), std::string::npos) << summary;
  EXPECT_NE(summary.find(" 5 SAME; 2 new failures, 0 fixed; 5 common cases"), std::string::npos)
      << summary;
  EXPECT_EQ(read_file(folder / "run.json"), to_run_json(sample_run())) << "the run stays as it is";
}

TEST(Report, takes_a_zoo_by_name_or_from_beside_the_run) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "run.json", to_run_json(sample_run())));
  ZooRecord zoo;
  zoo.faults.emplace_back().name = "a_fault_of_this_test";
  const auto page_has_it = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"report", folder / "run.json", "--out", folder / "views"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run(arguments).exit, Exit::held);
    const std::string page = read_file(folder / "views/report.html");
    return page.find("a_fault_of_this_test") != std::string::npos;
  };
  EXPECT_FALSE(page_has_it({}));
  ASSERT_TRUE(write_file(folder / "other.json", to_zoo_json(zoo)));
  EXPECT_TRUE(page_has_it({"--zoo", folder / "other.json"}));
  ASSERT_TRUE(write_file(folder / "zoo.json", to_zoo_json(zoo)));
  EXPECT_TRUE(page_has_it({}));
}

TEST(Report, bad_input_is_one_line_and_writes_nothing) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "run.json", "{\"schema\": 2}"));
  ASSERT_TRUE(write_file(folder / "good.json", to_run_json(sample_run())));
  const std::vector<std::vector<std::string>> wrong = {
      {folder / "none"},
      {folder.path()},
      {folder / "good.json", "--baseline", folder / "run.json", "--out", folder / "x"},
      {folder / "good.json", "--count", folder / "good.json"},
      {folder / "good.json", "--zoo", folder / "good.json", "--out", folder / "x"},
      {folder / "good.json", "--out", "/proc/nosuch"},
      {folder / "good.json", "--nosuch"}};
  for (std::vector<std::string> arguments : wrong) {
    arguments.insert(arguments.begin(), "report");
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input) << arguments.back();
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    EXPECT_FALSE(fs::exists(folder / "report.html"));
  }
}

}  // namespace
}  // namespace attest
