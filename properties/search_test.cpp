// Plans: what they depend on, what they count, and when they end.
// SPDX-License-Identifier: Apache-2.0
#include "properties/search.h"

#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace attest {
namespace {

struct Search {
  std::vector<KernelSpec> kernels = {claim_aligned("aligned", {Dtype::f16, Dtype::bf16}),
                                     claim_all("any", {Dtype::f32})};
  SearchOptions options;

  explicit Search(std::int64_t cases, std::uint64_t seed = 5) {
    for (const KernelSpec& kernel : kernels)
      options.kernels.push_back(&kernel);
    for (const Property& property : all_properties()) {
      if (!property.compares_devices) options.properties.push_back(&property);
    }
    options.profile = find_profile("quick").value();
    options.profile.cases = cases;
    options.seed = seed;
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
};

std::vector<std::string> lines(const Plan& plan) {
  std::vector<std::string> out;
  for (const PlannedCase& planned : plan.cases)
    out.push_back(replay_line(planned.which));
  return out;
}

TEST(Plan, IsAFunctionOfItsOptions) {
  const Search one(200);
  const Search two(200);
  const Search other(200, 6);
  EXPECT_EQ(lines(plan_cases(one.options)), lines(plan_cases(two.options)));
  EXPECT_NE(lines(plan_cases(one.options)), lines(plan_cases(other.options)));
}

TEST(Plan, ALongerOneBeginsWithTheShorter) {
  const Search few(50);
  const Search many(300);
  const auto head = lines(plan_cases(few.options));
  const auto all = lines(plan_cases(many.options));
  ASSERT_LT(head.size(), all.size());
  EXPECT_TRUE(std::equal(head.begin(), head.end(), all.begin()));
}

/// Where the others' cases end is all that another kernel changes.
TEST(Plan, AKernelMoreMovesNoCaseOfTheOthers) {
  Search search(300);
  const KernelSpec another = claim_all("another", {Dtype::f16, Dtype::f32});
  const Plan before = plan_cases(search.options);
  search.options.kernels.insert(search.options.kernels.begin(), &another);
  const Plan after = plan_cases(search.options);
  for (const KernelSpec& kernel : search.kernels) {
    for (const Dtype dtype : kernel.dtypes) {
      const auto cases = [&](const Plan& plan) {
        std::vector<std::string> out;
        for (const PlannedCase& planned : plan.cases) {
          if (planned.kernel == &kernel && planned.which.attention().dtype == dtype)
            out.push_back(replay_line(planned.which));
        }
        return out;
      };
      const auto head = cases(after);
      const auto all = cases(before);
      ASSERT_GE(head.size(), 50U);
      ASSERT_LT(head.size(), all.size());
      EXPECT_TRUE(std::equal(head.begin(), head.end(), all.begin())) << kernel.name;
    }
  }
}

TEST(Plan, HasTheAcceptedCasesThatWereAskedForAndNoIdTwice) {
  const Search search(300);
  const Plan plan = plan_cases(search.options);
  std::set<std::string> ids;
  std::int64_t refused = 0;
  std::set<std::string> cells;
  for (const PlannedCase& planned : plan.cases) {
    EXPECT_TRUE(ids.insert(id(planned.which)).second);
    EXPECT_EQ(planned.which.kernel, planned.kernel->name);
    EXPECT_EQ(planned.which.property, planned.property->name);
    refused += planned.kernel->refusal(planned.which.attention()).has_value();
    cells.insert(planned.which.kernel + planned.which.property +
                 std::string(name(planned.which.attention().dtype)));
  }
  EXPECT_EQ(refused, plan.refused);
  EXPECT_EQ(static_cast<std::int64_t>(plan.cases.size()), 300 + plan.refused);
  EXPECT_EQ(cells.size(), 3 * search.options.properties.size());
}

TEST(Plan, GivesEachPropertyItsShareEvenlySpread) {
  Search search(240);
  search.options.kernels = {&search.kernels[1]};
  const Plan plan = plan_cases(search.options);
  std::size_t round = 0;
  for (const Property* property : search.options.properties)
    round += static_cast<std::size_t>(property->share);
  EXPECT_EQ(property_named("agrees_with_reference").share * 2, static_cast<int>(round));
  for (std::size_t begin = 0; begin + round <= plan.cases.size(); begin += round) {
    std::map<std::string, int> turns;
    for (std::size_t i = begin; i < begin + round; ++i)
      ++turns[plan.cases[i].which.property];
    for (const Property* property : search.options.properties) {
      EXPECT_EQ(turns[property->name], property->share) << property->name;
    }
    EXPECT_NE(plan.cases[begin].which.property, plan.cases[begin + 1].which.property);
  }
}

TEST(Plan, HonoursDtypeAndMode) {
  Search search(60);
  search.options.dtypes = {Dtype::bf16};
  search.options.schedule = 9;
  search.options.arch = "sm_90";
  search.options.mma = MmaBits::fast;
  search.options.approx = Approx::low;
  search.options.contract = Contract::on;
  const Plan plan = plan_cases(search.options);
  EXPECT_GE(plan.cases.size(), 60U);
  for (const PlannedCase& planned : plan.cases) {
    EXPECT_EQ(planned.which.attention().dtype, Dtype::bf16);
    EXPECT_EQ(planned.which.mode,
              (Mode{.arch = "sm_90",
                    .schedule = 9,
                    .mma = MmaBits::fast,
                    .approx = Approx::low,
                    .contract = Contract::on}));
  }
}

TEST(Plan, DrawsAscendingAndOtherSchedules) {
  const Search search(200);
  std::int64_t ascending = 0;
  std::set<std::uint64_t> schedules;
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    ascending += planned.which.mode.schedule == 0;
    schedules.insert(planned.which.mode.schedule);
  }
  EXPECT_GT(ascending, 20);
  EXPECT_GT(schedules.size(), 80U);
}

TEST(Plan, DrawsEveryApproxAndHalfOfThemCorrectlyRounded) {
  const Search search(400);
  std::map<Approx, int> count;
  for (const PlannedCase& planned : plan_cases(search.options).cases) {
    ++count[planned.which.mode.approx];
    EXPECT_EQ(planned.which.mode.contract, Contract::off) << "drawn in soak only";
    EXPECT_EQ(planned.which.mode.mma, MmaBits::exact);
  }
  EXPECT_GT(count[Approx::cr], 160);
  EXPECT_LT(count[Approx::cr], 240);
  for (const Approx moved : {Approx::low, Approx::high, Approx::random})
    EXPECT_GT(count[moved], 30) << name(moved);
}

TEST(Plan, DrawsContractionInSoak) {
  Search search(0);
  search.options.profile = find_profile("soak").value();
  search.options.profile.cases = 200;
  std::map<Contract, int> count;
  for (const PlannedCase& planned : plan_cases(search.options).cases)
    ++count[planned.which.mode.contract];
  EXPECT_GT(count[Contract::on], 60);
  EXPECT_GT(count[Contract::off], 60);
}

TEST(Plan, IsEmptyWhereNothingCanBeDrawn) {
  Search search(60);
  search.options.kernels = {&search.kernels[1]};
  search.options.dtypes = {Dtype::bf16};
  EXPECT_TRUE(plan_cases(search.options).cases.empty());
  Search none(60);
  none.options.properties.clear();
  EXPECT_TRUE(plan_cases(none.options).cases.empty());
}

TEST(Plan, EndsWhenTheKernelRefusesEverything) {
  Search search(60);
  KernelSpec never = claim_all("never", {Dtype::f16});
  never.refusal = [](const Problem&) { return std::optional<std::string>("never"); };
  search.options.kernels = {&never};
  const Plan plan = plan_cases(search.options);
  EXPECT_EQ(static_cast<std::int64_t>(plan.cases.size()), plan.refused);
  EXPECT_GT(plan.refused, 0);
}

/// A property that says something about two problems only.
TEST(Plan, CountsDuplicatesAndDiscardsAndEnds) {
  Property narrow = property_named("agrees_with_reference");
  narrow.applies = [](const Problem& p) {
    return to_string(p) == "attn(sq=2,dtype=f32)" || to_string(p) == "attn(sq=3,dtype=f32)";
  };
  narrow.focus = [](const Problem& p, std::uint64_t bits) {
    Problem out;
    out.dtype = p.dtype;
    out.seq_q = out.seq_kv = static_cast<std::int64_t>(1 + bits % 3);
    return out;
  };
  Search search(60);
  search.options.kernels = {&search.kernels[1]};
  search.options.properties = {&narrow};
  search.options.schedule = 0;
  search.options.approx = Approx::cr;
  const Plan plan = plan_cases(search.options);
  EXPECT_GT(plan.duplicates, 0);
  EXPECT_GT(plan.discarded, 0);
  EXPECT_EQ(plan.cases.size(), 2U);
}

TEST(DistinctFailures, AreTheFirstOfEachKernelAndSignature) {
  const auto result = [](std::string kernel, Verdict verdict, std::string tensor) {
    CaseResult out;
    out.which.kernel = std::move(kernel);
    out.verdict = verdict;
    if (verdict == Verdict::disagree) {
      out.divergence = DivergenceRecord{};
      out.divergence->tensor = std::move(tensor);
    }
    return out;
  };
  const std::vector<CaseResult> results = {result("a", Verdict::agree, ""),
                                           result("a", Verdict::disagree, "o"),
                                           result("a", Verdict::disagree, "lse"),
                                           result("a", Verdict::disagree, "o"),
                                           result("b", Verdict::disagree, "o"),
                                           result("b", Verdict::refused, ""),
                                           result("b", Verdict::not_run, ""),
                                           result("a", Verdict::fault, "")};
  EXPECT_EQ(distinct_failures(results), (std::vector<std::size_t>{1, 2, 4, 7}));
}

TEST(Profiles, AreFoundByNameOrNamed) {
  EXPECT_GE(find_profile("quick").value().cases, 500);
  EXPECT_GE(find_profile("ci").value().cases, 5000);
  const auto missing = find_profile("slow");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::bad_input);
  EXPECT_EQ(missing.error().message, "profile 'slow', allowed: quick, ci, soak");
}

TEST(RunCase, SaysWhyAPropertyDoesNotApply) {
  const CaseResult result = run_case(
      case_of("attn(sq=2,mask=causal-br)"), reference_subject(), property_named("keys_permuted"));
  EXPECT_EQ(result.verdict, Verdict::not_run);
  EXPECT_EQ(result.reason, "keys_permuted says nothing about this problem");
}

TEST(AllProperties, HaveASentenceAMutantAndAName) {
  std::set<std::string> names;
  for (const Property& property : all_properties()) {
    EXPECT_TRUE(names.insert(property.name).second);
    EXPECT_FALSE(property.sentence.empty());
    EXPECT_EQ(property.mutant.rfind("zoo/", 0), 0U) << property.name;
    EXPECT_GE(property.runs, 1);
    EXPECT_GE(property.share, 1);
  }
  EXPECT_FALSE(names.empty());
}

}  // namespace
}  // namespace attest
