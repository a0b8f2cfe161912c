// What the generators draw: valid, affordable, in the claim, and of the mix that quick promises.
// SPDX-License-Identifier: Apache-2.0
#include "properties/generators.h"

#include "properties/case_mix.h"
#include "properties/pairs.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

constexpr std::uint64_t kSeeds[] = {0, 1, 2, 0x9e3779b97f4a7c15};

/// What `check --profile quick` draws from.
SearchOptions quick(std::uint64_t seed) {
  SearchOptions options;
  for (const KernelSpec& kernel : all_kernels())
    options.kernels.push_back(&kernel);
  for (const Property& property : all_properties())
    options.properties.push_back(&property);
  options.profile = find_profile("quick").value();
  options.seed = seed;
  return options;
}

TEST(Generators, QuickHasTheMixThatItPromises) {
  for (const std::uint64_t seed : kSeeds) {
    const Plan plan = plan_cases(quick(seed));
    const CaseMix mix = case_mix(plan.cases);
    EXPECT_GE(mix.cases, 500);
    EXPECT_GE(mix.median_pairs, 4096);
    EXPECT_GE(mix.several_kv_tiles, 0.60);
    EXPECT_GE(mix.several_q_tiles, 0.30);
    EXPECT_GE(mix.not_square, 0.20);
    EXPECT_GE(mix.empty_row_or_tile, 0.15);
    EXPECT_LT(plan.discarded * 20, mix.cases);
    EXPECT_LT(plan.refused * 10, mix.cases);
    EXPECT_GT(plan.refused, 0);
  }
}

TEST(Generators, QuickMeetsEveryValueOfEveryAxisOfEveryKernel) {
  for (const std::uint64_t seed : kSeeds) {
    const Plan plan = plan_cases(quick(seed));
    for (const KernelSpec& kernel : all_kernels()) {
      for (const Dtype dtype : kernel.dtypes) {
        for (const AxisValue& wanted : axis_values(kernel, dtype)) {
          std::int64_t met = 0;
          for (const PlannedCase& planned : plan.cases) {
            const Problem& p = planned.which.attention();
            met += planned.kernel == &kernel && p.dtype == dtype && wanted.holds(p) &&
                   !kernel.refusal(p);
          }
          EXPECT_GT(met, 0) << kernel.name << " " << name(dtype) << " " << wanted.axis << "="
                            << wanted.value;
        }
      }
    }
  }
}

TEST(Generators, CiMeetsEveryPairOfValuesOfEveryKernel) {
  SearchOptions options = quick(7);
  options.profile = find_profile("ci").value();
  const Plan plan = plan_cases(options);
  const CaseMix mix = case_mix(plan.cases);
  EXPECT_GE(mix.median_pairs, 4096);
  EXPECT_GE(mix.several_kv_tiles, 0.60);
  EXPECT_GE(mix.several_q_tiles, 0.30);
  EXPECT_GE(mix.not_square, 0.20);
  EXPECT_GE(mix.empty_row_or_tile, 0.15);
  for (const KernelSpec& kernel : all_kernels()) {
    for (const Dtype dtype : kernel.dtypes) {
      const std::vector<AxisValue> axes = axis_values(kernel, dtype);
      PairTable pairs(kernel, dtype, axes);
      EXPECT_GT(pairs.possible(), 1000);
      for (const PlannedCase& planned : plan.cases) {
        if (planned.kernel != &kernel || planned.which.attention().dtype != dtype) continue;
        if (!kernel.refusal(planned.which.attention())) pairs.meet(planned.which.attention());
      }
      for (const std::string& missing : pairs.missing())
        ADD_FAILURE() << kernel.name << " " << name(dtype) << ": " << missing;
    }
  }
}

TEST(PairTable, KnowsWhatCannotHoldTogetherAndWhatIsMissing) {
  const KernelSpec kernel = claim_all("any", {Dtype::f16});
  std::vector<AxisValue> axes = axis_values(kernel, Dtype::f16);
  const auto is_other = [](const AxisValue& value) {
    return value.axis != "mask" && value.axis != "batch";
  };
  axes.erase(std::remove_if(axes.begin(), axes.end(), is_other), axes.end());
  PairTable pairs(kernel, Dtype::f16, axes);
  const auto has = [&pairs](const std::string& text) {
    const std::vector<std::string> missing = pairs.missing();
    return std::find(missing.begin(), missing.end(), text) != missing.end();
  };
  EXPECT_EQ(static_cast<std::int64_t>(pairs.missing().size()), pairs.possible());
  EXPECT_FALSE(has("mask=none with mask=bool"));
  EXPECT_FALSE(has("mask=causal-tl with mask=causal-br"));
  EXPECT_TRUE(has("mask=padding with batch=1"));
  pairs.meet(case_of("attn(sq=3,mask=padding(2))").attention());
  EXPECT_FALSE(has("mask=padding with batch=1"));
  EXPECT_TRUE(has("mask=padding with batch=2 and more"));
  for (std::int64_t n = 0; n < 3 * pairs.possible(); ++n) {
    const auto pair = pairs.next_missing();
    ASSERT_TRUE(pair.has_value());
    EXPECT_TRUE(has(pair->first->axis + "=" + pair->first->value + " with " + pair->second->axis +
                    "=" + pair->second->value));
  }
}

