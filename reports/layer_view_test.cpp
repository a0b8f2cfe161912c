// What a layer's tables and bars say.
// SPDX-License-Identifier: Apache-2.0
#include "reports/layer_view.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(LayerView, texts_have_three_digits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.00 kB");
  EXPECT_EQ(bytes_text(9994), "9.99 kB");
  EXPECT_EQ(bytes_text(9995), "10.0 kB");
  EXPECT_EQ(bytes_text(99950), "100 kB");
  EXPECT_EQ(bytes_text(999500), "1.00 MB");
  EXPECT_EQ(bytes_text(2'378'752), "2.38 MB");
  EXPECT_EQ(count_text(7), "7");
  EXPECT_EQ(count_text(35'400'000), "35.4 M");
  EXPECT_EQ(count_text(5'000'000'000'000'000), "5000 T");
}

TEST(LayerView, bars_are_as_long_as_their_values) {
  LayerRecord layer = sample_layer_run().layers[0];
  layer.pipelines[0].launches = 10;
  layer.pipelines[1].launches = 5;
  layer.pipelines[2].launches = 0;
  const LayerView view = view_of(layer, {});
  EXPECT_EQ(view.launches[0].length, kBarCells);
  EXPECT_EQ(view.launches[1].length, kBarCells / 2);
  EXPECT_EQ(view.launches[2].length, 0);
  layer.pipelines[1].launches = 1;
  layer.pipelines[0].launches = 1000;
  EXPECT_EQ(view_of(layer, {}).launches[1].length, 1) << "what is there can be seen";
}

TEST(LayerView, says_nothing_of_what_a_gpu_does_not_count) {
  LayerRecord layer = sample_layer_run().layers[0];
  const LayerView interpreted = view_of(layer, {});
  EXPECT_NE(interpreted.pipelines.rows.at(1).at(3), "-");
  EXPECT_FALSE(interpreted.bytes_touched.empty());
  layer.mode.device = Device::cuda;
  const LayerView view = view_of(layer, {});
  EXPECT_TRUE(view.title.ends_with(" on the GPU"));
  EXPECT_EQ(view.pipelines.rows.at(1).at(3), "-");
  EXPECT_EQ(view.details.at(1).launches.rows.at(0).at(3), "-");
  EXPECT_TRUE(view.bytes_touched.empty());
}

TEST(LayerView, says_which_launch_does_what) {
  const LayerView view = view_of(sample_layer_run().layers[0], {});
  EXPECT_EQ(view.operations.rows.at(0), (std::vector<std::string>{"x W_qkv^T", "-", "1", "1"}));
  EXPECT_EQ(view.operations.rows.at(7), (std::vector<std::string>{"softmax", "-", "2", "1"}));
}

TEST(LayerView, finds_registers_by_the_kernels_name) {
  Environment env;
  env.ptxas.resize(2);
  env.ptxas[0].entry = "other";
  env.ptxas[0].registers = 9;
  env.ptxas[1].entry = "gemm_mma_f16_nt";
  env.ptxas[1].registers = 104;
  env.ptxas[1].spill_store_bytes = 8;
  env.ptxas[1].spill_load_bytes = 12;
  const LayerRecord layer = sample_layer_run().layers[0];
  const auto known = view_of(layer, env).details.at(1).launches.rows.at(0);
  EXPECT_EQ(known.at(8), "104");
  EXPECT_EQ(known.at(9), "20");
  EXPECT_EQ(view_of(layer, {}).details.at(1).launches.rows.at(0).at(8), "-");
}

TEST(LayerView, shows_what_is_wrong) {
  const LayerView view = view_of(sample_layer_run().layers[0], {});
  EXPECT_TRUE(view.details.at(1).failures.empty());
  ASSERT_EQ(view.details.at(2).failures.size(), 2U);
  EXPECT_EQ(view.details.at(2).failures[0], "launch 1: wrong by itself");
  EXPECT_NE(view.details.at(2).failures[1].find("64 of 12352"), std::string::npos);
  EXPECT_NE(view.details.at(0).failures.at(0).find("Race"), std::string::npos);
}

}  // namespace
}  // namespace attest
