// What layer_single claims, its parameter block, its grid, and what ptxas says about it.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_launch.h"

#include "harness/base/ptxas.h"
#include "kernels/layer_abi.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace attest {
namespace {

LayerProblem layer(std::int64_t batch, std::int64_t seq, std::int64_t dim, std::int64_t heads) {
  LayerProblem p;
  p.batch = batch;
  p.seq = seq;
  p.dim = dim;
  p.heads = heads;
  return p;
}

std::string refusal(const LayerProblem& p) {
  return refuse_layer(p).value_or("taken");
}

TEST(LayerRefusals, NameWhatIsOutsideTheClaim) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    LayerProblem p = layer(2, 128, 512, 1);
    p.dtype = dtype;
    EXPECT_EQ(refusal(p), "taken");
    p.fill = -std::numeric_limits<double>::infinity();
    EXPECT_EQ(refusal(p), "taken");
  }
  LayerProblem p = layer(1, 1, 8, 1);
  EXPECT_EQ(refusal(p), "taken");
  p.fill = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(p), "fill=inf (-inf, or at most 2e+38 in size)");
  p.fill = -3e38;
  EXPECT_EQ(refusal(p), "fill=-3e+38 (-inf, or at most 2e+38 in size)");
  p.fill = std::nan("");
  EXPECT_EQ(refusal(p), "fill=nan (-inf, or at most 2e+38 in size)");
  EXPECT_EQ(refusal(layer(0, 1, 8, 1)), "b=0 (1 to 268435456)");
  EXPECT_EQ(refusal(layer(1, 0, 8, 1)), "s=0 (1 to 268435456)");
  EXPECT_EQ(refusal(layer(1, 1, 8193, 1)), "d=8193 (1 to 8192)");
  EXPECT_EQ(refusal(layer(1, 1, 8, 0)), "h=0 (1 to 8)");
  EXPECT_EQ(refusal(layer(1, 1, 64, 3)), "d=64 not a multiple of h=3");
  EXPECT_EQ(refusal(layer(1, 1, 60, 5)), "d/h=12 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal(layer(1, 1, 2048, 1)), "d/h=2048 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal(layer(1, 16384, 8, 1)), "taken");
  EXPECT_EQ(refusal(layer(1, 16385, 8, 1)), "b*s*s=268468225 (at most 268435456)");
  EXPECT_EQ(refusal(layer(32769, 1, 8192, 8)), "b*s*d=268443648 (at most 268435456)");
}

TEST(LayerPlan, HoldsTheProblem) {
  LayerProblem problem = layer(3, 70, 256, 4);
  problem.fill = -30;
  const Launch launch = plan_layer_single(problem);
  EXPECT_TRUE(launch.is_cooperative);
  LayerParams p{};
  ASSERT_EQ(launch.parameters.size(), sizeof p);
  std::memcpy(&p, launch.parameters.data(), sizeof p);
  EXPECT_EQ(p.batch, 3);
  EXPECT_EQ(p.seq, 70);
  EXPECT_EQ(p.dim, 256);
  EXPECT_EQ(p.heads, 4);
  EXPECT_EQ(p.scale, 0.125f);
  EXPECT_EQ(p.fill, -30.0f);
  for (int i = 0; i < kLayerBuffers + 2; ++i) {
    const Relocation& r = launch.relocations.at(static_cast<std::size_t>(i));
    EXPECT_EQ(r.parameter_offset, 8 * i);
    EXPECT_EQ(r.buffer, i);
    EXPECT_EQ(r.byte_offset, 0);
  }
  EXPECT_EQ(size_bytes(problem, LayerWorkspace::qkv), 3 * 3 * 70 * 256 * 2);
  EXPECT_EQ(size_bytes(problem, LayerWorkspace::o), 3 * 70 * 256 * 2);
}

TEST(LayerPlan, EntryFollowsDtypeAndHeadSize) {
  const auto entry = [](Dtype dtype, std::int64_t dim) {
    LayerProblem p = layer(1, 1, dim, 1);
    p.dtype = dtype;
    return plan_layer_single(p).entry;
  };
  EXPECT_EQ(entry(Dtype::f16, 128), "layer_single_f16_d128");
  EXPECT_EQ(entry(Dtype::f16, 136), "layer_single_f16_d512");
  EXPECT_EQ(entry(Dtype::bf16, 512), "layer_single_bf16_d512");
  EXPECT_EQ(entry(Dtype::bf16, 520), "layer_single_bf16_d1024");
  EXPECT_EQ(entry(Dtype::f32, 256), "layer_single_f32_d256");
  EXPECT_EQ(entry(Dtype::f32, 264), "layer_single_f32_d1024");
}

// One block per tile of the largest phase, up to what is resident: two blocks of 73984 bytes per
// multiprocessor, one of more than 82944.
TEST(LayerPlan, GridIsTheTilesOrWhatIsResident) {
  EXPECT_EQ(plan_layer_single(layer(1, 1, 8, 1)).grid, (Dim3{1, 1, 1}));
  EXPECT_EQ(plan_layer_single(layer(1, 65, 64, 1)).grid, (Dim3{6, 1, 1}));
  EXPECT_EQ(plan_layer_single(layer(1, 65, 64, 8)).grid, (Dim3{16, 1, 1}));
  EXPECT_EQ(plan_layer_single(layer(8, 512, 512, 8)).grid, (Dim3{216, 1, 1}));
  EXPECT_EQ(plan_layer_single(layer(8, 512, 512, 1)).grid, (Dim3{108, 1, 1}));
  EXPECT_EQ(plan_layer_single(layer(8, 512, 512, 1), 40).grid, (Dim3{40, 1, 1}));
}

TEST(LayerImage, KeepsEverythingInRegistersAndCallsNothing) {
  const std::string_view ptx = plan_layer_single(layer(1, 1, 8, 1)).image.ptx;
  EXPECT_NE(ptx.find(".target sm_80"), std::string_view::npos);
  EXPECT_EQ(ptx.find(".local"), std::string_view::npos);
  EXPECT_EQ(ptx.find("call"), std::string_view::npos);
  EXPECT_EQ(ptx.find("\"/"), std::string_view::npos) << "an absolute path";
  for (const PtxasFigures& figures : parse_ptxas(layer_single_ptxas())) {
    EXPECT_LE(figures.registers, 255) << figures.entry;
    EXPECT_EQ(figures.spill_store_bytes + figures.spill_load_bytes, 0) << figures.entry;
  }
}

}  // namespace
}  // namespace attest
