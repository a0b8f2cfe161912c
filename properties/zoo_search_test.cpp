// The search, end to end on the executor: a fault of each class is found in few cases and shrunk to
// one that no single step simplifies; every property catches its mutant.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/executor/device_executor.h"
#include "harness/executor/ptx_executor.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

constexpr std::int64_t kCases = 228;  // what quick has for two dtypes of a kernel
constexpr std::int64_t kOperationCases = 300;
constexpr std::uint64_t kSeed = 20;

SearchOptions search_of(const KernelSpec& kernel, std::vector<const Property*> properties) {
  SearchOptions options;
  options.kernels = {&kernel};
  options.properties = std::move(properties);
  options.profile = find_profile("quick").value();
  options.profile.cases = kCases;
  options.seed = kSeed;
  return options;
}

SearchOptions search_of(const OperationSpec& kernel, std::vector<const Property*> properties) {
  SearchOptions options;
  options.operations = {&kernel};
  options.properties = std::move(properties);
  options.profile = find_profile("quick").value();
  options.profile.operation_cases = kOperationCases;
  options.seed = kSeed;
  return options;
}

/// The first failure of a plan.
std::optional<CaseResult> first_failure(const SearchOptions& options, Executor& executor) {
  for (const PlannedCase& planned : plan_cases(options).cases) {
    CaseResult result = run_case(planned.which, planned, executor);
    EXPECT_NE(result.verdict, Verdict::not_run) << result.reason;
    if (is_failure(result)) return result;
  }
  return std::nullopt;
}

template <class T>
std::vector<std::string> names(const std::vector<T>& all) {
  std::vector<std::string> out;
  for (const T& each : all)
    out.push_back(each.name);
  return out;
}

template <class T>
const T& named(const std::vector<T>& all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const T& t) { return t.name == name; });
  ATTEST_CHECK(at != all.end());
  return *at;
}

/// Test names are of letters, digits and underscores.
std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string out = info.param;
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

template <class Spec>
void expect_found_and_shrunk(const Spec& kernel, const SearchOptions& options) {
  const auto executor = make_ptx_executor();
  const auto found = first_failure(options, *executor);
  ASSERT_TRUE(found.has_value());
  const Property& property = named(all_properties(), found->which.property);
  const Evaluate evaluate = [&](const Case& which) {
    return run_case(which, kernel, property, *executor);
  };
  const std::int64_t budget = find_profile("quick").value().shrink_budget;
  const FailureRecord record = shrink(*found, evaluate, {.budget = budget});
  const Case& least = record.shrunk.which;
  const Signature signature = signature_of(*found);
  EXPECT_LT(record.steps, budget);
  EXPECT_EQ(signature_of(evaluate(least)), signature) << replay_line(least);
  for (const Case& step : shrink_steps(least)) {
    EXPECT_NE(signature_of(evaluate(step)), signature) << replay_line(step);
  }
}

/// `attest zoo` examines them all; here the search of `check` is what is tested.
class FaultOfEachClass : public testing::TestWithParam<std::string> {};

TEST_P(FaultOfEachClass, IsFoundAndShrunkToACaseThatRepeats) {
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& kernel = named(zoo, GetParam());
  std::vector<const Property*> properties;
  for (const Property& property : all_properties()) {
    if (!property.compares_devices) properties.push_back(&property);
  }
  expect_found_and_shrunk(kernel, search_of(kernel, properties));
}

INSTANTIATE_TEST_SUITE_P(Zoo,
                         FaultOfEachClass,
                         testing::ValuesIn(zoo_kernel_of_each_class()),
                         test_name);

class EveryOperationFault : public testing::TestWithParam<std::string> {};

TEST_P(EveryOperationFault, IsFoundByAgreementAndShrunkToACaseThatRepeats) {
  const std::vector<OperationSpec> zoo = zoo_operations();
  const OperationSpec& kernel = named(zoo, GetParam());
  const Property& agrees = named(all_properties(), "agrees_with_reference");
  expect_found_and_shrunk(kernel, search_of(kernel, {&agrees}));
}

INSTANTIATE_TEST_SUITE_P(Zoo,
                         EveryOperationFault,
                         testing::ValuesIn(names(zoo_operations())),
                         test_name);

/// The interpreter in place of a GPU.
class StandIn final : public Executor {
 public:
  Result<Execution> run(const Job& job) override {
    Job here = job;
    here.mode.device = Device::ptx;
    return ptx_->run(here);
  }

 private:
  std::unique_ptr<Executor> ptx_ = make_ptx_executor();
};

std::unique_ptr<Executor> make_stand_in() {
  return std::make_unique<StandIn>();
}

class EveryProperty : public testing::TestWithParam<std::string> {};

TEST_P(EveryProperty, CatchesItsMutant) {
  const Property& property = named(all_properties(), GetParam());
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& mutant = named(zoo, property.mutant);
  // The second device is another interpreter: a property that compares devices sees both wrong.
  const auto executor = make_device_executor(make_ptx_executor(), make_stand_in());
  SearchOptions options = search_of(mutant, {&property});
  options.devices = {Device::ptx, Device::cuda};
  EXPECT_TRUE(first_failure(options, *executor).has_value());
}

INSTANTIATE_TEST_SUITE_P(All, EveryProperty, testing::ValuesIn(names(all_properties())), test_name);

}  // namespace
}  // namespace attest
