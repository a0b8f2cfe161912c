// The limits of operations and layers, each stated once.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/operation_limits.h"

#include "harness/problem/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace attest {
namespace {

using Found = std::optional<Violation>;

struct Size {
  std::string_view key;
  std::int64_t value;
};

Found first_of(std::initializer_list<Found> found) {
  const auto* const at =
      std::find_if(found.begin(), found.end(), [](const Found& one) { return one.has_value(); });
  return at == found.end() ? std::nullopt : *at;
}

Found bad_sizes(std::initializer_list<Size> sizes) {
  for (const Size& size : sizes) {
    if (Found bad = outside(size.key, size.value, 1, kMaxElements)) return bad;
  }
  return std::nullopt;
}

/// Of batch x heads x rows x columns, its rows `gap` further apart than they must be.
Found too_large(std::string_view key,
                std::string_view tensor,
                const std::array<std::int64_t, 4>& shape,
                std::int64_t gap = 0) {
  const auto [batch, heads, rows, columns] = shape;
  if (limited_product({batch, heads, rows, columns + gap}) <= kMaxElements) return std::nullopt;
  return Violation{key,
                   fmt::format("found {} of {} x {} x {} x {} elements and gaps of {}; allowed: {} "
                               "elements in all",
                               tensor,
                               batch,
                               heads,
                               rows,
                               columns,
                               gap,
                               kMaxElements)};
}

Found bad_split(std::int64_t split, std::int64_t n) {
  if (Found bad = outside("split", split, 1, kMaxSplit)) return bad;
  if (n % split == 0) return std::nullopt;
  return Violation{"split",
                   fmt::format("found {}, allowed: a divisor of n, which is {}", split, n)};
}

/// A value that is stored, so that it must be finite in the dtype too.
Found bad_stored(std::string_view key, double value, Dtype dtype) {
  const double most = largest_finite(dtype);
  if (std::abs(value) <= most) return std::nullopt;
  return Violation{
      key,
      fmt::format(
          "found {}, allowed: from {} to {}, as {} holds", value, -most, most, name(dtype))};
}

template <class T>
Found bad_drawn(const T& problem) {
  const std::span<const DataKind> kinds = data_kinds(problem);
  if (std::find(kinds.begin(), kinds.end(), problem.data.kind) != kinds.end()) {
    return bad_data(problem.data);
  }
  std::string allowed;
  for (const DataKind kind : kinds) {
    allowed += fmt::format(
        "{}{}{}", allowed.empty() ? "" : ", ", name(kind), kind == DataKind::normal ? "(a)" : "");
  }
  return Violation{"data",
                   fmt::format("found {}, allowed here: {}", name(problem.data.kind), allowed)};
}

Found bad_gaps(const Gemm& g) {
  return first_of({outside("la", g.a.gap, 0, kMaxElements, "a gap of "),
                   outside("lb", g.b.gap, 0, kMaxElements, "a gap of "),
                   outside("lc", g.c.gap, 0, kMaxElements, "a gap of ")});
}

constexpr std::array kGemmData = {
    DataKind::normal, DataKind::all_negative, DataKind::one_hot, DataKind::integers};
constexpr std::array kSoftmaxData = {DataKind::normal,
                                     DataKind::ramp_up,
                                     DataKind::ramp_down,
                                     DataKind::all_negative,
                                     DataKind::needle,
                                     DataKind::integers};
constexpr std::array kPlainData = {DataKind::normal, DataKind::integers};

}  // namespace

std::span<const DataKind> data_kinds(const Gemm&) {
  return kGemmData;
}
std::span<const DataKind> data_kinds(const MaskSoftmax&) {
  return kSoftmaxData;
}
std::span<const DataKind> data_kinds(const BiasSplit&) {
  return kPlainData;
}
std::span<const DataKind> data_kinds(const Elementwise&) {
  return kPlainData;
}
std::span<const DataKind> data_kinds(const LayerProblem&) {
  return kPlainData;
}

