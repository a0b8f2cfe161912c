// What follows directly from the fields of a Problem.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem.h"

#include <fmt/format.h>

#include <cmath>

namespace attest {
std::string_view name(Tensor tensor) {
  switch (tensor) {
    case Tensor::q:
      return "q";
    case Tensor::k:
      return "k";
    case Tensor::v:
      return "v";
    case Tensor::o:
      return "o";
  }
  fail_check("tensor has a name", __FILE__, __LINE__);
}

float effective_scale(const Problem& problem) {
  if (problem.scale) return static_cast<float>(*problem.scale);
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(problem.head_dim)));
}

// 2^-(whole + rest / parts), with the roots of 2 that rest has as binary digits: a few roundings of a
// double, then one to float. No libm: sqrt and ldexp round correctly.
float alibi_slope(std::int64_t heads_q, std::int64_t head) {
  std::int64_t parts = 1;
  while (2 * parts <= heads_q)
    parts *= 2;
  std::int64_t eighths = head + 1;
  if (head >= parts) {
    eighths = 2 * (head - parts) + 1;
    parts *= 2;
  }
  const std::int64_t whole = 8 * eighths / parts;
  std::int64_t rest = 8 * eighths % parts;
  double power = 1;
  double root = 2;
  while (rest > 0) {
    root = std::sqrt(root);
    rest *= 2;
    if (rest < parts) continue;
    power *= root;
    rest -= parts;
  }
  return static_cast<float>(std::ldexp(1 / power, static_cast<int>(-whole)));
}

std::optional<std::string> score_extra(const Problem& problem) {
  if (problem.mask.bias) return "mask=bias";
  if (problem.mask.alibi) return "mask=alibi";
  if (problem.softcap) return fmt::format("softcap={}", *problem.softcap);
  if (problem.sink) return "sink=1";
  return std::nullopt;
}

std::int64_t kv_length(const Problem& problem, std::int64_t batch) {
  if (!problem.mask.kv_lengths) return problem.seq_kv;
  return problem.mask.kv_lengths->at(static_cast<std::size_t>(batch));
}

TensorLayout tensor_layout(const Problem& p, Tensor tensor) {
  const bool is_q_side = tensor == Tensor::q || tensor == Tensor::o;
  const std::int64_t heads = is_q_side ? p.heads_q : p.heads_kv;
  const std::int64_t rows = is_q_side ? p.seq_q : p.seq_kv;
  const bool has_qk_columns = tensor == Tensor::q || tensor == Tensor::k;
  const std::int64_t columns = has_qk_columns ? p.head_dim : p.head_dim_v;
  const auto at = static_cast<std::size_t>(tensor);
  TensorLayout layout;
  layout.dtype = p.dtype;
  layout.shape = {p.batch, heads, rows, columns};
  layout.skew_bytes = p.skew[at];
  if (p.layout == Layout::bshd) {
    const std::int64_t row = heads * columns + p.gap[at];
    layout.strides = {rows * row, columns, row, 1};
  } else {
    const std::int64_t row = columns + p.gap[at];
    layout.strides = {heads * rows * row, rows * row, row, 1};
  }
  return layout;
}

}  // namespace attest
