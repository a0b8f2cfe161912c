// Claims, parameter block and grid of the GEMM kernels.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_launch.h"

#include "kernels/operation_abi.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

namespace attest {
namespace {

OperationSpec spec() {
  OperationSpec result;
  result.dtypes = {Dtype::f16};
  result.tile_m = 64;
  result.tile_n = 64;
  return result;
}

std::string refusal(const Gemm& gemm) {
  return refuse_gemm(spec(), gemm).value_or("taken");
}

GemmParams params(const Gemm& gemm) {
  const Launch launch = plan_gemm({"image", "ptx"}, gemm, {.entry = "e"});
  GemmParams result{};
  EXPECT_EQ(launch.parameters.size(), sizeof result);
  std::memcpy(&result, launch.parameters.data(), sizeof result);
  return result;
}

std::vector<int> buffers(const Gemm& gemm) {
  std::vector<int> result;
  for (const Relocation& r : plan_gemm({"image", "ptx"}, gemm, {.entry = "e"}).relocations)
    result.push_back(r.buffer);
  return result;
}

TEST(GemmLaunch, RefusesWhatDoesNotFitAndNamesTheLimit) {
  EXPECT_EQ(refusal({}), "taken");
  EXPECT_EQ(refuse_gemm(spec(), BiasSplit{}), "not a gemm");
  EXPECT_EQ(refusal({.dtype = Dtype::f32}), "dtype=f32");
  EXPECT_EQ(refusal({.m = 0}), "m=0 (1 to 1073741824)");
  EXPECT_EQ(refusal({.n = 65535 * 64 + 1}), "n=4194241 (1 to 4194240)");
  EXPECT_EQ(refusal({.k = -1}), "k=-1 (1 to 1073741824)");
  EXPECT_EQ(refusal({.batch = 65536}), "b=65536 (1 to 65535)");
  EXPECT_EQ(refusal({.batch = 256, .heads = 256}), "b*h=65536 (at most 65535)");
  EXPECT_EQ(refusal({.n = 7, .split = 2}), "n=7 not a multiple of split=2");
  EXPECT_EQ(refusal({.b = {.gap = -1}}), "gap of b=-1 (at least 0)");
  EXPECT_EQ(refusal({.m = 1 << 28}), "taken");
  EXPECT_EQ(refusal({.m = 1 << 20, .k = 1 << 20}), "a has more than 268435456 elements");
  EXPECT_EQ(refusal({.m = 2, .a = {.gap = std::numeric_limits<std::int64_t>::max()}}),
            "a has more than 268435456 elements");
  EXPECT_EQ(refusal({.fill = std::numeric_limits<double>::quiet_NaN()}), "fill=nan");
  EXPECT_EQ(refusal({.fill = -std::numeric_limits<double>::infinity()}), "taken");
}

TEST(GemmLaunch, OneBlockPerTileAndMatrix) {
  const Launch launch = plan_gemm(
      {"image", "ptx"}, {.batch = 2, .heads = 3, .m = 129, .n = 64, .k = 5}, {.entry = "e"});
  EXPECT_EQ(launch.entry, "e");
  EXPECT_EQ(launch.grid, (Dim3{3, 1, 6}));
  EXPECT_EQ(launch.block, (Dim3{128, 1, 1}));
}

TEST(GemmLaunch, StridesFollowPlacementAndTransposition) {
  const Gemm gemm{.batch = 2,
                  .heads = 3,
                  .m = 10,
                  .n = 8,
                  .k = 6,
                  .transpose_a = true,
                  .a = {.gap = 5},
                  .b = {.layout = Layout::bshd},
                  .c = {.layout = Layout::bshd, .gap = 1},
                  .split = 2};
  const GemmParams p = params(gemm);
  EXPECT_EQ(p.a_strides.row, 15);  // k rows of m elements and the gap
  EXPECT_EQ(p.a_strides.head, 6 * 15);
  EXPECT_EQ(p.a_strides.batch, 3 * 6 * 15);
  EXPECT_EQ(p.b_strides.row, 3 * 8);
  EXPECT_EQ(p.b_strides.head, 8);
  EXPECT_EQ(p.b_strides.batch, 6 * 3 * 8);
  EXPECT_EQ(p.c_strides.row, 3 * 4 + 1);  // heads of 8 / 2 columns
  EXPECT_EQ(p.c_strides.head, 4);
  EXPECT_EQ(p.c_strides.batch, 10 * 13);
  EXPECT_EQ(p.split_columns, 4);
  EXPECT_EQ(transposition(gemm), "tn");
}

TEST(GemmLaunch, PointsOnlyAtWhatTheOperationHas) {
  using B = std::vector<int>;
  EXPECT_EQ(buffers({}), (B{0, 1, 4}));
  EXPECT_EQ(buffers({.has_bias = true, .has_mask = true}), (B{0, 1, 2, 3, 4}));
  EXPECT_EQ(buffers({.n = 2, .split = 2}), (B{0, 1, 4, 5}));
  EXPECT_EQ(buffers({.n = 3, .split = 3}), (B{0, 1, 4, 5, 6}));
}

}  // namespace
}  // namespace attest
