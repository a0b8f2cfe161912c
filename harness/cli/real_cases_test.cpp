// Real kernels on the real executor, through the program.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"
#include "kernels/kernel_spec.h"
#include "properties/zoo/zoo.h"
#include "reports/failure_card.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <thread>

namespace attest {
namespace {

TEST(RealCases, a_few_real_cases_hold) {
  const TemporaryFolder folder;
  const Output output =
      run({"check", "--kernel", "attention_f32", "--cases", "6", "-j", "2", "--out", folder / "r"});
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  EXPECT_NE(output.out.find("HELD  6 cases judged: 6 agree"), std::string::npos) << output.out;
  const RunRecord run = parse_run_json(read_file(folder / "r/run.json"), "run.json").value();
  EXPECT_EQ(judged(run), 6);
  EXPECT_EQ(run.env.jobs, 2);
  EXPECT_TRUE(std::filesystem::exists(folder / "r/junit.xml"));
}

TEST(RealCases, a_case_that_holds_is_exit_0) {
  const Output output = run({"replay",
                             "attn(sq=5,skv=7,d=32,dtype=f32,mask=causal-br)",
                             "--kernel",
                             "attention_f32",
                             "--property",
                             "agrees_with_reference"});
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  EXPECT_EQ(output.out.find("AGREE"), 0U) << output.out;
}

TEST(RealCases, check_writes_attest_report_where_it_runs) {
  const TemporaryFolder folder;
  const std::vector<std::string> few = {"check", "--kernel", "attention_f32", "--cases", "3"};
  EXPECT_EQ(run_binary(few, folder), 0) << read_file(folder / "err");
  EXPECT_EQ(read_file(folder / "out").find('\x1b'), std::string::npos) << "no colour in a file";
  EXPECT_EQ(run_binary(few, folder), 0);
  for (const char* file : {"events.ndjson", "run.json", "junit.xml"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / ("attest-report/" + std::string(file)))) << file;
    EXPECT_TRUE(std::filesystem::exists(folder / ("attest-report.old/" + std::string(file))))
        << file;
  }
}

TEST(RealCases, an_interrupted_run_writes_what_it_has_and_exits_130) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    const pid_t child = start_binary(
        {"check", "--profile", "soak", "--kernel", "attention_f32", "--seed", "1", "-j", "1"},
        folder);
    const std::string journal = folder / "attest-report/events.ndjson";
    const auto has_results = [&journal] {
      std::error_code none_yet;
      return std::filesystem::exists(journal, none_yet) &&
             read_file(journal).find("\"t\":\"result\"") != std::string::npos;
    };
    for (int i = 0; i < 600 && !has_results(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    kill(child, signal);
    EXPECT_EQ(wait_for(child), 130);
    const auto run = parse_run_json(read_file(folder / "attest-report/run.json"), "run.json");
    ASSERT_TRUE(run.has_value()) << run.error().to_string();
    EXPECT_TRUE(run->interrupted);
    EXPECT_GE(judged(*run), 1);
    EXPECT_NE(read_file(folder / "out").find("Interrupted after"), std::string::npos);
  }
}

TEST(RealCases, ptx_supports_all_of_the_kernels) {
  const TemporaryFolder folder;
  for (const KernelSpec& kernel : all_kernels()) {
    ASSERT_TRUE(write_file(folder / "kernel.ptx", std::string(kernel.image.ptx)));
    const Output output = run({"ptx", folder / "kernel.ptx"});
    EXPECT_EQ(output.exit, Exit::held) << output.err;
    EXPECT_NE(output.out.find("entry attention"), std::string::npos) << output.out;
    EXPECT_EQ(output.out.find("unsupported"), std::string::npos) << output.out;
  }
}

/// run.json without what may differ between two runs with one seed.
std::string comparable(const std::string& folder) {
  RunRecord run = parse_run_json(read_file(folder + "/run.json"), "run.json").value();
  run.env = {};
  return to_run_json(run);
}

TEST(RealCases, one_seed_is_one_record_whatever_the_threads_the_libm_and_the_handlers) {
  const TemporaryFolder folder;
  const std::vector<std::string> some = {
      "check", "--kernel", "*", "--kernel", "zoo/no_rescale", "--cases", "90", "--seed", "4"};
  std::vector<std::string> records;
  for (const char* jobs : {"1", "2"}) {
    std::vector<std::string> arguments = some;
    arguments.insert(arguments.end(), {"-j", jobs});
    if (records.empty()) {
      setenv("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2", 1);
      setenv("ATTEST_SIMD", "scalar", 1);
    }
    EXPECT_EQ(run_binary(arguments, folder), 1) << read_file(folder / "err");
    unsetenv("GLIBC_TUNABLES");
    unsetenv("ATTEST_SIMD");
    records.push_back(comparable(folder / "attest-report"));
  }
  EXPECT_EQ(records[0], records[1]);
}

/// A card less what probes and oracles add to it in a replay.
std::string without_diagnosis(const std::string& card) {
  std::string out;
  for (std::size_t at = 0; at < card.size();) {
    const std::size_t end = card.find('\n', at) + 1;
    const std::string line = card.substr(at, end - at);
    const auto is_added = [&line](const char* label) { return line.rfind(label, 0) == 0; };
    if (!is_added("  blame ") && !is_added("  verdict ") && !is_added("  opinions ") &&
        !is_added("  alone "))
      out += line;
    at = end;
  }
  return out;
}

TEST(RealCases, a_fault_of_each_class_is_found_and_its_line_repeats_it) {
  const TemporaryFolder folder;
  const std::vector<std::string> faults = zoo_kernel_of_each_class();
  std::vector<std::string> arguments = {"check", "--out", folder / "r"};
  for (const std::string& kernel : faults)
    arguments.insert(arguments.end(), {"--kernel", kernel});
  const Output checked = run(arguments);
  EXPECT_EQ(checked.exit, Exit::falsified);
  const RunRecord record = parse_run_json(read_file(folder / "r/run.json"), "run.json").value();
  std::set<std::string> found;
  for (const FailureRecord& failure : record.failures) {
    const Case& which = failure.shrunk.which;
    found.insert(which.kernel);
    const Output again = run({"replay",
                              to_string(which.problem),
                              "--kernel",
                              which.kernel,
                              "--property",
                              which.property,
                              "--schedule",
                              std::to_string(which.mode.schedule),
                              "--approx",
                              std::string(name(which.mode.approx))});
    EXPECT_EQ(again.exit, Exit::falsified) << replay_line(which);
    std::string wanted;
    for (const std::string& line : card(failure.shrunk))
      wanted += line + "\n";
    EXPECT_EQ(without_diagnosis(again.out), wanted) << replay_line(which);
  }
  // A run of all of them has some hundred cases for each: what that does not find, 300 must.
  const auto is_found = [&](const std::string& kernel) {
    return found.count(kernel) != 0 ||
           run({"check", "--kernel", kernel, "--cases", "300", "--out", folder / "alone"}).exit ==
               Exit::falsified;
  };
  for (const std::string& kernel : faults)
    EXPECT_TRUE(is_found(kernel)) << kernel;
}

TEST(RealCases, a_faulty_layer_of_the_zoo_is_counted_when_asked_for) {
  for (const Pipeline& pipeline : zoo_pipelines()) {
    const Output output = run({"count", "layer(s=128,d=64)", "--pipeline", pipeline.name});
    EXPECT_EQ(output.exit, Exit::falsified) << output.err;
    EXPECT_NE(output.out.find(pipeline.name), std::string::npos) << output.out;
  }
}

}  // namespace
}  // namespace attest
