// Every fault is seen by its property, as what its patch says, where its kernel without it agrees.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "properties/property.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace attest {

// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const ZooFault& fault, std::ostream* os) {
  *os << fault.name;
}

namespace {

const KernelSpec& named(const std::vector<KernelSpec>& kernels, const std::string& name) {
  const auto at = std::find_if(
      kernels.begin(), kernels.end(), [&name](const KernelSpec& k) { return k.name == name; });
  ATTEST_CHECK(at != kernels.end());
  return *at;
}

const Property& property_of(const ZooFault& fault) {
  const auto& all = all_properties();
  const auto at = std::find_if(
      all.begin(), all.end(), [&fault](const Property& p) { return p.name == fault.property; });
  ATTEST_CHECK(at != all.end());
  return *at;
}

/// The first kind of finding, or the verdict.
std::string_view outcome(const CaseResult& result) {
  return result.findings.empty() ? name(result.verdict) : name(result.findings.front().kind);
}

class ZooKill : public testing::TestWithParam<ZooFault> {};

TEST_P(ZooKill, IsSeenOnItsExampleInEveryDtype) {
  const ZooFault& fault = GetParam();
  const Property& property = property_of(fault);
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& faulty = named(zoo, "zoo/" + fault.name);
  const KernelSpec& base = named(all_kernels(), fault.kernel);
  const auto executor = make_ptx_executor();
  for (const Dtype dtype : base.dtypes) {
    Case which;
    Problem problem = parse_problem(fault.example).value();
    problem.dtype = dtype;
    which.problem = problem;
    which.property = property.name;
    ASSERT_TRUE(property.applies(problem)) << fault.example;

    which.kernel = base.name;
    ASSERT_EQ(base.refusal(problem), std::nullopt);
    const auto right = property.check(kernel_subject(base, *executor), which);
    ASSERT_TRUE(right) << right.error().to_string();
    EXPECT_EQ(outcome(*right), "agree") << replay_line(which);

    which.kernel = faulty.name;
    ASSERT_EQ(faulty.refusal(problem), std::nullopt);
    const auto wrong = property.check(kernel_subject(faulty, *executor), which);
    ASSERT_TRUE(wrong) << wrong.error().to_string();
    EXPECT_EQ(outcome(*wrong), fault.outcome) << replay_line(which);
    if (wrong->findings.empty()) continue;
    const Finding& finding = wrong->findings.front();
    const std::string file = "properties/zoo/" + fault.name + "/" + fault.kernel + ".cu";
    EXPECT_EQ(finding.party.site.file, file);
    EXPECT_GT(finding.party.site.line, 0);
    if (finding.kind != FindingKind::shared_race) continue;
    ASSERT_TRUE(finding.other.has_value());
    EXPECT_EQ(finding.other->site.file, file);
    EXPECT_GT(finding.other->site.line, 0);
    EXPECT_NE(finding.other->site.line, finding.party.site.line);
  }
}

INSTANTIATE_TEST_SUITE_P(Faults,
                         ZooKill,
                         testing::ValuesIn(all_zoo_faults()),
                         [](const testing::TestParamInfo<ZooFault>& fault) {
                           return fault.param.name;
                         });

}  // namespace
}  // namespace attest
