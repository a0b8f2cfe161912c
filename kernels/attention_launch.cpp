// Claims, parameter block and grid of the fused attention kernels.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include "harness/base/check.h"
#include "kernels/abi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace attest {
namespace {

constexpr std::int64_t kMaxGridYZ = 65535;  // CUDA C++ Programming Guide, compute capabilities

constexpr std::int64_t kMaxWideHeadDim = 1024;
constexpr double kMaxFill = 2e38;  // times log2(e) it is still finite in f32

AttentionStrides strides(const Problem& problem, Tensor tensor) {
  const TensorLayout layout = tensor_layout(problem, tensor);
  return {layout.strides[0], layout.strides[1], layout.strides[2]};
}

template <class T>
bool contains(const std::vector<T>& values, T value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

int mask_bits(const Mask& mask) {
  int bits = 0;
  if (mask.causal) bits |= ATTENTION_CAUSAL;
  if (mask.window) bits |= ATTENTION_WINDOW;
  if (mask.boolean) bits |= ATTENTION_BOOLEAN;
  return bits;
}

}  // namespace

std::optional<std::string> refuse_attention(const KernelSpec& spec, const Problem& problem) {
  if (!contains(spec.dtypes, problem.dtype)) return fmt::format("dtype={}", name(problem.dtype));
  if (problem.head_dim_v != problem.head_dim) {
    return fmt::format("dv={} (only d)", problem.head_dim_v);
  }
  if (auto extra = score_extra(problem)) return extra;
  if (std::isfinite(problem.fill) && !(std::fabs(problem.fill) <= kMaxFill)) {
    return fmt::format("fill={} (-inf, or at most {} in size)", problem.fill, kMaxFill);
  }
  if (problem.heads_q > kMaxGridYZ) {
    return fmt::format("hq={} (at most {})", problem.heads_q, kMaxGridYZ);
  }
  if (problem.batch > kMaxGridYZ) {
    return fmt::format("b={} (at most {})", problem.batch, kMaxGridYZ);
  }
  return std::nullopt;
}

std::optional<std::string> refuse_unlisted_head_dim(const KernelSpec& spec,
                                                    const Problem& problem) {
  if (contains(spec.head_dims, problem.head_dim)) return std::nullopt;
  return fmt::format("d={} (only {})", problem.head_dim, fmt::join(spec.head_dims, ", "));
}

std::optional<std::string> refuse_unless_wide_head_dim(const Problem& problem) {
  if (problem.head_dim % 8 == 0 && problem.head_dim <= kMaxWideHeadDim) return std::nullopt;
  return fmt::format("d={} (only multiples of 8 up to {})", problem.head_dim, kMaxWideHeadDim);
}

std::optional<std::string> refuse_unless_16_byte_rows(const Problem& problem) {
  for (const Tensor tensor : kTensors) {
    const TensorLayout layout = tensor_layout(problem, tensor);
    if (layout.skew_bytes % 16 != 0) {
      return fmt::format("base of {} not a multiple of 16 bytes", name(tensor));
    }
    for (std::size_t i = 0; i < 3; ++i) {
      if (layout.strides[i] * size_bytes(problem.dtype) % 16 != 0) {
        return fmt::format("row stride of {} not a multiple of 16 bytes", name(tensor));
      }
    }
  }
  return std::nullopt;
}

std::vector<std::byte> attention_parameters(const Problem& problem) {
  AttentionParams params{};
  params.q_strides = strides(problem, Tensor::q);
  params.k_strides = strides(problem, Tensor::k);
  params.v_strides = strides(problem, Tensor::v);
  params.o_strides = strides(problem, Tensor::o);
  params.heads_q = static_cast<int>(problem.heads_q);
  params.heads_kv = static_cast<int>(problem.heads_kv);
  params.seq_q = static_cast<int>(problem.seq_q);
  params.seq_kv = static_cast<int>(problem.seq_kv);
  params.head_dim = static_cast<int>(problem.head_dim);
  params.scale = effective_scale(problem);
  params.fill = static_cast<float>(problem.fill);
  params.mask = mask_bits(problem.mask);
  if (problem.mask.causal) {
    params.causal_bottom_right = *problem.mask.causal == Alignment::bottom_right ? 1 : 0;
  }
  if (const auto& window = problem.mask.window) {
    params.window_left = static_cast<int>(window->left);
    params.window_right = static_cast<int>(window->right);
    params.window_bottom_right = window->alignment == Alignment::bottom_right ? 1 : 0;
  }
  std::vector<std::byte> bytes(sizeof params);
  std::memcpy(bytes.data(), &params, sizeof params);
  return bytes;
}

std::vector<Relocation> attention_relocations(const Problem& problem) {
  std::vector<Relocation> relocations;
  const auto add = [&relocations](std::size_t offset, AttentionBuffer buffer) {
    relocations.push_back({static_cast<std::int64_t>(offset), static_cast<int>(buffer), 0});
  };
  add(offsetof(AttentionParams, q), AttentionBuffer::q);
  add(offsetof(AttentionParams, k), AttentionBuffer::k);
  add(offsetof(AttentionParams, v), AttentionBuffer::v);
  add(offsetof(AttentionParams, o), AttentionBuffer::o);
  add(offsetof(AttentionParams, lse), AttentionBuffer::lse);
  if (problem.mask.boolean) add(offsetof(AttentionParams, keep), AttentionBuffer::keep);
  if (problem.mask.kv_lengths) {
    add(offsetof(AttentionParams, kv_lengths), AttentionBuffer::kv_lengths);
  }
  return relocations;
}

std::vector<Launch> plan_attention(const KernelImage& image,
                                   const Problem& problem,
                                   const AttentionLaunch& launch) {
  if (problem.batch == 0 || problem.seq_q == 0) return {};
  ATTEST_CHECK(launch.tile_q > 0);
  Launch result;
  result.image = image;
  result.entry = launch.entry;
  const std::int64_t tiles = (problem.seq_q + launch.tile_q - 1) / launch.tile_q;
  result.grid = {static_cast<std::uint32_t>(tiles),
                 static_cast<std::uint32_t>(problem.heads_q),
                 static_cast<std::uint32_t>(problem.batch)};
  result.block = {launch.threads, 1, 1};
  result.dynamic_shared_bytes = launch.shared_bytes;
  result.parameters = attention_parameters(problem);
  result.relocations = attention_relocations(problem);
  return {result};
}

}  // namespace attest
