// --device and --require on a machine without a GPU, or without the program that would use it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/require.h"

#include "harness/cli/device.h"
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace attest {
namespace {

const char* const kCase = "attn(sq=4,d=32,dtype=f32,seed=1)";

std::vector<std::string> replay_of(std::vector<std::string> more) {
  std::vector<std::string> out = {
      "replay", kCase, "--kernel", "attention_f32", "--property", "agrees_with_reference"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(Device, cuda_without_a_gpu_is_exit_3_with_one_line) {
  const TemporaryFolder folder;
  for (const auto& arguments :
       {std::vector<std::string>{"check", "--device", "cuda", "--out", folder / "report"},
        replay_of({"--device", "cuda"}),
        std::vector<std::string>{"count", "--device", "cuda"}}) {
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::nothing_judged) << output.err;
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    EXPECT_TRUE(output.err.starts_with("attest: --device cuda: ")) << output.err;
    EXPECT_EQ(output.out, "");
  }
}

TEST(Device, another_word_is_exit_2) {
  EXPECT_EQ(run({"check", "--device", "tpu"}).exit, Exit::bad_input);
  EXPECT_EQ(run(replay_of({"--device", "tpu"})).exit, Exit::bad_input);
  EXPECT_EQ(run({"count", "--device", "tpu"}).exit, Exit::bad_input);
}

TEST(Device, a_comparison_needs_a_gpu) {
  const Output output =
      run({"replay", kCase, "--kernel", "attention_f32", "--property", "executors_agree"});
  EXPECT_EQ(output.exit, Exit::nothing_judged);
}

TEST(Device, a_check_names_what_it_could_not_compare) {
  const TemporaryFolder folder;
  const Output output = run({"check",
                             "--kernel",
                             "attention_f32",
                             "--cases",
                             "8",
                             "--out",
                             folder / "report",
                             "--json",
                             folder / "run.json"});
  EXPECT_EQ(output.exit, Exit::held) << output.err << output.out;
  const auto json = nlohmann::json::parse(read_file(folder / "run.json"));
  EXPECT_EQ(json.at("totals").at("not_run"), 1);
  EXPECT_NE(output.out.find(kNoSecondExecutor), std::string::npos) << output.out;
}

TEST(Device, the_architecture_of_a_gpu_is_read_from_its_description) {
  DeviceChoice choice;
  EXPECT_EQ(choice.gpu_arch(), "");
  choice.gpu = "NVIDIA H100 80GB HBM3, sm_90, 132 multiprocessors, 81559 MiB";
  EXPECT_EQ(choice.gpu_arch(), "sm_90");
  choice.gpu = "a GPU of the future, sm_999, 1 multiprocessors";
  EXPECT_EQ(choice.gpu_arch(), "");
}

TEST(Require, what_is_not_met_is_exit_3_with_one_line_that_names_it) {
  for (const Requirement& requirement : all_requirements()) {
    const TemporaryFolder folder;
    const Output output = run({"check", "--require", requirement.name, "--out", folder / "report"});
    EXPECT_EQ(output.exit, Exit::nothing_judged) << requirement.name;
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    EXPECT_TRUE(output.err.starts_with("attest: --require " + requirement.name + ": "))
        << output.err;
    EXPECT_EQ(run(replay_of({"--require", requirement.name})).exit, Exit::nothing_judged);
  }
}

TEST(Require, an_unknown_name_is_exit_2_with_those_that_are_known) {
  const Output output = run({"check", "--require", "cuda,rocm"});
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_NE(output.err.find("rocm"), std::string::npos) << output.err;
}

TEST(Require, each_is_looked_at_once_in_the_order_of_the_table) {
  auto parsed = parse_requirements({"cudnn:executed", "cuda", "cuda"});
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0]->name, "cuda");
  EXPECT_EQ((*parsed)[1]->name, "cudnn:executed");
}

}  // namespace
}  // namespace attest
