// Faults of fusions: the examples that show them, and plain tests of the same shape that do not.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "harness/problem/any_problem.h"
#include "properties/layer_run.h"
#include "properties/trial.h"
#include "properties/zoo/zoo.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace attest {
namespace {

/// What a test that hides the fault does instead of the example.
struct Plain {
  const char* what;
  void (*operation)(Operation&);
  void (*operands)(Operands&);
};

void keep_operation(Operation&) {}
void keep_operands(Operands&) {}

void fill_bias(HostTensor& bias, std::uint32_t bits) {
  for (std::int64_t j = 0; j < bias.layout.shape[3]; ++j)
    bias.set_bits(0, 0, 0, j, bits);
}

constexpr Plain kConstantBias = {
    "the same bias everywhere", keep_operation, [](Operands& operands) {
      const HostTensor& bias = operands.bias;
      fill_bias(operands.bias, encode(bias.layout.dtype, bias.value(0, 0, 0, 0)));
    }};
constexpr Plain kNoBias = {
    "a bias of zeros", keep_operation, [](Operands& operands) { fill_bias(operands.bias, 0); }};
constexpr Plain kNothingHidden = {"a mask of ones", keep_operation, [](Operands& operands) {
                                    std::fill(operands.mask.begin(), operands.mask.end(), 1);
                                  }};
constexpr Plain kAlphaOne = {
    "alpha = 1", [](Operation& o) { std::get<Gemm>(o).alpha = 1; }, keep_operands};
constexpr Plain kUsualFill = {
    "fill = -1000", [](Operation& o) { std::get<MaskSoftmax>(o).fill = -1000; }, keep_operands};
constexpr Plain kNormalData = {
    "normal data", [](Operation& o) { std::get<MaskSoftmax>(o).data = {}; }, keep_operands};

struct Planted {
  const char* fault;
  Tier tier;
  const char* tensor;
  Plain plain;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const Planted& planted, std::ostream* os) {
  *os << planted.fault;
}

constexpr Planted kPlanted[] = {
    {"bias_split_wrong_axis", Tier::exact, "c", kConstantBias},
    {"gemm_alpha_over_bias", Tier::bound, "c", kAlphaOne},
    {"gemm_alpha_over_bias_mma", Tier::bound, "c", kAlphaOne},
    {"gemm_bias_twice", Tier::bound, "c", kNoBias},
    {"gemm_bias_wrong_axis", Tier::bound, "c", kConstantBias},
    {"gemm_bias_wrong_axis_mma", Tier::bound, "c", kConstantBias},
    {"gemm_mask_before_scale", Tier::exact, "c", kNothingHidden},
    {"gemm_mask_before_scale_mma", Tier::exact, "c", kNothingHidden},
    {"softmax_mask_before_scale", Tier::bound, "c", kUsualFill},
    {"softmax_no_max", Tier::bound, "c", kNormalData},
};

template <class Entry>
const Entry& named(const std::vector<Entry>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&name](const Entry& e) { return e.name == name; });
  ATTEST_CHECK(at != entries.end());
  return *at;
}

/// Agreement with the reference on these operands.
CaseResult judged(const OperationSpec& kernel,
                  const Operation& operation,
                  const Operands& operands) {
  const auto executor = make_ptx_executor();
  const OperationSubject subject = kernel_subject(kernel, *executor);
  Case which;
  which.problem = as_any(operation);
  which.kernel = kernel.name;
  OperationTrial trial(subject, which);
  const auto outputs = trial.run(operation, operands, {}).value();
  if (outputs) {
    trial.expect_within_bound(
        operation, *outputs, reference_operation(operation, exact_balls(operands)));
  }
  return std::move(trial).result();
}

bool is_square(const Operation& operation) {
  const auto shape = result_shape(operation);
  const auto* const gemm = std::get_if<Gemm>(&operation);
  return shape[2] == shape[3] && (gemm == nullptr || gemm->k == gemm->m);
}

class ZooFusion : public testing::TestWithParam<Planted> {};

TEST_P(ZooFusion, IsSeenInASquareThatHidesItFromAPlainTest) {
  const Planted& planted = GetParam();
  const ZooFault& fault = named(all_zoo_faults(), planted.fault);
  const OperationSpec& base = named(all_operation_specs(), fault.kernel);
  const std::vector<OperationSpec> zoo = zoo_operations();
  const OperationSpec& faulty = named(zoo, "zoo/" + fault.name);
  const Operation operation = as_operation(parse_any(fault.example).value()).value();
  ASSERT_TRUE(is_square(operation)) << fault.example;
  const Operands operands = draw_operands(operation);

  EXPECT_EQ(judged(base, operation, operands).verdict, Verdict::agree);
  const CaseResult seen = judged(faulty, operation, operands);
  ASSERT_EQ(seen.verdict, Verdict::disagree);
  ASSERT_TRUE(seen.divergence.has_value());
  EXPECT_EQ(seen.divergence->tier, name(planted.tier));
  EXPECT_EQ(seen.divergence->tensor, planted.tensor);

  Operation plain = operation;
  planted.plain.operation(plain);
  Operands plain_operands = draw_operands(plain);
  planted.plain.operands(plain_operands);
  EXPECT_EQ(judged(base, plain, plain_operands).verdict, Verdict::agree) << planted.plain.what;
  EXPECT_EQ(judged(faulty, plain, plain_operands).verdict, Verdict::agree) << planted.plain.what;
}

INSTANTIATE_TEST_SUITE_P(Faults,
                         ZooFusion,
                         testing::ValuesIn(kPlanted),
                         [](const testing::TestParamInfo<Planted>& planted) {
                           return std::string(planted.param.fault);
                         });

/// The finding of zoo/layer_single_missing_barrier on this layer.
Finding finding_of_layer(const char* layer, Dtype dtype) {
  LayerProblem problem = parse_layer(layer).value();
  problem.dtype = dtype;
  const std::vector<Pipeline> zoo = zoo_pipelines();
  const Pipeline& pipeline = named(zoo, "zoo/layer_single_missing_barrier");
  const auto executor = make_ptx_executor();
  const PipelineRecord record = run_pipeline(pipeline, draw_layer_case(problem, {}), *executor);
  EXPECT_EQ(record.verdict, Verdict::fault) << layer;
  return record.findings.empty() ? Finding{} : record.findings.front();
}

// Blocks run one after the other, so the second reads what the first has written already: the
// numbers would be right, and nothing but the missing order shows.
TEST(ZooLayer, ABlockThatReadsWhatAnEarlierOneWroteRaces) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    const Finding finding = finding_of_layer("layer(b=2,s=40,d=16)", dtype);
    EXPECT_EQ(finding.kind, FindingKind::global_race) << name(dtype);
    EXPECT_EQ(finding.allocation, "qkv");
    ASSERT_TRUE(finding.other.has_value());
    EXPECT_NE(finding.party.block, finding.other->block);
  }
}

// The first block needs keys that the second has to write.
TEST(ZooLayer, ABlockThatReadsWhatALaterOneWritesReadsNothing) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    const Finding finding = finding_of_layer("layer(s=128,d=64)", dtype);
    EXPECT_EQ(finding.kind, FindingKind::uninitialised_read) << name(dtype);
    EXPECT_EQ(finding.allocation, "qkv");
  }
}

}  // namespace
}  // namespace attest
