// Flash-attention kernels as scalar loops: tiles, running maximum, f32, P rounded to its dtype.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/flash_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool keeps(const Problem& p, std::int64_t b, std::int64_t i, std::int64_t j) {
  const std::int64_t length = kv_length(p, b);
  if (j >= length) return false;
  if (!p.mask.causal) return true;
  return j <= (*p.mask.causal == Alignment::top_left ? i : i + length - p.seq_q);
}

double smallest_normal(Dtype dtype) {
  return smallest_subnormal(dtype) / (2 * unit_roundoff(dtype));
}

// Exponent with which a tensor core aligns an operand.
int exponent_of(double value, Dtype dtype) {
  return std::max(std::ilogb(value), std::ilogb(smallest_normal(dtype)));
}

float toward_zero(double value) {
  const auto rounded = static_cast<float>(value);
  return std::fabs(static_cast<double>(rounded)) > std::fabs(value) ? std::nextafter(rounded, 0.0F)
                                                                    : rounded;
}

// One block of a tensor core: every term cut off at `fraction` bits below the largest exponent, an
// exact sum, one truncation to f32.
float block_sum(
    float c, const double* a, const double* b, std::int64_t count, int fraction, Dtype dtype) {
  int largest = c == 0 ? std::numeric_limits<int>::min() : exponent_of(c, Dtype::f32);
  for (std::int64_t k = 0; k < count; ++k) {
    if (a[k] == 0 || b[k] == 0) continue;
    largest = std::max(largest, exponent_of(a[k], dtype) + exponent_of(b[k], dtype));
  }
  if (largest == std::numeric_limits<int>::min()) return 0;
  const auto cut = [&](double term) { return std::trunc(std::ldexp(term, fraction - largest)); };
  double sum = cut(c);
  for (std::int64_t k = 0; k < count; ++k)
    sum += cut(a[k] * b[k]);
  return toward_zero(std::ldexp(sum, largest - fraction));
}

float dot(const FlashModel& model,
          Dtype dtype,
          float c,
          const std::vector<double>& a,
          const std::vector<double>& b) {
  const auto count = static_cast<std::int64_t>(a.size());
  if (model.block == 0) {
    for (std::size_t k = 0; k < a.size(); ++k)
      c = std::fma(static_cast<float>(a[k]), static_cast<float>(b[k]), c);
    return c;
  }
  for (std::int64_t k = 0; k < count; k += model.block)
    c = block_sum(
        c, a.data() + k, b.data() + k, std::min(model.block, count - k), model.fraction, dtype);
  return c;
}

// 2^x in f32, off by the declared error in the chosen direction; subnormal results are flushed.
float exp2_of(const FlashModel& model, float x, double v) {
  if (x == 0) return 1;
  auto y = static_cast<float>(std::exp2(static_cast<double>(x)));
  if (y < std::numeric_limits<float>::min()) return 0;
  int ulps = 0;
  if (model.exp_error == ExpError::up) ulps = model.arithmetic.exp_ulps;
  if (model.exp_error == ExpError::down) ulps = -model.arithmetic.exp_ulps;
  if (model.exp_error == ExpError::by_sign_of_v)
    ulps = v < 0 ? -model.arithmetic.exp_ulps : model.arithmetic.exp_ulps;
  const float ulp = std::ldexp(1.0F, std::ilogb(y) - 23);
  return y + static_cast<float>(ulps) * ulp;
}

struct RowOf {
  std::int64_t b;
  std::int64_t h;
  std::int64_t i;
};

struct State {
  float maximum = -std::numeric_limits<float>::infinity();  // of q.k, not scaled
  float sum = 0;
  std::vector<float> o;
};

void step(const FlashModel& model,
          const Problem& p,
          const Inputs& in,
          const RowOf& at,
          std::int64_t first,
          State& state) {
  const std::int64_t kv_head = at.h / (p.heads_q / p.heads_kv);
  const auto c = static_cast<float>(static_cast<double>(effective_scale(p)) * 1.4426950408889634);
  std::vector<double> q;
  for (std::int64_t d = 0; d < p.head_dim; ++d)
    q.push_back(in.q.value(at.b, at.h, at.i, d));
  std::vector<std::int64_t> keys;
  std::vector<float> score;
  float maximum = state.maximum;
  for (std::int64_t j = first; j < std::min(first + model.arithmetic.kv_tile, p.seq_kv); ++j) {
    if (!keeps(p, at.b, at.i, j)) continue;
    std::vector<double> k;
    for (std::int64_t d = 0; d < p.head_dim; ++d)
      k.push_back(in.k.value(at.b, kv_head, j, d));
    keys.push_back(j);
    score.push_back(dot(model, p.dtype, 0, q, k));
    maximum = std::max(maximum, score.back());
  }
  if (keys.empty()) return;
  const float rescale =
      std::isinf(state.maximum) ? 0 : exp2_of(model, (state.maximum - maximum) * c, 1);
  state.maximum = maximum;
  state.sum *= rescale;
  std::vector<double> weight;
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const float w = exp2_of(
        model, std::fma(score[n], c, -(maximum * c)), in.v.value(at.b, kv_head, keys[n], 0));
    const Dtype dtype = model.arithmetic.probability;
    weight.push_back(decode(dtype, encode(dtype, w)));
    state.sum += model.arithmetic.sum_of_rounded_p ? static_cast<float>(weight.back()) : w;
    if (model.drops_last_key && keys[n] == p.seq_kv - 1) weight.back() = 0;
  }
  for (std::int64_t d = 0; d < p.head_dim_v; ++d) {
    std::vector<double> v;
    for (const std::int64_t j : keys)
      v.push_back(in.v.value(at.b, kv_head, j, d));
    float& o = state.o[static_cast<std::size_t>(d)];
    o = dot(model, p.dtype, o * rescale, weight, v);
  }
}

