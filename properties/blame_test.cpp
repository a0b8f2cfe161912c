// Twenty planted failures: each is found, shrunk to a case that no single step simplifies, and blamed
// on the stage that the patch is in.
// SPDX-License-Identifier: Apache-2.0
#include "properties/blame.h"

#include "harness/base/check.h"
#include "harness/executor/ptx_executor.h"
#include "properties/planted.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <ostream>

namespace attest {
namespace {

struct Row {
  const char* fault;
  const char* stage;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const Row& row, std::ostream* os) {
  *os << row.fault;
}

constexpr Row kRows[] = {{"drops_last_query", "scores"},
                         {"k_batch_stride", "scores"},
                         {"k_row_stride_packed", "scores"},
                         {"scale_of_head_dim", "scores"},
                         {"scale_off_mma", "scores"},
                         {"causal_off_by_one", "mask"},
                         {"diagonal_ignores_padding", "mask"},
                         {"window_off_by_one", "mask"},
                         {"window_wraps", "mask"},
                         {"exp_coarse_mma", "softmax"},
                         {"finite_sentinel", "softmax"},
                         {"lse_in_mixed_bases", "softmax"},
                         {"no_max", "softmax"},
                         {"drops_last_key_mma", "P*V"},
                         {"pv_in_f16", "P*V"},
                         {"no_rescale", "merge"},
                         {"sum_not_rescaled", "merge"},
                         {"accumulates_into_output", "store"},
                         {"output_clamped", "store"},
                         {"store_unbounded", "store"}};

constexpr double kMostSeconds = 30;  // of a CPU, for shrinking one failure

template <class T>
const T& named(const std::vector<T>& all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const T& t) { return t.name == name; });
  ATTEST_CHECK(at != all.end());
  return *at;
}

SearchOptions search_of(const KernelSpec& kernel) {
  SearchOptions options;
  options.kernels = {&kernel};
  for (const Property& property : all_properties()) {
    if (!property.compares_devices) options.properties.push_back(&property);
  }
  options.profile = find_profile("quick").value();
  options.profile.cases = 228;  // what quick has for two dtypes of a kernel
  options.seed = 20;
  return options;
}

std::optional<CaseResult> first_failure(const SearchOptions& options, Executor& executor) {
  for (const PlannedCase& planned : plan_cases(options).cases) {
    CaseResult result = run_case(planned.which, planned, executor);
    if (is_failure(result)) return result;
  }
  return std::nullopt;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

class PlantedFailure : public testing::TestWithParam<Row> {};

TEST_P(PlantedFailure, ShrinksToTheLeastCaseAndIsBlamedOnItsStage) {
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& kernel = named(zoo, std::string("zoo/") + GetParam().fault);
  const auto executor = make_ptx_executor();
  const SearchOptions options = search_of(kernel);
  const auto found = first_failure(options, *executor);
  ASSERT_TRUE(found.has_value());
  const Property& property = property_named(found->which.property);
  const Evaluate evaluate = [&](const Case& which) {
    return run_case(which, kernel, property, *executor);
  };
  const double before = cpu_seconds();
  const FailureRecord record = shrink(*found, evaluate, {.budget = options.profile.shrink_budget});
  EXPECT_LT(cpu_seconds() - before, kMostSeconds);
  EXPECT_LT(record.steps, options.profile.shrink_budget);
  const Signature signature = signature_of(*found);
  for (const Case& step : shrink_steps(record.shrunk.which))
    EXPECT_NE(signature_of(evaluate(step)), signature) << replay_line(step);
  const Diagnosis diagnosis = blame(record.shrunk, kernel_subject(kernel, *executor));
  EXPECT_EQ(diagnosis.stage, GetParam().stage)
      << replay_line(record.shrunk.which) << ' ' << diagnosis.because;
  EXPECT_FALSE(diagnosis.because.empty());
}

INSTANTIATE_TEST_SUITE_P(All, PlantedFailure, testing::ValuesIn(kRows), [](const auto& row) {
  return row.param.fault;
});

// A right subject gives no probe anything to say.
TEST(Blame, FindsNothingWhereNothingIsWrong) {
  for (const char* text : {"attn(b=2,hq=4,hkv=2,sq=9,skv=70,dtype=f32,mask=causal-br)",
                           "attn(sq=5,skv=130,d=32,mask=window(7,3,br)&padding(129))",
                           "attn(sq=3,skv=65,mask=bool,fill=-1000,scale=0)",
                           "attn(sq=0,skv=5)",
                           "attn(sq=5,skv=0)"}) {
    CaseResult failure;
    failure.which = case_of(text, "agrees_with_reference");
    failure.verdict = Verdict::disagree;
    const Diagnosis diagnosis = blame(failure, reference_subject());
    EXPECT_EQ(diagnosis.stage, "") << text << ' ' << diagnosis.because;
  }
}

/// Wrong under a bool mask alone, and only where scores are not all 0.
Subject wrong_under_a_mask(std::function<void(const Problem&, Answer&)> spoil) {
  return spoilt_subject([spoil = std::move(spoil)](
                            const Problem& p, const Inputs& in, const Conditions&, Answer& answer) {
    if (p.mask.boolean && in.q.value(0, 0, 0, 0) != 0) spoil(p, answer);
  });
}

TEST(Blame, OfWhatIsWrongWithAMaskThatIsRightByItself) {
  const auto stage_of = [](const char* text, const Subject& subject) {
    const Case which = case_of(text, "agrees_with_reference");
    const CaseResult failure = run_case(which, subject, property_named("agrees_with_reference"));
    EXPECT_TRUE(is_failure(failure)) << text;
    return blame(failure, subject).stage;
  };
  const Subject lse =
      wrong_under_a_mask([](const Problem&, Answer& answer) { answer.outputs.lse.front() += 1; });
  const Subject o = wrong_under_a_mask([](const Problem& p, Answer& answer) {
    answer.outputs.o.set_bits(0, 0, 0, 0, encode(p.dtype, 1000));
  });
  EXPECT_EQ(stage_of("attn(sq=3,skv=9,mask=bool)", lse), "softmax");
  EXPECT_EQ(stage_of("attn(sq=3,skv=9,mask=bool)", o), "P*V");
  EXPECT_EQ(stage_of("attn(sq=3,skv=9,mask=bool,fill=-3)", lse), "mask");
}

TEST(Blame, OfAFindingIsTheStageOfItsBuffer) {
  const auto stage_of = [](const char* allocation) {
    CaseResult failure;
    failure.which = case_of("attn(sq=3)", "agrees_with_reference");
    failure.verdict = Verdict::fault;
    failure.findings.emplace_back();
    failure.findings.front().allocation = allocation;
    return blame(failure, reference_subject()).stage;
  };
  EXPECT_EQ(stage_of("o"), "store");
  EXPECT_EQ(stage_of("k"), "scores");
  EXPECT_EQ(stage_of("v"), "P*V");
  EXPECT_EQ(stage_of("kv_lengths"), "mask");
  EXPECT_EQ(stage_of("tile"), "");
}

}  // namespace
}  // namespace attest
