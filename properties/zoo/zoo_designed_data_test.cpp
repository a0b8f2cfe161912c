// Faults that long rows hide from any tolerance, in every dtype, with data made for them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace attest {
namespace {

struct Row {
  const char* fault;
  const char* property;
  const char* problem;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const Row& row, std::ostream* os) {
  *os << row.fault;
}

/// One key more or less in many changes O and LSE by less than their bounds, with data of one size.
/// As a column of its own each key is worth its whole weight.
constexpr Row kRows[] = {
    {"drops_last_key", "hidden_mass_is_zero", "attn(sq=1,skv=16385)"},
    {"drops_last_key_mma", "hidden_mass_is_zero", "attn(sq=1,skv=16385)"},
    {"window_off_by_one", "hidden_mass_is_zero", "attn(sq=1,skv=8200,mask=window(8192,-1,br))"},
    {"window_off_by_one_f32", "hidden_mass_is_zero", "attn(sq=1,skv=8200,mask=window(8192,-1,br))"},
    {"pv_in_f16", "constant_values_return", "attn(sq=1,skv=4096,data=normal(0.1))"},
    {"pv_in_f16_mma", "constant_values_return", "attn(sq=1,skv=4096,data=normal(0.1))"},
    {"scale_off", "agrees_with_reference", "attn(sq=1,skv=1024,data=normal(4))"},
    {"scale_off_mma", "agrees_with_reference", "attn(sq=1,skv=1024,data=normal(4))"},
    {"no_max", "agrees_with_reference", "attn(sq=1,skv=64,data=normal(40))"},
    {"no_max_mma", "agrees_with_reference", "attn(sq=1,skv=64,data=normal(40))"},
    {"exp_coarse", "agrees_with_reference", "attn(sq=1,skv=64)"},
    {"exp_coarse_mma", "agrees_with_reference", "attn(sq=1,skv=64)"},
};

template <class Entry>
const Entry& named(const std::vector<Entry>& entries, const std::string& name) {
  return *std::find_if(
      entries.begin(), entries.end(), [&name](const Entry& e) { return e.name == name; });
}

class DesignedData : public testing::TestWithParam<Row> {};

TEST_P(DesignedData, ExposesTheFaultInEveryDtypeAndHoldsWithoutIt) {
  const auto& [fault, property_name, problem] = GetParam();
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& faulty = named(zoo, std::string("zoo/") + fault);
  const KernelSpec& right = named(all_kernels(), named(all_zoo_faults(), fault).kernel);
  const Property& property = named(all_properties(), property_name);
  const auto executor = make_ptx_executor();
  for (const Dtype dtype : right.dtypes) {
    Case which;
    which.problem = parse_any(problem).value();
    std::visit([dtype](auto& p) { p.dtype = dtype; }, which.problem);
    which.property = property.name;
    which.kernel = faulty.name;
    EXPECT_EQ(run_case(which, faulty, property, *executor).verdict, Verdict::disagree)
        << replay_line(which);
    which.kernel = right.name;
    EXPECT_EQ(run_case(which, right, property, *executor).verdict, Verdict::agree)
        << replay_line(which);
  }
}

/// Over 4096 keys the roundings of bf16 could be that large, but not all at once.
TEST(ProbabilisticTier, AloneSeesWeightsOfSixBitsInBf16) {
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const KernelSpec& faulty = named(zoo, "zoo/weights_in_six_bits");
  const KernelSpec& right = named(all_kernels(), "attention_mma");
  const Property& property = named(all_properties(), "agrees_with_reference");
  const auto executor = make_ptx_executor();
  Case which;
  which.problem = parse_any("attn(sq=1,skv=4096,dtype=bf16)").value();
  which.property = property.name;
  which.kernel = faulty.name;
  const CaseResult wrong = run_case(which, faulty, property, *executor);
  EXPECT_EQ(wrong.verdict, Verdict::disagree);
  ASSERT_TRUE(wrong.divergence.has_value());
  EXPECT_EQ(wrong.divergence->tier, "probabilistic");
  EXPECT_LE(wrong.ratio_o, 1);
  EXPECT_LE(wrong.ratio_lse, 1);
  EXPECT_GT(wrong.ratio_likely, 1);
  which.mode.approx = Approx::high;
  EXPECT_EQ(run_case(which, faulty, property, *executor).verdict, Verdict::agree);
  which.mode.approx = Approx::cr;
  which.kernel = right.name;
  EXPECT_EQ(run_case(which, right, property, *executor).verdict, Verdict::agree);
}

INSTANTIATE_TEST_SUITE_P(Faults, DesignedData, testing::ValuesIn(kRows), [](const auto& row) {
  return row.param.fault;
});

}  // namespace
}  // namespace attest
