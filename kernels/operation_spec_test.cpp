// What holds for every spec of an operation's kernel.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include "harness/base/ptxas.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

TEST(OperationSpecs, AreSortedAndComplete) {
  const auto& all = all_operation_specs();
  ASSERT_FALSE(all.empty());
  EXPECT_TRUE(std::is_sorted(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const OperationSpec& spec : all) {
    EXPECT_EQ(spec.image.name, spec.name);
    EXPECT_FALSE(spec.image.ptx.empty()) << spec.name;
    EXPECT_FALSE(spec.dtypes.empty()) << spec.name;
  }
}

// Each operation is some kernel's, in every dtype, and no other kernel's.
TEST(OperationSpecs, OneKernelTakesAnOperation) {
  for (const Dtype dtype : kDtypes) {
    for (const Operation& operation : {Operation(Gemm{.dtype = dtype}),
                                       Operation(MaskSoftmax{.dtype = dtype}),
                                       Operation(BiasSplit{.dtype = dtype}),
                                       Operation(Elementwise{.dtype = dtype})}) {
      const auto& all = all_operation_specs();
      EXPECT_EQ(std::count_if(all.begin(),
                              all.end(),
                              [&](const OperationSpec& spec) { return !spec.refusal(operation); }),
                1)
          << operation.index() << " " << name(dtype);
    }
  }
}

TEST(OperationSpecs, LaunchEntriesThatTheirTextHas) {
  for (const OperationSpec& spec : all_operation_specs()) {
    for (const Dtype dtype : kDtypes) {
      for (const Operation& operation : {Operation(Gemm{.dtype = dtype}),
                                         Operation(MaskSoftmax{.dtype = dtype}),
                                         Operation(MaskSoftmax{.scale = 2, .dtype = dtype}),
                                         Operation(BiasSplit{.dtype = dtype}),
                                         Operation(Elementwise{.dtype = dtype})}) {
        if (spec.refusal(operation)) continue;
        const std::string entry = ".entry " + spec.plan(spec.image, operation).entry + "(";
        EXPECT_NE(spec.image.ptx.find(entry), std::string_view::npos) << entry;
      }
    }
  }
}

TEST(OperationSpecs, SpillNothing) {
  for (const OperationSpec& spec : all_operation_specs()) {
    for (const PtxasFigures& figures : parse_ptxas(spec.ptxas)) {
      EXPECT_EQ(figures.spill_store_bytes + figures.spill_load_bytes + figures.stack_bytes, 0)
          << figures.entry;
    }
  }
}

}  // namespace
}  // namespace attest
