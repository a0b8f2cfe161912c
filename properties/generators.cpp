// Problems from RapidCheck's generators: each part from its own split of the random source, so that
// a part keeps its value when another is changed.
// SPDX-License-Identifier: Apache-2.0
#include "properties/generators.h"

#include "harness/problem/data.h"
#include "properties/chooser.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace attest {
namespace {

namespace gen = rc::gen;

/// Sizes round the edges of tiles first, then anything up to a few tiles.
std::int64_t draw_seq(Chooser& choose, std::int64_t tile) {
  enum class Kind { zero, one, part, edge, next, edges, some };
  const auto kind = choose.pick(gen::weightedElement<Kind>({{1, Kind::zero},
                                                            {4, Kind::one},
                                                            {8, Kind::part},
                                                            {14, Kind::edge},
                                                            {15, Kind::next},
                                                            {33, Kind::edges},
                                                            {25, Kind::some}}));
  switch (kind) {
    case Kind::zero:
      return 0;
    case Kind::one:
      return 1;
    case Kind::part:
      return choose.between(2, tile - 2);
    case Kind::edge:
      return choose.between(tile - 1, tile);
    case Kind::next:
      return tile + 1;
    case Kind::edges:
      return tile * choose.between(2, 4) + choose.between(-1, 1);
    case Kind::some:
      return choose.between(tile + 1, 4 * tile);
  }
  return 1;
}

void draw_sizes(Chooser& choose, const KernelSpec& kernel, Problem& p) {
  p.batch = choose.pick(gen::weightedElement<std::int64_t>({{1, 0}, {55, 1}, {30, 2}, {14, 3}}));
  using Heads = std::pair<std::int64_t, std::int64_t>;
  const auto heads = choose.pick(gen::weightedElement<Heads>({{36, {1, 1}},
                                                              {8, {2, 2}},
                                                              {8, {2, 1}},
                                                              {4, {3, 3}},
                                                              {5, {3, 1}},
                                                              {4, {5, 1}},
                                                              {16, {4, 2}},
                                                              {10, {6, 2}},
                                                              {5, {6, 3}},
                                                              {4, {8, 2}}}));
  std::tie(p.heads_q, p.heads_kv) = heads;
  p.seq_kv = draw_seq(choose, kernel.tile_kv);
  p.seq_q = choose.chance(25) ? p.seq_kv : draw_seq(choose, kernel.tile_q);
  if (choose.chance(4)) {  // a long row of keys, as in decoding
    p.seq_q = choose.between(1, 4);
    p.seq_kv = kernel.tile_kv * choose.between(8, 16) + choose.between(-1, 1);
  }
  if (kernel.head_dims.empty()) return;
  auto dims = kernel.head_dims;
  std::sort(dims.begin(), dims.end());
  const auto last = static_cast<std::int64_t>(dims.size()) - 1;
  const std::int64_t at = std::min(choose.between(0, last), choose.between(0, last));
  p.head_dim = p.head_dim_v = dims[static_cast<std::size_t>(at)];
}

Alignment draw_alignment(Chooser& choose) {
  return choose.any_of({Alignment::bottom_right, Alignment::top_left});
}

std::int64_t draw_window_side(Chooser& choose, std::int64_t tile) {
  switch (choose.between(0, 3)) {
    case 0:
      return -1;
    case 1:
      return choose.between(0, 4);
    case 2:
      return tile + choose.between(-1, 1);
    default:
      return choose.between(0, 2 * tile);
  }
}

std::int64_t draw_length(Chooser& choose, std::int64_t seq_kv, std::int64_t tile) {
  switch (choose.between(0, 5)) {
    case 0:
      return choose.between(0, 1);
    case 1:
      return seq_kv;
    case 2:
      return seq_kv - 1;
    case 3:
      return tile + choose.between(-1, 1);
    default:
      return choose.between(0, seq_kv);
  }
}

void draw_mask(Chooser& choose, const KernelSpec& kernel, Problem& p) {
  const auto parts =
      choose.pick(gen::weightedElement<int>({{15, 0}, {50, 1}, {25, 2}, {8, 3}, {2, 4}}));
  for (int part = 0; part < parts; ++part) {
    switch (choose.between(0, 3)) {  // a part drawn twice makes the conjunction shorter
      case 0:
        p.mask.causal = draw_alignment(choose);
        break;
      case 1:
        p.mask.window = Window{.left = draw_window_side(choose, kernel.tile_kv),
                               .right = draw_window_side(choose, kernel.tile_kv),
                               .alignment = draw_alignment(choose)};
        break;
      case 2: {
        auto& lengths = p.mask.kv_lengths.emplace();
        for (std::int64_t b = 0; b < p.batch; ++b) {
          const std::int64_t length = draw_length(choose, p.seq_kv, kernel.tile_kv);
          lengths.push_back(std::clamp<std::int64_t>(length, 0, p.seq_kv));
        }
        break;
      }
      default:
        p.mask.boolean = true;
    }
  }
}

void draw_strides(Chooser& choose, Problem& p) {
  p.layout = choose.chance(40) ? Layout::bhsd : Layout::bshd;
  const std::int64_t element = size_bytes(p.dtype);
  const bool has_gaps = choose.chance(30);
  const bool has_skews = choose.chance(20);
  for (std::size_t at = 0; at < kTensors.size(); ++at) {
    if (has_gaps && choose.chance(50)) {
      p.gap[at] = choose.any_of<std::int64_t>({1, 3, 8, 8, 16, 16, 24, 64});
    }
    if (has_skews && choose.chance(50)) {
      p.skew[at] = element * choose.any_of<std::int64_t>({1, 2, 4, 8, 16, 32});
    }
  }
}

void draw_options(Chooser& choose, Problem& p) {
  const auto kind = static_cast<DataKind>(choose.between(0, kDataKinds - 1));
  p.data.kind = kind;
  if (kind == DataKind::normal) p.data.amplitude = choose.any_of({0.1, 1.0, 1.0, 4.0, 40.0});
  if (choose.chance(12)) p.scale = choose.any_of({0.375, 1.0, -0.5, 0.0});
  if (choose.chance(5)) p.fill = choose.any_of({-1000.0, -30.0});
  p.seed = choose.bits() >> 32;
}

/// Moves strides, then options, towards what every kernel claims, until this one does.
Problem make_claimed(const KernelSpec& kernel, const Problem& drawn) {
  const std::int64_t unit = 16 / size_bytes(drawn.dtype);
  using Step = void (*)(Problem&, std::int64_t);
  constexpr std::array<Step, 5> kSteps = {[](Problem& p, std::int64_t) { p.fill = Problem{}.fill; },
                                          [](Problem& p, std::int64_t unit_) {
                                            for (auto& gap : p.gap)
                                              gap = (gap + unit_ - 1) / unit_ * unit_;
                                          },
                                          [](Problem& p, std::int64_t) {
                                            for (auto& skew : p.skew)
                                              skew = (skew + 15) / 16 * 16;
                                          },
                                          [](Problem& p, std::int64_t) { p.gap = p.skew = {}; },
                                          [](Problem& p, std::int64_t) { p.scale.reset(); }};
  Problem p = drawn;
  for (const Step step : kSteps) {
    if (!kernel.refusal(p)) break;
    step(p, unit);
  }
  return p;
}

/// One way to make a problem cheaper, or nothing to do any more.
bool reduce(Problem& p, const KernelSpec& kernel, int way) {
  const Problem before = p;
  switch (way) {
    case 0:
      p.heads_q = std::min(p.heads_q, 2 * p.heads_kv);
      break;
    case 1:
      p.heads_q = p.heads_q / p.heads_kv * std::min<std::int64_t>(p.heads_kv, 2);
      p.heads_kv = std::min<std::int64_t>(p.heads_kv, 2);
      break;
    case 2:
      p.batch = std::min<std::int64_t>(p.batch, 2);
      break;
    case 3:
      for (const std::int64_t d : kernel.head_dims) {
        if (d < p.head_dim) p.head_dim = p.head_dim_v = d;
      }
      break;
    case 4:
      if (p.seq_q > 2 * kernel.tile_q) p.seq_q -= kernel.tile_q;
      break;
    case 5:
      if (p.seq_kv > 3 * kernel.tile_kv) p.seq_kv -= kernel.tile_kv;
      break;
    case 6:
      p.batch = std::min<std::int64_t>(p.batch, 1);
      break;
    case 7:
      p.heads_q = p.heads_kv = 1;
      break;
    case 8:
      if (p.seq_kv > kernel.tile_kv + 1) p.seq_kv -= kernel.tile_kv;
      break;
    case 9:
      if (p.seq_q > kernel.tile_q + 1) p.seq_q -= kernel.tile_q;
      break;
    default:  // padding stays padding
      if (p.seq_kv > kernel.tile_kv + 1 && p.mask.kv_lengths) {
        p.seq_kv -= kernel.tile_kv;
        for (std::int64_t& length : *p.mask.kv_lengths)
          length = std::max<std::int64_t>(length - kernel.tile_kv, 0);
      }
  }
  fit_lengths(p);
  return p != before;
}

void force_wanted(const DrawRequest& request, Problem& p) {
  if (request.wanted) request.wanted->force(p);
  if (request.also) request.also->force(p);
}

/// Whether what is wanted and holds before holds after.
bool keeps_wanted(const DrawRequest& request, const Problem& before, const Problem& after) {
  for (const AxisValue* const wanted : {request.wanted, request.also}) {
    if (wanted && wanted->holds(before) && !wanted->holds(after)) return false;
  }
  return true;
}

/// Cheapens until the work fits, never at the cost of the wanted value or of the property.
Problem make_affordable(const DrawRequest& request, Problem p) {
  constexpr int kWays = 11;
  for (int way = 0; way < kWays;) {
    if (work(*request.kernel, *request.property, p) <= request.work) return p;
    Problem smaller = p;
    const bool is_smaller = reduce(smaller, *request.kernel, way);
    const bool keeps = keeps_wanted(request, p, smaller);
    if (is_smaller && keeps && request.property->applies(smaller)) {
      p = smaller;
    } else {
      ++way;
    }
  }
  return p;
}

}  // namespace

std::int64_t work(const KernelSpec& kernel, const Property& property, const Problem& p) {
  const auto whole = [](std::int64_t size, std::int64_t tile) {
    return (size + tile - 1) / tile * tile;
  };
  return p.batch * p.heads_q * whole(p.seq_q, kernel.tile_q) * whole(p.seq_kv, kernel.tile_kv) *
         p.head_dim / 64 * property.runs;
}

Problem draw_problem(const DrawRequest& request, std::uint64_t seed) {
  Chooser choose(seed);
  const KernelSpec& kernel = *request.kernel;
  Problem p;
  p.dtype = request.dtype;
  draw_sizes(choose, kernel, p);
  draw_mask(choose, kernel, p);
  draw_strides(choose, p);
  draw_options(choose, p);
  force_wanted(request, p);
  fit_lengths(p);
  p = request.property->focus(p, choose.bits());
  const bool keeps_refusal = choose.chance(10);
  if (!keeps_refusal) {
    const Problem claimed = make_claimed(kernel, p);
    p = claimed;
    force_wanted(request, p);
    if (!request.property->applies(p)) p = claimed;
  }
  return make_affordable(request, std::move(p));
}

}  // namespace attest
