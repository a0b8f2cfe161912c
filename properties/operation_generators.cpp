// Operations from RapidCheck's generators: tile edges, no squares but a share, asymmetry throughout.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_generators.h"

#include "harness/base/rng.h"
#include "harness/problem/operation_limits.h"
#include "properties/chooser.h"

#include <algorithm>
#include <array>

namespace attest {
namespace {

constexpr std::array kForms = {OperationForm::gemm,
                               OperationForm::mask_softmax,
                               OperationForm::bias_split,
                               OperationForm::scale,
                               OperationForm::equals_zero,
                               OperationForm::masked_fill};

std::int64_t draw_size(Chooser& choose, std::int64_t tile) {
  switch (choose.between(0, 7)) {
    case 0:
      return 1;
    case 1:
      return tile - 1;
    case 2:
      return tile;
    case 3:
      return tile + 1;
    case 4:
      return 2 * tile + choose.between(-1, 1);
    default:
      return choose.between(1, 3 * tile);
  }
}

struct Sizes {
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
};

/// Now and then a square; else no two of m, n, k are the same.
Sizes draw_sizes(Chooser& choose, const OperationSpec& kernel) {
  Sizes s;
  s.batch = choose.between(1, 3) % 3 + 1;
  s.heads = choose.any_of<std::int64_t>({1, 1, 2, 3, 4});
  s.m = std::max<std::int64_t>(1, draw_size(choose, kernel.tile_m));
  s.n = std::max<std::int64_t>(1, draw_size(choose, kernel.tile_n));
  s.k = std::max<std::int64_t>(1, draw_size(choose, std::max<std::int64_t>(kernel.tile_k, 8)));
  if (choose.chance(15)) {
    s.n = s.k = s.m;
    return s;
  }
  if (s.n == s.m) ++s.n;
  while (s.k == s.m || s.k == s.n)
    ++s.k;
  return s;
}

Placement draw_placement(Chooser& choose) {
  Placement out;
  if (choose.chance(50)) out.layout = Layout::bshd;
  if (choose.chance(30)) out.gap = choose.any_of<std::int64_t>({1, 3, 8, 16, 24, 64});
  return out;
}

double draw_factor(Chooser& choose) {
  return choose.any_of({1.0, 0.125, 0.3, -0.7, 2.5, 0.08838834764831845});
}

template <class T>
Data draw_data(Chooser& choose, const T& operation) {
  const auto kinds = data_kinds(operation);
  const auto last = static_cast<std::int64_t>(kinds.size()) - 1;
  Data data{kinds[static_cast<std::size_t>(choose.between(0, last))]};
  if (data.kind == DataKind::normal) data.amplitude = choose.any_of({0.01, 1.0, 1.0, 4.0, 40.0});
  return data;
}

Operation draw_gemm(Chooser& choose, const Sizes& s) {
  Gemm g{.batch = s.batch, .heads = s.heads, .m = s.m, .n = s.n, .k = s.k};
  g.transpose_a = choose.chance(30);
  g.transpose_b = choose.chance(60);
  g.a = draw_placement(choose);
  g.b = draw_placement(choose);
  g.c = draw_placement(choose);
  g.alpha = draw_factor(choose);
  g.has_bias = choose.chance(50);
  if (choose.chance(35)) {
    g.split = choose.any_of<std::int64_t>({3, 3, 2});
    g.n = (g.n + g.split - 1) / g.split * g.split;
  }
  g.has_mask = choose.chance(25);
  g.fill = choose.any_of({-1000.0, -1000.0, -3.0});
  g.data = draw_data(choose, g);
  return g;
}

Operation draw_softmax(Chooser& choose, const Sizes& s) {
  MaskSoftmax out{.batch = s.batch, .heads = s.heads, .m = s.m, .n = s.n};
  out.scale = draw_factor(choose);
  out.has_mask = choose.chance(60);
  out.fill = choose.any_of({-1000.0, -1000.0, -3.0});
  out.data = draw_data(choose, out);
  return out;
}

Operation draw_bias_split(Chooser& choose, const Sizes& s) {
  BiasSplit out{.m = s.m, .n = s.n};
  out.split = choose.any_of<std::int64_t>({1, 3, 3, 2});
  out.n = (out.n + out.split - 1) / out.split * out.split;
  out.data = draw_data(choose, out);
  return out;
}

Operation draw_elementwise(Chooser& choose, const Sizes& s, ElementwiseKind kind) {
  Elementwise out{.kind = kind, .batch = s.batch, .heads = s.heads, .m = s.m, .n = s.n};
  if (kind == ElementwiseKind::scale) out.alpha = draw_factor(choose);
  if (kind == ElementwiseKind::masked_fill) out.alpha = choose.any_of({-1000.0, -3.0, 0.3});
  out.data = draw_data(choose, out);
  return out;
}

Operation draw_form(Chooser& choose, const OperationSpec& kernel, OperationForm form) {
  const Sizes sizes = draw_sizes(choose, kernel);
  switch (form) {
    case OperationForm::gemm:
      return draw_gemm(choose, sizes);
    case OperationForm::mask_softmax:
      return draw_softmax(choose, sizes);
    case OperationForm::bias_split:
      return draw_bias_split(choose, sizes);
    case OperationForm::scale:
      return draw_elementwise(choose, sizes, ElementwiseKind::scale);
    case OperationForm::equals_zero:
      return draw_elementwise(choose, sizes, ElementwiseKind::equals_zero);
    case OperationForm::masked_fill:
      return draw_elementwise(choose, sizes, ElementwiseKind::masked_fill);
  }
  fail_check("the form is drawn", __FILE__, __LINE__);
}

/// Moves gaps, sizes and options towards what every kernel claims, until this one does.
Operation make_claimed(const OperationSpec& kernel, const Operation& drawn) {
  const auto* const from = std::get_if<Gemm>(&drawn);
  if (from == nullptr) return drawn;
  using Step = void (*)(Gemm&);
  constexpr std::array<Step, 7> kSteps = {
      [](Gemm& g) {
        for (Placement* const p : {&g.a, &g.b, &g.c})
          p->gap = (p->gap + 7) / 8 * 8;
      },
      [](Gemm& g) { g.k = (g.k + 7) / 8 * 8; },
      [](Gemm& g) { g.n = (g.n + 8 * g.split - 1) / (8 * g.split) * (8 * g.split); },
      [](Gemm& g) { g.m = (g.m + 7) / 8 * 8; },
      [](Gemm& g) { g.transpose_a = false; },
      [](Gemm& g) { g.transpose_b = !g.transpose_b; },
      [](Gemm& g) { g.a = g.b = g.c = {}; }};
  Gemm g = *from;
  for (const Step step : kSteps) {
    if (!kernel.refusal(g)) break;
    step(g);
  }
  return g;
}

/// Fewer batches and heads, then a tile less of the largest size, until it fits.
void make_affordable(const OperationRequest& request, Operation& operation) {
  const OperationSpec& kernel = *request.kernel;
  const auto is_dear = [&] { return work(kernel, operation) > request.work; };
  std::visit(
      [&](auto& op) {
        if constexpr (requires { op.heads; }) {
          if (is_dear()) op.batch = 1;
          if (is_dear()) op.heads = 1;
        }
        while (is_dear()) {
          bool is_smaller = false;
          const auto lower = [&](std::int64_t& size, std::int64_t by) {
            if (size <= by || !is_dear()) return;
            size -= by;
            is_smaller = true;
          };
          lower(op.m, kernel.tile_m);
          if constexpr (requires { op.k; }) lower(op.k, kernel.tile_k);
          lower(op.n, kernel.tile_n * split(operation));
          if (!is_smaller) return;
        }
      },
      operation);
}

}  // namespace

std::int64_t work(const OperationSpec& kernel, const Operation& operation) {
  const auto whole = [](std::int64_t size, std::int64_t tile) {
    return (size + tile - 1) / tile * tile;
  };
  const auto [batch, heads, m, n] = result_shape(operation);
  const std::int64_t elements = batch * heads * whole(m, kernel.tile_m) * whole(n, kernel.tile_n);
  const auto* const gemm = std::get_if<Gemm>(&operation);
  return gemm != nullptr ? elements * whole(gemm->k, kernel.tile_k) / 128 : elements / 4;
}

Operation draw_operation(const OperationRequest& request, std::uint64_t seed) {
  Chooser choose(seed);
  Operation operation = draw_form(choose, *request.kernel, request.form);
  std::visit(
      [&](auto& op) {
        op.dtype = request.dtype;
        op.seed = choose.bits() >> 32;
      },
      operation);
  make_affordable(request, operation);
  const bool keeps_refusal = choose.chance(10);
  return keeps_refusal ? operation : make_claimed(*request.kernel, operation);
}

std::vector<OperationForm> claimed_forms(const OperationSpec& kernel, Dtype dtype) {
  constexpr std::uint64_t kDraws = 16;
  std::vector<OperationForm> out;
  for (const OperationForm form : kForms) {
    const OperationRequest request{&kernel, form, dtype, 1 << 16};
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
      if (kernel.refusal(draw_operation(request, draw))) continue;
      out.push_back(form);
      break;
    }
  }
  return out;
}

}  // namespace attest
