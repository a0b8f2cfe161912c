// The limits of a Problem, each stated once: parse_problem and validate both ask here.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem_limits.h"

#include "harness/problem/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {

using Found = std::optional<Violation>;

Found outside(std::string_view key,
              std::int64_t value,
              std::int64_t least,
              std::int64_t most,
              std::string_view what) {
  if (value >= least && value <= most) return std::nullopt;
  return Violation{
      key, fmt::format("found {}{}, allowed: an integer from {} to {}", what, value, least, most)};
}

std::int64_t limited_product(std::initializer_list<std::int64_t> factors) {
  std::int64_t product = 1;
  for (const std::int64_t factor : factors) {
    product *= std::max<std::int64_t>(factor, 1);
    if (product > kMaxElements) return kMaxElements + 1;
  }
  return product;
}

Found bad_mask(const Mask& mask, std::int64_t batch, std::int64_t keys) {
  if (mask.window) {
    if (Found bad = outside("mask", mask.window->left, -1, kMaxElements, "window left "))
      return bad;
    if (Found bad = outside("mask", mask.window->right, -1, kMaxElements, "window right "))
      return bad;
  }
  if (!mask.kv_lengths) return std::nullopt;
  const auto count = static_cast<std::int64_t>(mask.kv_lengths->size());
  if (count != batch) {
    return Violation{
        "mask",
        fmt::format(
            "found {} padding lengths, allowed: {}, one per batch (b={})", count, batch, batch)};
  }
  for (const std::int64_t length : *mask.kv_lengths) {
    if (Found bad = outside("mask", length, 0, keys, "padding length ")) return bad;
  }
  return std::nullopt;
}

Found bad_data(const Data& data) {
  const double amplitude = data.amplitude;
  if (!(amplitude > 0 && amplitude <= kMaxAmplitude)) {
    return Violation{
        "data",
        fmt::format(
            "found amplitude {}, allowed: above 0 and at most {}", amplitude, kMaxAmplitude)};
  }
  if (data.kind != DataKind::normal && amplitude != Data{}.amplitude) {
    return Violation{
        "data",
        fmt::format(
            "found amplitude {} with {}, allowed: only with normal", amplitude, name(data.kind))};
  }
  return std::nullopt;
}

Found bad_float(std::string_view key, double value) {
  if (std::abs(value) <= std::numeric_limits<float>::max()) return std::nullopt;
  return Violation{key, fmt::format("found {}, allowed: a finite number that fits f32", value)};
}

