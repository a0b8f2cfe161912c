// Command doctor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/cpu.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace attest {
namespace {

TEST(Doctor, says_what_is_missing_and_the_fix) {
  const Output output = run({"doctor"});
  EXPECT_EQ(output.exit, Exit::held);
  EXPECT_NE(output.out.find("x86-64-v3"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("not built"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("attest-cudnn is not built"), std::string::npos) << output.out;
}

TEST(Doctor, json_has_every_item_with_a_fix_where_it_is_missing) {
  const Output output = run({"doctor", "--json"});
  const auto json = nlohmann::json::parse(output.out);
  ASSERT_GE(json.at("items").size(), 6U);
  for (const auto& item : json.at("items")) {
    EXPECT_EQ(item.at("there").get<bool>(), item.at("fix").get<std::string>().empty())
        << item.dump();
  }
}

TEST(Doctor, names_the_parts_of_a_gpu_machine_without_one) {
  const auto json = nlohmann::json::parse(run({"doctor", "--json"}).out);
  std::set<std::string> missing;
  for (const auto& item : json.at("items")) {
    if (!item.at("there").get<bool>()) missing.insert(item.at("name").get<std::string>());
  }
  // Tests name no attest-cuda.
  EXPECT_EQ(
      missing,
      (std::set<std::string>{"cuda", "driver", "device", "cublas", "cublaslt", "cupti", "cudnn"}));
}

TEST(Doctor, a_requirement_that_is_not_met_is_exit_3) {
  EXPECT_EQ(run({"doctor", "--require", "cpu,ptx"}).exit, Exit::held);
  const Output output = run({"doctor", "--require", "cpu,cudnn"});
  EXPECT_EQ(output.exit, Exit::nothing_judged);
  EXPECT_EQ(output.err, "attest: required and missing: cudnn\n");
  EXPECT_EQ(run({"doctor", "--require", "nosuch"}).exit, Exit::bad_input);
}

TEST(Cpu, this_machine_runs_this_program) {
  EXPECT_TRUE(missing_cpu_features().empty());
}

}  // namespace
}  // namespace attest
