// The gate of a merge, rehearsed: a baseline, a change that adds a kernel, and four changes that
// must not pass, each as run.json files that `attest compare` reads.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/executor/ptx_executor.h"
#include "harness/record/run_json.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace attest {
namespace embedded {
std::string_view gate_accumulates_in_f16();
std::string_view gate_reads_more();
}  // namespace embedded
namespace {

constexpr std::int64_t kCases = 16;
constexpr std::int64_t kWork = 1 << 17;

template <class Entry>
const Entry& named(const std::vector<Entry>& entries, std::string_view name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [name](const Entry& e) { return e.name == name; });
  ATTEST_CHECK(at != entries.end());
  return *at;
}

/// The kernel that a merge is about, with the one head size that its variants are compiled for.
KernelSpec fused() {
  KernelSpec spec = named(zoo_kernels(), "zoo/missing_barrier_mma");
  spec.name = "attention_mma";
  spec.image = named(all_kernels(), "attention_mma").image;
  return spec;
}

KernelSpec fused_with(KernelImage image) {
  KernelSpec spec = fused();
  spec.image = image;
  return spec;
}

/// What one `attest check --property agrees_with_reference` of these kernels finds.
RunRecord check(const std::vector<const KernelSpec*>& kernels) {
  const auto executor = make_ptx_executor();
  SearchOptions options;
  options.kernels = kernels;
  options.properties = {&named(all_properties(), "agrees_with_reference")};
  options.dtypes = {Dtype::f16};
  options.profile = {.name = "gate", .cases = kCases, .shrink_budget = 0, .work = kWork};
  RunRecord run;
  run.profile = "gate";
  for (const PlannedCase& planned : plan_cases(options).cases)
    run.cases.push_back(run_case(planned.which, planned, *executor));
  return run;
}

const RunRecord& baseline() {
  static const KernelSpec spec = fused();
  static const RunRecord run = check({&spec});
  return run;
}

/// `compare` with the four gates that a merge has.
Output gate(const RunRecord& next) {
  const TemporaryFolder folder;
  EXPECT_TRUE(write_file(folder / "base.json", to_run_json(baseline())));
  EXPECT_TRUE(write_file(folder / "new.json", to_run_json(next)));
  return run({"compare",
              folder / "base.json",
              folder / "new.json",
              "--fail-on",
              "falsified>0",
              "--fail-on",
              "launches>0",
              "--fail-on",
              "bytes>1%",
              "--fail-on",
              "ratio>+0.1"});
}

/// Exit 1, and one line of this gate that names the kernel and both figures.
void expect_refused(const KernelSpec& kernel,
                    const std::string& gate_text,
                    const std::string& figure) {
  const Output output = gate(check({&kernel}));
  EXPECT_EQ(output.exit, Exit::falsified) << output.out << output.err;
  const std::string line = "\n" + gate_text + " holds: attention_mma f16: " + figure + " ";
  const std::size_t at = output.out.find(line);
  ASSERT_NE(at, std::string::npos) << output.out;
  EXPECT_EQ(output.out.find(line, at + 1), std::string::npos);
  const std::string rest = output.out.substr(at + line.size());
  EXPECT_NE(rest.substr(0, rest.find('\n')).find(" -> "), std::string::npos) << rest;
}

TEST(MergeGate, the_same_kernel_passes) {
  ASSERT_EQ(judged(baseline()), kCases);
  ASSERT_EQ(count(baseline(), Verdict::agree), kCases);
  const KernelSpec same = fused();
  const Output output = gate(check({&same}));
  EXPECT_EQ(output.exit, Exit::held) << output.out;
  EXPECT_NE(output.out.find("1 SAME; 0 new failures"), std::string::npos) << output.out;
}

TEST(MergeGate, a_change_that_adds_a_kernel_passes) {
  const KernelSpec same = fused();
  KernelSpec added = fused();
  added.name = "attention_new";
  const Output output = gate(check({&same, &added}));
  EXPECT_EQ(output.exit, Exit::held) << output.out;
  EXPECT_NE(output.out.find("1 NEW, 1 SAME; 0 new failures"), std::string::npos) << output.out;
}

TEST(MergeGate, a_kernel_that_is_added_with_a_fault_does_not) {
  const KernelSpec same = fused();
  KernelSpec added = fused_with(named(zoo_kernels(), "zoo/missing_barrier_mma").image);
  added.name = "attention_new";
  const Output output = gate(check({&same, &added}));
  EXPECT_EQ(output.exit, Exit::falsified) << output.out;
  EXPECT_NE(output.out.find("falsified>0 holds: attention_new f16: falsified 0 -> "),
            std::string::npos)
      << output.out;
}

TEST(MergeGate, one_launch_more_does_not) {
  KernelSpec twice = fused();
  twice.plan = [plan = twice.plan](const KernelImage& image, const Problem& problem) {
    std::vector<Launch> launches = plan(image, problem);
    if (!launches.empty()) launches.push_back(launches.front());
    return launches;
  };
  expect_refused(twice, "launches>0", "launches");
}

TEST(MergeGate, more_bytes_do_not) {
  expect_refused(fused_with({"attention_mma", embedded::gate_reads_more()}), "bytes>1%", "bytes");
}

TEST(MergeGate, products_accumulated_in_f16_do_not) {
  const KernelSpec kernel = fused_with({"attention_mma", embedded::gate_accumulates_in_f16()});
  const Output output = gate(check({&kernel}));
  EXPECT_EQ(output.exit, Exit::falsified) << output.out;
  const bool is_named =
      output.out.find("\nratio>+0.1 holds: attention_mma f16: ratio ") != std::string::npos;
  EXPECT_TRUE(is_named) << output.out;
}

TEST(MergeGate, a_race_does_not) {
  expect_refused(fused_with(named(zoo_kernels(), "zoo/missing_barrier_mma").image),
                 "falsified>0",
                 "falsified");
}

}  // namespace
}  // namespace attest
