// A Problem as text, and what follows directly from its fields.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem.h"

#include "harness/problem/data.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace attest {
namespace {

/// The shortest text that reads back as the same double.
std::string number(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  ATTEST_CHECK(error == std::errc{});
  return {buffer, end};
}

std::string_view suffix(Alignment alignment) {
  return alignment == Alignment::top_left ? "tl" : "br";
}

/// "gap(q=8,v=4)", or nothing when all are 0.
std::string per_tensor(std::string_view key, const std::array<std::int64_t, 4>& values) {
  std::string list;
  for (const Tensor tensor : kTensors) {
    const std::int64_t value = values[static_cast<std::size_t>(tensor)];
    if (value == 0) continue;
    list += fmt::format("{}{}={}", list.empty() ? "" : ",", name(tensor), value);
  }
  return list.empty() ? "" : fmt::format(",{}({})", key, list);
}

std::string mask_text(const Mask& mask) {
  std::string parts;
  const auto add = [&parts](std::string_view part) {
    if (!parts.empty()) parts += '&';
    parts += part;
  };
  if (mask.causal) add(fmt::format("causal-{}", suffix(*mask.causal)));
  if (mask.window) {
    add(fmt::format(
        "window({},{},{})", mask.window->left, mask.window->right, suffix(mask.window->alignment)));
  }
  if (mask.kv_lengths) {
    std::string lengths;
    for (const std::int64_t length : *mask.kv_lengths) {
      if (!lengths.empty()) lengths += ',';
      lengths += std::to_string(length);
    }
    add("padding(" + lengths + ")");
  }
  if (mask.boolean) add("bool");
  return parts;
}

std::string data_text(const Data& data) {
  if (data.kind != DataKind::normal) return std::string(name(data.kind));
  return fmt::format("{}({})", name(data.kind), number(data.amplitude));
}

}  // namespace

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

std::int64_t kv_length(const Problem& problem, std::int64_t batch) {
  if (!problem.mask.kv_lengths) return problem.seq_kv;
  return problem.mask.kv_lengths->at(static_cast<std::size_t>(batch));
}

std::string to_string(const Problem& p) {
  static const Problem kDefault;
  std::string out = "attn(";
  const auto integer = [&out](std::string_view key, std::int64_t value, std::int64_t implied) {
    if (value != implied) out += fmt::format("{}={},", key, value);
  };
  integer("b", p.batch, kDefault.batch);
  integer("hq", p.heads_q, kDefault.heads_q);
  integer("hkv", p.heads_kv, p.heads_q);
  out += fmt::format("sq={}", p.seq_q);
  const auto more = [&out](std::string_view key, std::string_view value) {
    out += fmt::format(",{}={}", key, value);
  };
  if (p.seq_kv != p.seq_q) more("skv", std::to_string(p.seq_kv));
  if (p.head_dim != kDefault.head_dim) more("d", std::to_string(p.head_dim));
  if (p.head_dim_v != p.head_dim) more("dv", std::to_string(p.head_dim_v));
  if (p.dtype != kDefault.dtype) more("dtype", name(p.dtype));
  if (p.layout != kDefault.layout) more("layout", p.layout == Layout::bshd ? "bshd" : "bhsd");
  out += per_tensor("gap", p.gap);
  out += per_tensor("skew", p.skew);
  if (p.mask != kDefault.mask) more("mask", mask_text(p.mask));
  if (p.fill != kDefault.fill) more("fill", number(p.fill));
  if (p.scale) more("scale", number(*p.scale));
  if (p.data != kDefault.data) more("data", data_text(p.data));
  if (p.seed != kDefault.seed) more("seed", fmt::format("{:#x}", p.seed));
  return out + ")";
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
