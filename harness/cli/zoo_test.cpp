// Command zoo: its matrix, its quick form, and what it ends with.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/zoo_record.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(ZooCommand, shows_who_sees_a_fault_and_writes_json) {
  const TemporaryFolder folder;
  const std::string file = folder / "zoo.json";
  const Output output =
      run({"zoo", "--fault", "no_rescale", "--cases", "60", "-j", "1", "--json", file});
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  EXPECT_NE(output.out.find("\nno_rescale  softmax"), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("random normal, allclose 1e-2 kills 1 of 1\n"), std::string::npos);
  EXPECT_NE(output.out.find("HELD  1 of 1 faults killed, 1 by a detector that names"),
            std::string::npos);
  const auto zoo = parse_zoo_json(read_file(file), file);
  ASSERT_TRUE(zoo.has_value()) << zoo.error().to_string();
  ASSERT_EQ(zoo->faults.size(), 1U);
  EXPECT_TRUE(is_named(zoo->faults.front()));
  EXPECT_LE(zoo->faults.front().cases, 60);
}

TEST(ZooCommand, ends_with_1_on_a_survivor) {
  const Output output = run({"zoo", "--fault", "window_hides_causal", "--cases", "1", "-j", "1"});
  EXPECT_EQ(output.exit, Exit::falsified) << output.out;
  EXPECT_NE(output.out.find("survivors\n  window_hides_causal  not seen in 1 cases"),
            std::string::npos)
      << output.out;
}

TEST(ZooCommand, json_on_stdout_replaces_the_matrix) {
  const Output output =
      run({"zoo", "--quick", "--fault", "no_rescale,sum_begins_at_one", "--json", "-"});
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  const auto zoo = parse_zoo_json(output.out, "stdout");
  ASSERT_TRUE(zoo.has_value()) << zoo.error().to_string();
  EXPECT_EQ(totals(*zoo).killed, 1);
  EXPECT_EQ(totals(*zoo).equivalents, std::vector<std::string>{"sum_begins_at_one"});
}

TEST(ZooCommand, renews_the_stored_cases_of_the_faults_that_were_chosen) {
  const TemporaryFolder folder;
  const std::string file = folder / "cases.ndjson";
  const Output output =
      run({"zoo", "--fault", "no_rescale", "--cases", "60", "-j", "1", "--renew", file});
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  const std::string text = read_file(file);
  EXPECT_NE(text.find(R"({"fault":"no_rescale","detector":")"), std::string::npos) << text;
  EXPECT_GT(count_lines(text), 40);
}

TEST(ZooCommand, auto_lists_the_mutants_that_survive) {
  const Output output =
      run({"zoo", "--auto", "attention_f32", "--mutants", "6", "--cases", "8", "-j", "1"});
  EXPECT_TRUE(output.exit == Exit::held || output.exit == Exit::falsified) << output.err;
  EXPECT_EQ(output.out.find("attention_f32_d64: 6 of "), 0U) << output.out;
  EXPECT_EQ(output.exit == Exit::falsified, output.out.find("survivors:") != std::string::npos);
  EXPECT_NE(output.out.find(" mutants killed, "), std::string::npos);
  EXPECT_EQ(run({"zoo", "--auto", "attention*"}).exit, Exit::bad_input);
  EXPECT_EQ(run({"zoo", "--auto", "gemm_f32"}).exit, Exit::bad_input);
  EXPECT_EQ(run({"zoo", "--auto", "attention_f32", "--quick"}).exit, Exit::bad_input);
  const Output faulty = run({"zoo", "--auto", "zoo/half_of_head_dim", "--cases", "8"});
  EXPECT_EQ(faulty.exit, Exit::bad_input);
  EXPECT_NE(faulty.err.find("it fails without a mutation: attest replay"), std::string::npos);
}

TEST(ZooCommand, names_what_it_does_not_know) {
  const Output fault = run({"zoo", "--fault", "no_rescal"});
  EXPECT_EQ(fault.exit, Exit::bad_input);
  EXPECT_NE(fault.err.find("no fault 'no_rescal'; close: no_rescale"), std::string::npos)
      << fault.err;
  EXPECT_EQ(run({"zoo", "--cases", "0"}).exit, Exit::bad_input);
  EXPECT_EQ(run({"zoo", "--quick", "--renew", "x"}).exit, Exit::bad_input);
  EXPECT_EQ(run({"zoo", "--json", "/nowhere/zoo.json"}).exit, Exit::bad_input);
}

}  // namespace
}  // namespace attest