template <class Visit>
void for_each_row(const Problem& p, Visit visit) {
  std::size_t row = 0;
  for (std::int64_t b = 0; b < p.batch; ++b)
    for (std::int64_t h = 0; h < p.heads_q; ++h)
      for (std::int64_t i = 0; i < p.seq_q; ++i)
        visit(RowOf{b, h, i}, row++);
}

void plain_row(
    const Problem& p, const Inputs& in, const RowOf& at, std::size_t row, ReferenceTerms& t) {
  const std::int64_t kv_head = at.h / (p.heads_q / p.heads_kv);
  const auto scale = static_cast<double>(effective_scale(p));
  const double smallest = smallest_normal(p.dtype);
  const auto aligned = [&](double x) { return x == 0 ? 0 : std::max(std::fabs(x), smallest); };
  std::vector<std::int64_t> keys;
  std::vector<double> s;
  std::vector<double> a;
  for (std::int64_t j = 0; j < p.seq_kv; ++j) {
    if (!keeps(p, at.b, at.i, j)) continue;
    keys.push_back(j);
    s.push_back(0);
    a.push_back(0);
    for (std::int64_t d = 0; d < p.head_dim; ++d) {
      const double q = in.q.value(at.b, at.h, at.i, d);
      const double k = in.k.value(at.b, kv_head, j, d);
      s.back() += scale * (q * k);
      a.back() += scale * (aligned(q) * aligned(k));
    }
  }
  if (keys.empty()) return;
  const double m = *std::max_element(s.begin(), s.end());
  double l = 0;
  for (const double x : s)
    l += std::exp(x - m);
  t.lse[row] = m + std::log(l);
  t.row_max[row] = m;
  t.kept[row] = static_cast<std::int64_t>(keys.size());
  t.products_max[row] = *std::max_element(a.begin(), a.end());
  const auto mean = [&](auto value) {
    double total = 0;
    for (std::size_t n = 0; n < keys.size(); ++n)
      total += std::exp(s[n] - m) / l * value(n);
    return total;
  };
  t.products_mean[row] = mean([&](std::size_t n) { return a[n]; });
  t.scores_mean[row] = mean([&](std::size_t n) { return std::fabs(s[n]); });
  t.depth_mean[row] = mean([&](std::size_t n) { return m - s[n]; });
  for (std::int64_t d = 0; d < p.head_dim_v; ++d) {
    const std::size_t e =
        row * static_cast<std::size_t>(p.head_dim_v) + static_cast<std::size_t>(d);
    std::vector<double> v;
    for (const std::int64_t j : keys) {
      v.push_back(in.v.value(at.b, kv_head, j, d));
      t.abs_v_over_l[e] += std::fabs(v.back()) / l;
      t.abs_v_max[e] = std::max(t.abs_v_max[e], std::fabs(v.back()));
    }
    const double o = t.o[e] = mean([&](std::size_t n) { return v[n]; });
    t.weighted_abs_v[e] = mean([&](std::size_t n) { return std::fabs(v[n]); });
    t.weighted_spread[e] = mean([&](std::size_t n) { return std::fabs(v[n] - o); });
    t.products_spread[e] = mean([&](std::size_t n) { return a[n] * std::fabs(v[n] - o); });
    t.scores_spread[e] = mean([&](std::size_t n) { return std::fabs(s[n]) * std::fabs(v[n] - o); });
    t.depth_spread[e] = mean([&](std::size_t n) { return (m - s[n]) * std::fabs(v[n] - o); });
  }
}

}  // namespace

Outputs run_flash_model(const FlashModel& model, const Problem& p, const Inputs& inputs) {
  Outputs out;
  out.o = poisoned_tensor(tensor_layout(p, Tensor::o));
  for_each_row(p, [&](const RowOf& at, std::size_t) {
    State state;
    state.o.assign(static_cast<std::size_t>(p.head_dim_v), 0);
    for (std::int64_t first = 0; first < p.seq_kv; first += model.arithmetic.kv_tile)
      step(model, p, inputs, at, first, state);
    const bool is_empty = std::isinf(state.maximum);
    for (std::int64_t d = 0; d < p.head_dim_v; ++d) {
      const float o = is_empty ? 0 : state.o[static_cast<std::size_t>(d)] / state.sum;
      out.o.set_bits(at.b, at.h, at.i, d, encode(p.dtype, o));
    }
    const auto log_sum = static_cast<float>(std::log(static_cast<double>(state.sum)));
    out.lse.push_back(is_empty ? static_cast<float>(-kInfinity)
                               : state.maximum * effective_scale(p) + log_sum);
  });
  return out;
}

ReferenceTerms plain_terms(const Problem& p, const Inputs& inputs) {
  ReferenceTerms t;
  const auto rows = static_cast<std::size_t>(p.batch * p.heads_q * p.seq_q);
  const std::size_t elements = rows * static_cast<std::size_t>(p.head_dim_v);
  for (auto* array : {&t.o,
                      &t.weighted_abs_v,
                      &t.weighted_spread,
                      &t.products_spread,
                      &t.scores_spread,
                      &t.depth_spread,
                      &t.abs_v_over_l,
                      &t.abs_v_max})
    array->assign(elements, 0);
  for (auto* array : {&t.products_mean, &t.scores_mean, &t.depth_mean, &t.products_max})
    array->assign(rows, 0);
  t.lse.assign(rows, -kInfinity);
  t.row_max.assign(rows, -kInfinity);
  t.kept.assign(rows, 0);
  for_each_row(p, [&](const RowOf& at, std::size_t row) { plain_row(p, inputs, at, row, t); });
  return t;
}

}  // namespace attest
