// Problem: one attention case as a value that prints as one line and parses back to itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"
#include "harness/problem/tensor.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

enum class Alignment : std::uint8_t { top_left, bottom_right };

/// Key j is kept iff i+off-left <= j <= i+off+right; -1 is unbounded on that side.
struct Window {
  std::int64_t left = -1;
  std::int64_t right = -1;
  Alignment alignment = Alignment::bottom_right;
  friend bool operator==(const Window&, const Window&) = default;
};

/// A conjunction: a key is kept iff every part that is present keeps it. The last two hide nothing,
/// they change scores before the others look at them.
/// off = 0 for top_left, kv_length(batch) - seq_q for bottom_right and for alibi.
struct Mask {
  std::optional<Alignment> causal;                      // causal-tl, causal-br: j <= i + off
  std::optional<Window> window;                         // window(l,r,tl|br)
  std::optional<std::vector<std::int64_t>> kv_lengths;  // padding(l0,l1,..): one per batch, j < l
  bool boolean = false;  // bool: a drawn [batch,1,seq_q,seq_kv] tensor
  bool bias = false;     // bias: a drawn [batch,heads_q,seq_q,seq_kv] tensor, added
  bool alibi = false;    // alibi: minus alibi_slope(head) * |i + off - j|
  friend bool operator==(const Mask&, const Mask&) = default;
};

enum class Layout : std::uint8_t { bshd, bhsd };

/// How input values are drawn. `amplitude` is meaningful for normal only.
enum class DataKind : std::uint8_t {
  normal,         // N(0, amplitude^2), by an integer recipe
  ramp_up,        // scores rise along the keys, so that the running maximum rises in every tile
  ramp_down,      // scores fall along the keys
  all_negative,   // every score far below 0
  needle,         // one key at a tile boundary dominates
  one_hot,        // q and k pick one key per row; v is position coded
  indicator_v,    // v is 1 at column (key mod head_dim), else 0
  constant_v,     // v is one constant
  integers,       // small integers, exact in every dtype
  near_overflow,  // v near the largest value (f16), or as large as f32 accumulators allow
  subnormal_p,    // most probabilities are subnormal in the dtype
  poison,         // normal(1), with NaN, Inf and huge values where the contract allows them
};

struct Data {
  DataKind kind = DataKind::normal;
  double amplitude = 1.0;
  friend bool operator==(const Data&, const Data&) = default;
};

/// Index into per-tensor options.
enum class Tensor : std::uint8_t { q, k, v, o };
inline constexpr std::array<Tensor, 4> kTensors = {Tensor::q, Tensor::k, Tensor::v, Tensor::o};
[[nodiscard]] std::string_view name(Tensor tensor);

/// A score is x = scale * (q . k); x = softcap * tanh(x / softcap); x += bias; x -= ALiBi; then the mask
/// hides it. The sink is one more term exp(sink) of a row's sum, which no mask hides and which adds
/// nothing to O: a row that keeps no key has O = 0 and LSE = sink.
struct Problem {
  std::int64_t batch = 1;
  std::int64_t heads_q = 1;
  std::int64_t heads_kv = 1;
  std::int64_t seq_q = 0;
  std::int64_t seq_kv = 0;
  std::int64_t head_dim = 64;
  std::int64_t head_dim_v = 64;
  Dtype dtype = Dtype::f16;
  Layout layout = Layout::bshd;
  std::array<std::int64_t, 4> gap{};  // elements added to the row (seq) stride, by Tensor
  std::array<std::int64_t, 4>
      skew{};  // bytes added to the base address, by Tensor; multiples of the element size
  Mask mask;
  double fill = -std::numeric_limits<double>::infinity();
  std::optional<double> scale;  // 1/sqrt(head_dim) when absent
  std::optional<double> softcap;
  bool sink = false;  // a drawn [heads_q] tensor of logits
  Data data;
  std::uint64_t seed = 0;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// The scale that applies: `scale`, or 1/sqrt(head_dim), as a float that a kernel receives.
[[nodiscard]] float effective_scale(const Problem& problem);
/// 2^(-8 (head + 1) / H) for H = heads_q a power of two. Else the slopes of the next lower power n, and
/// behind them the first of every two of 2n. As a float that a kernel receives.
/// Source  Press, Smith and Lewis, "Train Short, Test Long", ICLR 2022, section 3, and its published code.
[[nodiscard]] float alibi_slope(std::int64_t heads_q, std::int64_t head);
/// The first part that changes scores or sums beyond scale and mask, as the case has it ("mask=bias",
/// "mask=alibi", "softcap=30", "sink=1"); nothing for plain attention.
[[nodiscard]] std::optional<std::string> score_extra(const Problem& problem);
/// Valid keys of a batch: its padding length, else seq_kv.
[[nodiscard]] std::int64_t kv_length(const Problem& problem, std::int64_t batch);

/// One line, keys in the order of the struct, defaults not printed:
/// `attn(b=2,hq=8,hkv=2,sq=65,skv=127,dtype=bf16,mask=causal-br&window(31,0,br),seed=0x9e37)`.
[[nodiscard]] std::string to_string(const Problem& problem);
/// Inverse of to_string; also accepts any key order and spaces.
/// Errors  Code::bad_input; `where` is "case, column N"; the message names the key, what was found
///         and what is allowed. Refuses what does not fit: heads_q not a multiple of heads_kv, a
///         padding list of another length than batch, more than kMaxElements in a tensor.
Result<Problem> parse_problem(std::string_view text);
/// What parse_problem checks of the values, for problems made in code.
Status validate(const Problem& problem);

inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;

/// Layout of q, k, v or o for this problem: shape [batch, heads, seq, dim], strides by `layout`,
/// gap and skew.
[[nodiscard]] TensorLayout tensor_layout(const Problem& problem, Tensor tensor);

}  // namespace attest
