// Every fault is seen by its property, as what its patch says, where its kernel without it agrees;
// one that no output shows is not.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "properties/layer_run.h"
#include "properties/search.h"
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

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&name](const Entry& e) { return e.name == name; });
  return at == entries.end() ? nullptr : &*at;
}

/// The first kind of finding, or the verdict.
template <class Judged>
std::string_view outcome(const Judged& result) {
  return result.findings.empty() ? name(result.verdict) : name(result.findings.front().kind);
}

/// The faulty source, or the header of the instructions that it uses.
bool is_of(const ZooFault& fault, const CodeSite& site) {
  return site.file == fault.source || site.file == "kernels/tensor_core.cuh";
}

void expect_places(const ZooFault& fault, const Finding& finding) {
  EXPECT_TRUE(is_of(fault, finding.party.site)) << finding.party.site.file;
  EXPECT_GT(finding.party.site.line, 0);
  if (finding.kind != FindingKind::shared_race) return;
  ASSERT_TRUE(finding.other.has_value());
  EXPECT_TRUE(is_of(fault, finding.other->site)) << finding.other->site.file;
  EXPECT_GT(finding.other->site.line, 0);
  EXPECT_NE(finding.other->site.line, finding.party.site.line);
}

template <class Spec>
void expect_seen(const ZooFault& fault, const Spec& base, const Spec& faulty) {
  const bool is_equivalent = !fault.equivalent.empty();
  const Property* const property =
      find(all_properties(), is_equivalent ? "agrees_with_reference" : fault.property);
  ASSERT_NE(property, nullptr);
  const auto executor = make_ptx_executor();
  for (const Dtype dtype : base.dtypes) {
    Case which;
    which.problem = parse_any(fault.example).value();
    std::visit([dtype](auto& problem) { problem.dtype = dtype; }, which.problem);
    which.property = property->name;

    which.kernel = base.name;
    const CaseResult right = run_case(which, base, *property, *executor);
    EXPECT_EQ(outcome(right), "agree") << replay_line(which) << " " << right.reason;

    which.kernel = faulty.name;
    const CaseResult wrong = run_case(which, faulty, *property, *executor);
    EXPECT_EQ(outcome(wrong), is_equivalent ? "agree" : fault.outcome)
        << replay_line(which) << " " << wrong.reason;
    if (!wrong.findings.empty()) expect_places(fault, wrong.findings.front());
  }
}

void expect_seen(const ZooFault& fault, const Pipeline& base, const Pipeline& faulty) {
  const auto executor = make_ptx_executor();
  LayerProblem layer = parse_layer(fault.example).value();
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    layer.dtype = dtype;
    const LayerCase which = draw_layer_case(layer, {});
    const PipelineRecord right = run_pipeline(base, which, *executor);
    EXPECT_EQ(outcome(right), "agree") << to_string(layer) << " " << right.reason;
    const PipelineRecord wrong = run_pipeline(faulty, which, *executor);
    EXPECT_EQ(outcome(wrong), fault.outcome) << to_string(layer) << " " << wrong.reason;
  }
}

class ZooKill : public testing::TestWithParam<ZooFault> {};

TEST_P(ZooKill, IsSeenOnItsExampleInEveryDtype) {
  const ZooFault& fault = GetParam();
  const std::string name = "zoo/" + fault.name;
  const std::vector<KernelSpec> kernels = zoo_kernels();
  const std::vector<OperationSpec> operations = zoo_operations();
  const std::vector<Pipeline> pipelines = zoo_pipelines();
  if (const auto* const kernel = find(kernels, name)) {
    expect_seen(fault, *find(all_kernels(), fault.kernel), *kernel);
  } else if (const auto* const operation = find(operations, name)) {
    expect_seen(fault, *find(all_operation_specs(), fault.kernel), *operation);
  } else {
    const auto* const pipeline = find(pipelines, name);
    ASSERT_NE(pipeline, nullptr);
    expect_seen(fault, *find(all_pipelines(), fault.property), *pipeline);
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
