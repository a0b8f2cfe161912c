// How layer_single, the layer in one cooperative launch, is claimed and launched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/layer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attest {

/// Buffers of the launch besides those of LayerBuffer, written and read by it alone.
enum class LayerWorkspace : int {
  qkv = kLayerBuffers,  // [3, batch, seq, dim]
  o,                    // [batch, seq, dim]
};

/// Units  bytes; the base must lie at a multiple of 16.
[[nodiscard]] std::int64_t size_bytes(const LayerProblem& problem, LayerWorkspace workspace);

/// Why layer_single does not take the problem, or nothing when it does. One short phrase.
[[nodiscard]] std::optional<std::string> refuse_layer(const LayerProblem& problem);

inline constexpr std::int64_t kLayerMultiprocessors = 108;  // A100, the GPU of sm_80

/// The launch; not when refuse_layer() has a reason. Its relocations name LayerBuffer and
/// LayerWorkspace. All blocks are resident at once on this many multiprocessors, each with the
/// shared memory of sm_80 or more.
[[nodiscard]] Launch plan_layer_single(const LayerProblem& problem,
                                       std::int64_t multiprocessors = kLayerMultiprocessors);

/// Of its attention and of both of its products.
[[nodiscard]] Arithmetic layer_single_arithmetic(const LayerProblem& problem);

/// What `ptxas -v` said about its module; empty: not known.
[[nodiscard]] std::string_view layer_single_ptxas();

}  // namespace attest
