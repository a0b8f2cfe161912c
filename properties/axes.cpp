// The table of axes. Sizes are relative to the kernel's tile, where shapes get interesting.
// SPDX-License-Identifier: Apache-2.0
#include "properties/axes.h"

#include "harness/problem/data.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

namespace attest {
namespace {

using Axes = std::vector<AxisValue>;

int mask_parts(const Mask& mask) {
  return static_cast<int>(mask.causal.has_value()) + static_cast<int>(mask.window.has_value()) +
         static_cast<int>(mask.kv_lengths.has_value()) + static_cast<int>(mask.boolean);
}

void pad_half(Problem& p) {
  p.mask.kv_lengths.emplace(static_cast<std::size_t>(p.batch), (p.seq_kv + 1) / 2);
}

void add_masks(Axes& out) {
  out.push_back({"mask",
                 "none",
                 [](const Problem& p) { return mask_parts(p.mask) == 0; },
                 [](Problem& p) { p.mask = {}; }});
  for (const Alignment alignment : {Alignment::top_left, Alignment::bottom_right}) {
    const std::string suffix = alignment == Alignment::top_left ? "tl" : "br";
    out.push_back({"mask",
                   "causal-" + suffix,
                   [alignment](const Problem& p) { return p.mask.causal == alignment; },
                   [alignment](Problem& p) { p.mask.causal = alignment; }});
    out.push_back({"mask",
                   "window-" + suffix,
                   [alignment](const Problem& p) {
                     return p.mask.window && p.mask.window->alignment == alignment;
                   },
                   [alignment](Problem& p) {
                     if (!p.mask.window) p.mask.window = Window{.left = 3, .right = 0};
                     p.mask.window->alignment = alignment;
                   }});
  }
  out.push_back({"mask",
                 "padding",
                 [](const Problem& p) { return p.mask.kv_lengths.has_value(); },
                 [](Problem& p) {
                   if (!p.mask.kv_lengths) pad_half(p);
                 }});
  out.push_back({"mask",
                 "bool",
                 [](const Problem& p) { return p.mask.boolean; },
                 [](Problem& p) { p.mask.boolean = true; }});
  out.push_back({"mask",
                 "conjunction",
                 [](const Problem& p) { return mask_parts(p.mask) >= 2; },
                 [](Problem& p) {
                   p.mask.boolean = true;
                   if (mask_parts(p.mask) < 2) pad_half(p);
                 }});
}

void add_size(Axes& out, std::string axis, std::int64_t Problem::*member, std::int64_t tile) {
  const auto add = [&](std::string value, std::int64_t least, std::int64_t most, std::int64_t to) {
    out.push_back({axis,
                   std::move(value),
                   [=](const Problem& p) { return p.*member >= least && p.*member <= most; },
                   [=](Problem& p) {
                     p.*member = to;
                     fit_lengths(p);
                   }});
  };
  add("0", 0, 0, 0);
  add("1", 1, 1, 1);
  add("tile-1", tile - 1, tile - 1, tile - 1);
  add("tile", tile, tile, tile);
  add("tile+1", tile + 1, tile + 1, tile + 1);
  add("2*tile+1 and more", 2 * tile + 1, kMaxElements, 2 * tile + 1);
}

void add_batches(Axes& out) {
  const auto add = [&out](std::string value, std::int64_t least, std::int64_t most) {
    out.push_back({"batch",
                   std::move(value),
                   [=](const Problem& p) { return p.batch >= least && p.batch <= most; },
                   [=](Problem& p) {
                     p.batch = least;
                     fit_lengths(p);
                   }});
  };
  add("0", 0, 0);
  add("1", 1, 1);
  add("2 and more", 2, kMaxElements);
}

void add_heads(Axes& out) {
  const auto set = [](std::int64_t q, std::int64_t kv) {
    return [q, kv](Problem& p) {
      p.heads_q = q;
      p.heads_kv = kv;
    };
  };
  out.push_back({"heads", "one", [](const Problem& p) { return p.heads_q == 1; }, set(1, 1)});
  out.push_back({"heads",
                 "one kv each",
                 [](const Problem& p) { return p.heads_q > 1 && p.heads_q == p.heads_kv; },
                 set(2, 2)});
  out.push_back({"heads",
                 "grouped",
                 [](const Problem& p) { return p.heads_kv > 1 && p.heads_q > p.heads_kv; },
                 set(6, 2)});
  out.push_back({"heads",
                 "one kv for all",
                 [](const Problem& p) { return p.heads_kv == 1 && p.heads_q > 1; },
                 set(3, 1)});
}

void add_strides(Axes& out, Dtype dtype) {
  constexpr std::int64_t kAligned = 16;  // bytes
  const std::int64_t element = size_bytes(dtype);
  for (const Tensor tensor : kTensors) {
    const auto at = static_cast<std::size_t>(tensor);
    out.push_back({"gap",
                   std::string(name(tensor)),
                   [at](const Problem& p) { return p.gap[at] != 0; },
                   [at, element](Problem& p) { p.gap[at] = kAligned / element; }});
    out.push_back({"skew",
                   std::string(name(tensor)),
                   [at](const Problem& p) { return p.skew[at] != 0; },
                   [at](Problem& p) { p.skew[at] = kAligned; }});
    out.push_back({"skew of one element",
                   std::string(name(tensor)),
                   [=](const Problem& p) { return p.skew[at] % kAligned != 0; },
                   [=](Problem& p) { p.skew[at] = element; }});
  }
}

void add_options(Axes& out, const KernelSpec& kernel) {
  for (const std::int64_t d : kernel.head_dims) {
    out.push_back({"head_dim",
                   std::to_string(d),
                   [d](const Problem& p) { return p.head_dim == d; },
                   [d](Problem& p) { p.head_dim = p.head_dim_v = d; }});
  }
  for (const Layout layout : {Layout::bshd, Layout::bhsd}) {
    out.push_back({"layout",
                   layout == Layout::bshd ? "bshd" : "bhsd",
                   [layout](const Problem& p) { return p.layout == layout; },
                   [layout](Problem& p) { p.layout = layout; }});
  }
  for (int i = 0; i < kDataKinds; ++i) {
    const auto kind = static_cast<DataKind>(i);
    out.push_back({"data",
                   std::string(name(kind)),
                   [kind](const Problem& p) { return p.data.kind == kind; },
                   [kind](Problem& p) {
                     if (p.data.kind != kind) p.data = {.kind = kind};
                   }});
  }
  out.push_back({"scale",
                 "given",
                 [](const Problem& p) { return p.scale.has_value(); },
                 [](Problem& p) { p.scale = 0.375; }});
  constexpr double kExcluded = -std::numeric_limits<double>::infinity();
  out.push_back({"fill",
                 "finite",
                 [](const Problem& p) { return p.fill != kExcluded; },
                 [](Problem& p) { p.fill = -1000; }});
}

}  // namespace

void fit_lengths(Problem& problem) {
  if (!problem.mask.kv_lengths) return;
  auto& lengths = *problem.mask.kv_lengths;
  const std::int64_t last = lengths.empty() ? problem.seq_kv : lengths.back();
  lengths.resize(static_cast<std::size_t>(problem.batch), last);
  for (std::int64_t& length : lengths)
    length = std::min(length, problem.seq_kv);
}

Problem plain_problem(const KernelSpec& kernel, Dtype dtype) {
  Problem p;
  p.seq_q = kernel.tile_q;
  p.seq_kv = kernel.tile_kv;
  p.head_dim = p.head_dim_v = kernel.head_dims.empty() ? p.head_dim : kernel.head_dims.front();
  p.dtype = dtype;
  return p;
}

std::vector<AxisValue> axis_values(const KernelSpec& kernel, Dtype dtype) {
  Axes all;
  add_masks(all);
  add_size(all, "seq_q", &Problem::seq_q, kernel.tile_q);
  add_size(all, "seq_kv", &Problem::seq_kv, kernel.tile_kv);
  add_batches(all);
  add_heads(all);
  add_strides(all, dtype);
  add_options(all, kernel);
  const auto is_refused = [&](const AxisValue& value) {
    Problem p = plain_problem(kernel, dtype);
    value.force(p);
    return kernel.refusal(p).has_value();
  };
  all.erase(std::remove_if(all.begin(), all.end(), is_refused), all.end());
  return all;
}

}  // namespace attest
