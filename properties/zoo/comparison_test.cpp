// The comparisons see what such tests see, and pass correct kernels.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/comparison.h"

#include "harness/executor/ptx_executor.h"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace attest
