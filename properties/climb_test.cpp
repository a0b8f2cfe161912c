// A climb finds what draws alone do not, is a function of its seed, and ends at a failure.
// SPDX-License-Identifier: Apache-2.0
#include "properties/climb.h"

#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

constexpr std::int64_t kEvaluations = 300;

const KernelSpec& kernel() {
  static const KernelSpec spec = claim_all("planted", {Dtype::f16, Dtype::f32});
  return spec;
}

SearchOptions options_of(std::uint64_t seed) {
  SearchOptions options;
  options.kernels = {&kernel()};
  options.properties = {&property_named("agrees_with_reference")};
  options.profile = find_profile("quick").value();
  options.seed = seed;
  return options;
}

/// Highest for one long row of ramp-up data, with a seed that ends in many zeros.
double ridge(const Problem& p) {
  const double keys = 1 / (1 + std::fabs(std::log2(static_cast<double>(p.seq_kv + 1) / 2000)));
  const double rows = 1 / (1 + static_cast<double>(p.seq_q));
  const double data = p.data.kind == DataKind::ramp_up ? 0.2 : 0;
  const double seed = p.seed % 8 == 0 ? 0.1 : 0;
  return 0.5 * keys + 0.4 * rows + data + seed;
}

Evaluate evaluate_by_ridge(std::int64_t& evaluations, double failing_above = 10) {
  return [&evaluations, failing_above](const Case& which) {
    ++evaluations;
    CaseResult result;
    result.which = which;
    result.ratio_o = ridge(which.attention());
    result.verdict = result.ratio_o > failing_above ? Verdict::disagree : Verdict::agree;
    return result;
  };
}

TEST(Climb, HasASlopeForEachKernelAndDtype) {
  SearchOptions options = options_of(1);
  const auto slopes = slopes_of(options);
  ASSERT_EQ(slopes.size(), 2U);
  EXPECT_EQ(slopes[0].dtype, Dtype::f16);
  EXPECT_EQ(slopes[1].dtype, Dtype::f32);
  options.dtypes = {Dtype::f32};
  EXPECT_EQ(slopes_of(options).size(), 1U);
  options.properties = {&property_named("repeats_bitwise")};
  EXPECT_TRUE(slopes_of(options).empty());
}

TEST(Climb, FindsWhatDrawsAloneDoNot) {
  const SearchOptions options = options_of(3);
  const Slope slope = slopes_of(options).front();
  std::int64_t evaluations = 0;
  const Evaluate evaluate = evaluate_by_ridge(evaluations);
  const auto best = climb(options, slope, 0, kEvaluations, evaluate);
  ASSERT_TRUE(best.has_value());
  EXPECT_LE(evaluations, kEvaluations);
  double drawn = 0;
  SearchOptions draws = options;
  draws.profile.cases = kEvaluations;
  for (const PlannedCase& planned : plan_cases(draws).cases)
    drawn = std::max(drawn, ridge(planned.which.attention()));
  EXPECT_GT(best->ratio_o, drawn + 0.1);
  EXPECT_FALSE(kernel().refusal(best->which.attention()));
}

TEST(Climb, IsAFunctionOfItsSeed) {
  std::int64_t evaluations = 0;
  const Evaluate evaluate = evaluate_by_ridge(evaluations);
  const auto found = [&](std::uint64_t seed, std::size_t number) {
    const SearchOptions options = options_of(seed);
    const auto slopes = slopes_of(options);
    return to_string(climb(options, slopes[0], number, 60, evaluate)->which.problem);
  };
  EXPECT_EQ(found(3, 0), found(3, 0));
  EXPECT_NE(found(3, 0), found(4, 0));
  EXPECT_NE(found(3, 0), found(3, 1));
}

TEST(Climb, EndsAtAFailure) {
  const SearchOptions options = options_of(3);
  const Slope slope = slopes_of(options).front();
  std::int64_t evaluations = 0;
  const auto best = climb(options, slope, 0, kEvaluations, evaluate_by_ridge(evaluations, 0.6));
  ASSERT_TRUE(best.has_value());
  EXPECT_EQ(best->verdict, Verdict::disagree);
  EXPECT_LT(evaluations, kEvaluations);
}

TEST(Climb, OfAKernelThatRefusesAllFindsNothing) {
  KernelSpec none = kernel();
  none.refusal = [](const Problem&) { return std::optional<std::string>("nothing is taken"); };
  SearchOptions options = options_of(3);
  options.kernels = {&none};
  const auto slopes = slopes_of(options);
  std::int64_t evaluations = 0;
  EXPECT_FALSE(
      climb(options, slopes[0], 0, kEvaluations, evaluate_by_ridge(evaluations)).has_value());
  EXPECT_EQ(evaluations, 0);
}

}  // namespace
}  // namespace attest
