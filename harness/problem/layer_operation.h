// LayerOperation: the steps of a self-attention layer, which pipelines share out among launches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace attest {

enum class LayerOperation : std::uint8_t {
  project,
  add_bias,
  slice,
  multiply_qk,
  scale,
  compare_mask,
  fill,
  softmax,
  multiply_pv,
  project_out,
  add_bias_out,
};
inline constexpr std::size_t kLayerOperations =
    static_cast<std::size_t>(LayerOperation::add_bias_out) + 1;

/// As formulas have it: "x W_qkv^T".
[[nodiscard]] constexpr std::string_view name(LayerOperation operation) {
  constexpr std::array<std::string_view, kLayerOperations> kNames = {"x W_qkv^T",
                                                                     "+ b_qkv",
                                                                     "3 slices",
                                                                     "q k^T",
                                                                     "/ sqrt(head_dim)",
                                                                     "mask == 0",
                                                                     "masked_fill",
                                                                     "softmax",
                                                                     "P v",
                                                                     "o W_out^T",
                                                                     "+ b_out"};
  return kNames[static_cast<std::size_t>(operation)];
}

}  // namespace attest
