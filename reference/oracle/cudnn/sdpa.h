// Sdpa: one attention, forward or backward, as cuDNN is asked for it, in cuDNN's own conventions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

enum class SdpaType : std::uint8_t { f32, f16, bf16, e4m3, e5m2 };
/// "f32", "f16", "bf16", "e4m3", "e5m2".
[[nodiscard]] std::string_view name(SdpaType type);

/// Tensors of an Sdpa by the number that a plan calls them.
enum class SdpaTensor : std::int64_t {
  q = 1,
  k,
  v,
  o,
  lse,
  bias,
  sink,
  seq_q,
  seq_kv,
  page_table_k,
  page_table_v,
  ragged_q,
  ragged_k,
  ragged_v,
  ragged_o,
  dropout_seed,
  dropout_offset,
  scales,        // of fp8: up to twenty from here
  grad_o = 100,  // of backward
  grad_q,
  grad_k,
  grad_v,
  grad_sink
};

/// A band of kept keys, as cuDNN counts it: key j is kept iff i + off - left < j <= i + off + right,
/// so `left` counts the diagonal. off = 0, or seq_kv - seq_q of the batch's lengths for
/// bottom_right.
struct SdpaBand {
  bool bottom_right = false;
  std::optional<std::int64_t> left;
  std::optional<std::int64_t> right;
  friend bool operator==(const SdpaBand&, const SdpaBand&) = default;
};

struct Sdpa {
  SdpaType type = SdpaType::f16;
  std::optional<SdpaType> output;  // of O; `type` when absent
  std::int64_t batch = 1;
  std::int64_t heads_q = 1;
  std::int64_t heads_k = 1;
  std::int64_t heads_v = 1;
  std::int64_t seq_q = 0;
  std::int64_t seq_kv = 0;
  std::int64_t head_dim = 64;
  std::int64_t head_dim_v = 64;
  std::array<std::array<std::int64_t, 4>, 4> strides{};  // of q, k, v, o: [batch, heads, seq, dim]
  float scale = 1;
  SdpaBand band;
  bool has_padding = false;     // lengths of q and of k and v for each batch
  std::int64_t bias_heads = 0;  // of [batch, bias_heads, seq_q, seq_kv], added to scores; 0: none
  std::optional<float> softcap;
  bool has_alibi = false;
  bool has_sink = false;  // [1, heads_q, 1, 1], f32
  float dropout = 0;      // probability; 0 is none
  bool is_ragged = false;
  std::int64_t page = 0;          // rows of K and V in a page; 0: not paged
  bool is_backward = false;       // the gradients of q, k and v; else O and LSE
  bool is_deterministic = false;  // of backward
  friend bool operator==(const Sdpa&, const Sdpa&) = default;
};

/// Strides of q, k, v and o where `is_bhsd` says so, else of bshd, without gaps.
void set_packed_strides(Sdpa& sdpa, bool is_bhsd);

/// One line with everything in it: what a plan depends on besides the GPU.
[[nodiscard]] std::string to_string(const Sdpa& sdpa);

/// The same attention for cuDNN. Windows move to its convention; a boolean mask becomes a bias of 0
/// and -inf, for all heads or added to the bias of each. Where both alignments mean the same, top-left
/// is taken. Its ALiBi counts from the top-left diagonal, so it is asked where that is ours.
/// Errors  Code::unsupported, why cuDNN cannot be asked.
Result<Sdpa> as_sdpa(const Problem& problem);

/// The bias that cuDNN is given, row-major [batch, bias_heads, seq_q, seq_kv]: -inf where the boolean
/// mask hides a key, else the problem's bias or 0.
[[nodiscard]] std::vector<double> sdpa_bias(const Problem& problem,
                                            const Sdpa& sdpa,
                                            const Inputs& inputs);

/// Architecture x dtype x mask x head_dim x GQA x layout, as text: "sm_90 bf16 causal-br&padding
/// d=64 gqa bshd". Problems with one key share a plan's kernel; the first one stands for the others.
[[nodiscard]] std::string plan_key(const Problem& problem, int sm);

}  // namespace attest