namespace {

Found bad_sizes(const Problem& p) {
  const struct {
    std::string_view key;
    std::int64_t value;
    std::int64_t least;
  } sizes[] = {{"b", p.batch, 0},
               {"hq", p.heads_q, 1},
               {"hkv", p.heads_kv, 1},
               {"sq", p.seq_q, 0},
               {"skv", p.seq_kv, 0},
               {"d", p.head_dim, 1},
               {"dv", p.head_dim_v, 1}};
  for (const auto& size : sizes) {
    if (Found bad = outside(size.key, size.value, size.least, kMaxElements)) return bad;
  }
  if (p.heads_q % p.heads_kv != 0) {
    return Violation{
        "hkv",
        fmt::format("found {}, allowed: a divisor of hq, which is {}", p.heads_kv, p.heads_q)};
  }
  return std::nullopt;
}

Found bad_layout(const Problem& p) {
  const std::int64_t element = size_bytes(p.dtype);
  for (const Tensor tensor : kTensors) {
    const auto at = static_cast<std::size_t>(tensor);
    const std::string what = fmt::format("{}=", name(tensor));
    if (Found bad = outside("gap", p.gap[at], 0, kMaxGapElements, what)) return bad;
    if (Found bad = outside("skew", p.skew[at], 0, kMaxSkewBytes, what)) return bad;
    if (p.skew[at] % element != 0) {
      return Violation{"skew",
                       fmt::format("found {}{}, allowed: a multiple of {} bytes, one element of {}",
                                   what,
                                   p.skew[at],
                                   element,
                                   name(p.dtype))};
    }
  }
  return std::nullopt;
}

/// Counts empty dimensions as one, so that no stride can overflow either.
Found too_large(const Problem& p) {
  const struct {
    Tensor tensor;
    std::string_view key;
    std::int64_t heads;
    std::int64_t rows;
    std::int64_t columns;
  } tensors[] = {{Tensor::q, "sq", p.heads_q, p.seq_q, p.head_dim},
                 {Tensor::k, "skv", p.heads_kv, p.seq_kv, p.head_dim},
                 {Tensor::v, "skv", p.heads_kv, p.seq_kv, p.head_dim_v},
                 {Tensor::o, "sq", p.heads_q, p.seq_q, p.head_dim_v}};
  for (const auto& t : tensors) {
    const std::int64_t gap = p.gap[static_cast<std::size_t>(t.tensor)];
    if (limited_product({p.batch, t.heads, t.rows, t.columns + gap}) > kMaxElements) {
      return Violation{t.key,
                       fmt::format("found tensor {} of {} x {} x {} x {} elements, its rows {} "
                                   "apart; allowed: {} elements in all",
                                   name(t.tensor),
                                   p.batch,
                                   t.heads,
                                   t.rows,
                                   t.columns,
                                   t.columns + gap,
                                   kMaxElements)};
    }
  }
  if (p.mask.boolean && limited_product({p.batch, p.seq_q, p.seq_kv}) > kMaxElements) {
    return Violation{"mask",
                     fmt::format("found a bool mask of {} x {} x {} elements; allowed: {}",
                                 p.batch,
                                 p.seq_q,
                                 p.seq_kv,
                                 kMaxElements)};
  }
  if (p.mask.bias && limited_product({p.batch, p.heads_q, p.seq_q, p.seq_kv}) > kMaxElements) {
    return Violation{"mask",
                     fmt::format("found a bias of {} x {} x {} x {} elements; allowed: {}",
                                 p.batch,
                                 p.heads_q,
                                 p.seq_q,
                                 p.seq_kv,
                                 kMaxElements)};
  }
  return std::nullopt;
}

Found bad_numbers(const Problem& p) {
  constexpr double kFloatMax = std::numeric_limits<float>::max();
  const bool is_excluded = p.fill == -std::numeric_limits<double>::infinity();
  if (!is_excluded && !(std::abs(p.fill) <= kFloatMax)) {
    return Violation{
        "fill", fmt::format("found {}, allowed: -inf, or a finite number that fits f32", p.fill)};
  }
  if (p.scale) {
    if (Found bad = bad_float("scale", *p.scale)) return bad;
  }
  constexpr double kFloatMin = std::numeric_limits<float>::min();
  if (p.softcap && !(*p.softcap >= kFloatMin && *p.softcap <= kFloatMax)) {
    return Violation{
        "softcap",
        fmt::format("found {}, allowed: a normal number above 0 that fits f32", *p.softcap)};
  }
  return std::nullopt;
}

Found bad_operands(const Problem& p) {
  if (Found bad = bad_mask(p.mask, p.batch, p.seq_kv)) return bad;
  if (Found bad = bad_numbers(p)) return bad;
  return bad_data(p.data);
}

}  // namespace

std::optional<Violation> find_violation(const Problem& problem) {
  for (const auto check : {bad_sizes, bad_layout, too_large, bad_operands}) {
    if (Found bad = check(problem)) return bad;
  }
  return std::nullopt;
}

Status as_status(const std::optional<Violation>& violation) {
  if (!violation) return Done{};
  return Error{
      Code::bad_input, fmt::format("key '{}': {}", violation->key, violation->message), "case"};
}

Status validate(const Problem& problem) {
  return as_status(find_violation(problem));
}

}  // namespace attest
