// Stored cases read back, are found, and fail when they no longer kill.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/killing_cases.h"

#include "harness/executor/ptx_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

const ZooFault& fault_named(const std::string& name) {
  const auto& all = all_zoo_faults();
  const auto at = std::find_if(
      all.begin(), all.end(), [&name](const ZooFault& fault) { return fault.name == name; });
  EXPECT_NE(at, all.end()) << name;
  return *at;
}

KillingCase killing(const std::string& fault, const std::string& property, const char* problem) {
  KillingCase out{fault, property, {}};
  out.which.problem = parse_any(problem).value();
  out.which.kernel = "zoo/" + fault;
  out.which.property = property;
  return out;
}

bool never() {
  return false;
}

TEST(KillingCases, LinesReadBack) {
  std::vector<KillingCase> cases = {
      killing("no_max", "one_hot_rows_copy_v", "attn(sq=1,skv=2,dtype=f32)"),
      killing("no_rescale", "output_in_hull", "attn(sq=1,skv=64,dtype=f32,data=ramp-up)")};
  cases[1].which.mode.schedule = 7;
  cases[1].which.mode.approx = Approx::low;
  const std::string text = to_lines(cases);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const auto read = parse_killing_cases(text, "cases");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(to_lines(*read), text);
  EXPECT_EQ(read->at(1).which, cases[1].which);
}

TEST(KillingCases, ABadLineIsNamed) {
  const std::string good =
      to_lines({killing("no_max", "one_hot_rows_copy_v", "attn(sq=1,skv=2,dtype=f32)")});
  for (const char* bad :
       {"{", R"({"fault":"no_max"})", R"({"fault":"a","detector":"b","case":"x("})"}) {
    const auto read = parse_killing_cases(good + bad + "\n", "cases");
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().code, Code::bad_input);
    EXPECT_NE(read.error().to_string().find("cases:2"), std::string::npos)
        << read.error().to_string();
  }
}

TEST(KillingCases, EveryFaultHasOne) {
  std::set<std::string> stored;
  for (const KillingCase& each : stored_killing_cases())
    EXPECT_TRUE(stored.insert(each.fault).second) << each.fault;
  for (const ZooFault& fault : all_zoo_faults())
    EXPECT_EQ(stored.erase(fault.name), 1U) << fault.name << ": attest zoo --renew";
  EXPECT_TRUE(stored.empty()) << *stored.begin() << " is no fault";
}

TEST(KillingCases, AreShrunkAndNameTheClass) {
  const ZooFault& fault = fault_named("no_rescale");
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  const Examination examination =
      examine(fault, {.cases = 48, .compares = false}, comparisons, *executor);
  const auto found = killing_case_of(fault, examination, *executor, never);
  ASSERT_TRUE(found.has_value());
  EXPECT_LT(replay_line(found->which).size(), 160U) << replay_line(found->which);
  const ZooFaultRecord tried = try_killing_case(fault, &*found, *executor);
  EXPECT_TRUE(is_named(tried));
  EXPECT_EQ(tried.kills.front().detector, found->detector);
  EXPECT_TRUE(tried.alarms.empty());
}

TEST(KillingCases, OneThatDoesNotKillLeavesASurvivor) {
  const auto executor = make_ptx_executor();
  const ZooFault& fault = fault_named("no_rescale");
  const KillingCase harmless = killing(fault.name, "output_in_hull", "attn(sq=1,skv=1,dtype=f32)");
  EXPECT_EQ(survival(try_killing_case(fault, &harmless, *executor)), "not seen in 1 cases");
  EXPECT_EQ(survival(try_killing_case(fault, nullptr, *executor)), "not seen in 0 cases");
  KillingCase unnamed =
      killing(fault.name, "agrees_with_reference", "attn(sq=1,skv=64,dtype=f32,data=ramp-up)");
  EXPECT_NE(survival(try_killing_case(fault, &unnamed, *executor)).find("none of which names"),
            std::string::npos);
}

TEST(KillingCases, ACaseInWhichTheCorrectKernelFailsIsAFalseAlarm) {
  ZooFault fault = fault_named("no_rescale");
  fault.kernel = "attention_mma";  // it refuses the dtype
  const KillingCase stored =
      killing(fault.name, "output_in_hull", "attn(sq=1,skv=64,dtype=f32,data=ramp-up)");
  const auto executor = make_ptx_executor();
  EXPECT_EQ(try_killing_case(fault, &stored, *executor).alarms.size(), 1U);
}

TEST(KillingCases, AnEquivalentHasItsExample) {
  const ZooFault& fault = fault_named("sum_begins_at_one");
  const auto executor = make_ptx_executor();
  const auto found = killing_case_of(fault, {}, *executor, never);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->detector, "");
  EXPECT_FALSE(is_killed(try_killing_case(fault, &*found, *executor)));
}

}  // namespace
}  // namespace attest