TEST(PairRecords, AreOfJudgedCasesByKernelAndDtype) {
  const KernelSpec kernel = claim_all("any", {Dtype::f16, Dtype::bf16});
  std::vector<CaseResult> cases;
  const auto add = [&cases](const char* text, const char* name, Verdict verdict) {
    CaseResult result;
    result.which = case_of(text);
    result.which.kernel = name;
    result.verdict = verdict;
    cases.push_back(result);
  };
  add("attn(b=2,sq=3,mask=bool)", "any", Verdict::refused);
  EXPECT_TRUE(pair_records(cases, {&kernel}).empty());
  add("attn(b=2,sq=3,mask=bool)", "other", Verdict::agree);
  add("attn(b=2,sq=3,dtype=bf16)", "any", Verdict::disagree);
  const std::vector<PairRecord> coverage = pair_records(cases, {&kernel});
  ASSERT_EQ(coverage.size(), 1U);
  EXPECT_EQ(coverage[0].dtype, Dtype::bf16);
  EXPECT_EQ(coverage[0].met, 15);  // of the six values that hold
  EXPECT_GT(coverage[0].possible - coverage[0].met, static_cast<std::int64_t>(kNamedPairs));
  const auto& missing = coverage[0].empty;
  EXPECT_EQ(missing.size(), kNamedPairs);
  const auto has = [&missing](const char* text) {
    return std::find(missing.begin(), missing.end(), text) != missing.end();
  };
  EXPECT_FALSE(has("mask=none with batch=2 and more"));
  EXPECT_TRUE(has("mask=causal-tl with batch=2 and more"));
}

TEST(Generators, EveryDrawIsValidAppliesAndIsAffordable) {
  for (const std::uint64_t seed : kSeeds) {
    for (const PlannedCase& planned : plan_cases(quick(seed)).cases) {
      const Problem& p = planned.which.attention();
      const Status status = validate(p);
      ASSERT_TRUE(status.has_value()) << status.error().to_string() << "\n" << to_string(p);
      EXPECT_TRUE(planned.property->applies(p)) << to_string(p);
      EXPECT_LE(work(*planned.kernel, *planned.property, p), quick(seed).profile.work)
          << to_string(p);
      EXPECT_EQ(parse_problem(to_string(p)).value(), p);
    }
  }
}

TEST(Generators, ADrawDependsOnRequestAndSeedAlone) {
  const KernelSpec kernel = claim_all("any", {Dtype::bf16});
  DrawRequest request;
  request.kernel = &kernel;
  request.property = &property_named("keys_permuted");
  request.dtype = Dtype::bf16;
  request.work = 1 << 18;
  std::set<std::string> distinct;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Problem p = draw_problem(request, seed);
    EXPECT_EQ(draw_problem(request, seed), p);
    distinct.insert(to_string(p));
  }
  EXPECT_EQ(distinct.size(), 100U);
}

TEST(Generators, EveryAxisValueCanBeForced) {
  const KernelSpec kernel = claim_all("any", {Dtype::f16});
  std::set<std::string> axes;
  for (const AxisValue& value : axis_values(kernel, Dtype::f16)) {
    axes.insert(value.axis);
    Problem p =
        parse_problem("attn(b=2,hq=4,hkv=4,sq=9,skv=130,mask=padding(130,3)&causal-tl)").value();
    value.force(p);
    fit_lengths(p);
    EXPECT_TRUE(value.holds(p)) << value.axis << "=" << value.value;
    EXPECT_TRUE(validate(p).has_value()) << value.axis << "=" << value.value;
  }
  EXPECT_EQ(axes.size(), 13U);
}

TEST(Generators, AxisValuesAreThoseThatTheKernelTakes) {
  const auto axes_of = [](const KernelSpec& kernel) {
    std::set<std::string> out;
    for (const AxisValue& value : axis_values(kernel, Dtype::f16))
      out.insert(value.axis);
    return out;
  };
  EXPECT_EQ(axes_of(claim_all("any", {Dtype::f16})).count("skew of one element"), 1U);
  EXPECT_EQ(axes_of(claim_aligned("aligned", {Dtype::f16})).count("skew of one element"), 0U);
  EXPECT_EQ(axes_of(claim_aligned("aligned", {Dtype::f16})).count("skew"), 1U);
  EXPECT_EQ(axes_of(claim_aligned("aligned", {Dtype::f16})).count("fill"), 0U);
}

}  // namespace
}  // namespace attest