std::optional<Violation> find_violation(const Gemm& g) {
  if (Found bad = bad_sizes({{"b", g.batch}, {"h", g.heads}, {"m", g.m}, {"n", g.n}, {"k", g.k}})) {
    return bad;
  }
  if (Found bad = bad_gaps(g)) return bad;
  if (Found bad = bad_split(g.split, g.n)) return bad;
  const auto lies = [&g](bool is_transposed, std::int64_t rows, std::int64_t columns) {
    return std::array<std::int64_t, 4>{
        g.batch, g.heads, is_transposed ? columns : rows, is_transposed ? rows : columns};
  };
  return first_of({too_large("k", "A", lies(g.transpose_a, g.m, g.k), g.a.gap),
                   too_large("k", "B", lies(g.transpose_b, g.k, g.n), g.b.gap),
                   too_large("n", "C", lies(false, g.m, g.n / g.split), g.c.gap),
                   too_large("n", "C", lies(false, g.m, g.n)),
                   bad_float("alpha", g.alpha),
                   bad_stored("fill", g.fill, g.dtype),
                   bad_drawn(g)});
}

std::optional<Violation> find_violation(const MaskSoftmax& s) {
  if (Found bad = bad_sizes({{"b", s.batch}, {"h", s.heads}, {"m", s.m}, {"n", s.n}})) return bad;
  return first_of({too_large("n", "S", {s.batch, s.heads, s.m, s.n}),
                   bad_float("scale", s.scale),
                   bad_float("fill", s.fill),
                   bad_drawn(s)});
}

std::optional<Violation> find_violation(const BiasSplit& s) {
  if (Found bad = bad_sizes({{"m", s.m}, {"n", s.n}})) return bad;
  return first_of({bad_split(s.split, s.n), too_large("n", "X", {1, 1, s.m, s.n}), bad_drawn(s)});
}

std::optional<Violation> find_violation(const Elementwise& e) {
  if (Found bad = bad_sizes({{"b", e.batch}, {"h", e.heads}, {"m", e.m}, {"n", e.n}})) return bad;
  return first_of({too_large("n", "X", {e.batch, e.heads, e.m, e.n}),
                   e.kind == ElementwiseKind::masked_fill ? bad_stored("alpha", e.alpha, e.dtype)
                                                          : bad_float("alpha", e.alpha),
                   bad_drawn(e)});
}

namespace {

/// The mask of a layer is an operand of zeros and ones.
Found bad_operand(const Mask& mask) {
  if (!mask.bias && !mask.alibi) return std::nullopt;
  return Violation{"mask",
                   fmt::format("found {}, allowed: parts that hide keys, in a layer",
                               mask.bias ? "bias" : "alibi")};
}

}  // namespace

std::optional<Violation> find_violation(const LayerProblem& l) {
  if (Found bad = bad_sizes({{"b", l.batch}, {"s", l.seq}, {"d", l.dim}, {"h", l.heads}})) {
    return bad;
  }
  if (l.dim % l.heads != 0) {
    return Violation{"h",
                     fmt::format("found {}, allowed: a divisor of d, which is {}", l.heads, l.dim)};
  }
  return first_of({too_large("d", "q, k and v", {l.batch, 3, l.seq, l.dim}),
                   too_large("d", "a weight", {1, 3, l.dim, l.dim}),
                   too_large("s", "scores", {l.batch, l.heads, l.seq, l.seq}),
                   bad_mask(l.mask, l.batch, l.seq),
                   bad_operand(l.mask),
                   bad_stored("fill", l.fill, l.dtype),
                   bad_drawn(l)});
}

Status validate(const Operation& operation) {
  return as_status(std::visit([](const auto& op) { return find_violation(op); }, operation));
}

Status validate(const LayerProblem& layer) {
  return as_status(find_violation(layer));
}

}  // namespace attest
