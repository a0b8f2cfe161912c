// The comparisons see what such tests see, and the unfused baseline is what it says.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/comparison.h"

#include "harness/executor/ptx_executor.h"
#include "reference/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

std::vector<std::string> that_see(const std::string& name) {
  const auto& all = all_zoo_faults();
  const auto at = std::find_if(
      all.begin(), all.end(), [&name](const ZooFault& fault) { return fault.name == name; });
  EXPECT_NE(at, all.end()) << name;
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  return comparisons.that_see(faulty_patient(*at), *executor, [] { return false; });
}

const std::string kPlain = "random normal, allclose 1e-2";
const std::string kFlash = "FlashAttention's rule";

TEST(Comparisons, GrossFaultsAreSeenByBoth) {
  EXPECT_EQ(that_see("half_of_head_dim"), (std::vector<std::string>{kPlain, kFlash}));
}

TEST(Comparisons, ATailIsSeenOnShapesThatHaveOne) {
  EXPECT_EQ(that_see("tail_hidden_under_mask_only"), std::vector<std::string>{kFlash});
}

TEST(Comparisons, DataThatIsNotNormalIsNotTried) {
  EXPECT_TRUE(that_see("no_max").empty());
  EXPECT_TRUE(that_see("tail_raises_max").empty());
}

TEST(Comparisons, OperationsHaveNoRuleOfFlashAttention) {
  EXPECT_EQ(that_see("gemm_bias_twice"), std::vector<std::string>{kPlain});
}

TEST(Comparisons, NothingIsSeenWhenTheTimeIsOver) {
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  const Patient patient = faulty_patient(all_zoo_faults().front());
  EXPECT_TRUE(comparisons.that_see(patient, *executor, [] { return true; }).empty());
}

/// Correct kernels pass both, in every dtype.
TEST(Comparisons, CorrectKernelsPass) {
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  for (const KernelSpec& kernel : all_kernels()) {
    EXPECT_TRUE(comparisons.that_see({&kernel}, *executor, [] { return false; }).empty())
        << kernel.name;
  }
  for (const OperationSpec& kernel : all_operation_specs()) {
    EXPECT_TRUE(comparisons.that_see({nullptr, &kernel}, *executor, [] { return false; }).empty())
        << kernel.name;
  }
}

/// The more bits, the nearer; and within some roundings of weights and values of at most 4.
TEST(Unfused, ErrsByTheDtypesRoundings) {
  double last = 0;
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    Problem problem = parse_problem("attn(hq=2,sq=40,skv=70,mask=causal-br,seed=3)").value();
    problem.dtype = dtype;
    const Inputs inputs = draw_inputs(problem);
    const std::vector<double> unfused = unfused_attention(problem, inputs);
    const ReferenceTerms terms = reference_attention(problem, inputs);
    ASSERT_EQ(unfused.size(), terms.o.size());
    double largest = 0;
    for (std::size_t n = 0; n < unfused.size(); ++n)
      largest = std::max(largest, std::fabs(unfused[n] - terms.o[n]));
    EXPECT_GT(largest, last) << name(dtype);
    EXPECT_LT(largest, 64 * unit_roundoff(dtype)) << name(dtype);
    last = largest;
  }
}

TEST(Unfused, ARowWithoutKeysIsZero) {
  const Problem problem = parse_problem("attn(sq=2,skv=1,mask=causal-br)").value();
  const std::vector<double> o = unfused_attention(problem, draw_inputs(problem));
  EXPECT_TRUE(std::all_of(o.begin(), o.begin() + 64, [](double x) { return x == 0; }));
  EXPECT_FALSE(std::all_of(o.begin() + 64, o.end(), [](double x) { return x == 0; }));
}

}  // namespace
}  // namespace attest
