// Every single step towards a simpler case. Each lowers one thing along its order, so that
// shrinking ends; steps that would leave what a Problem may be are left out.
// SPDX-License-Identifier: Apache-2.0
#include "properties/axes.h"
#include "properties/operation_shrink.h"
#include "properties/search.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <utility>

namespace attest {
namespace {

class Steps {
 public:
  explicit Steps(const Case& from) : from_(from) {}

  [[nodiscard]] const Problem& problem() const { return from_.attention(); }
  [[nodiscard]] const Case& which() const { return from_; }

  /// Adds the case as changed by `change(Problem&)`, if it is another one and valid.
  template <class Change>
  void problem_step(const Change& change) {
    Case next = from_;
    auto& changed = std::get<Problem>(next.problem);
    change(changed);
    fit_lengths(changed);
    if (next == from_ || !validate(changed)) return;
    if (std::find(steps_.begin(), steps_.end(), next) != steps_.end()) return;
    steps_.push_back(std::move(next));
  }
  void operation_step(const Operation& simpler) {
    Case next = from_;
    next.problem = as_any(simpler);
    steps_.push_back(std::move(next));
  }
  void mode_step(const Mode& mode) {
    Case next = from_;
    next.mode = mode;
    if (next != from_) steps_.push_back(std::move(next));
  }
  [[nodiscard]] std::vector<Case> take() && { return std::move(steps_); }

 private:
  const Case& from_;
  std::vector<Case> steps_;
};

/// Steps of one size; `set(Problem&, value)` stores it.
template <class Set>
void size_steps(Steps& steps, std::int64_t size, const Set& set) {
  for (const std::int64_t value : smaller_sizes(size)) {
    steps.problem_step([&](Problem& p) { set(p, value); });
  }
}

void shape_steps(Steps& steps) {
  const Problem& from = steps.problem();
  size_steps(steps, from.batch, [](Problem& p, std::int64_t n) { p.batch = n; });
  if (from.mask.kv_lengths && from.batch > 1) {  // fewer batches keep the first lengths: others too
    steps.problem_step([](Problem& p) {
      p.batch = 1;
      p.mask.kv_lengths = {{p.mask.kv_lengths->back()}};
    });
    for (std::int64_t b = 0; b < from.batch; ++b) {
      steps.problem_step([b](Problem& p) {
        p.batch -= 1;
        p.mask.kv_lengths->erase(p.mask.kv_lengths->begin() + b);
      });
    }
  }
  size_steps(steps, from.heads_kv, [](Problem& p, std::int64_t n) { p.heads_kv = n; });
  size_steps(steps, from.heads_q, [](Problem& p, std::int64_t n) { p.heads_q = n; });
  size_steps(steps, from.heads_kv, [&](Problem& p, std::int64_t n) {  // as many queries per kv head
    p.heads_q = from.heads_q / from.heads_kv * n;
    p.heads_kv = n;
  });
  size_steps(steps, from.seq_q, [](Problem& p, std::int64_t n) { p.seq_q = n; });
  size_steps(steps, from.seq_kv, [](Problem& p, std::int64_t n) { p.seq_kv = n; });
  if (from.seq_q == from.seq_kv) {
    size_steps(steps, from.seq_q, [](Problem& p, std::int64_t n) { p.seq_q = p.seq_kv = n; });
  }
  size_steps(steps, from.head_dim, [&](Problem& p, std::int64_t n) {
    p.head_dim = n;
    if (from.head_dim_v == from.head_dim) p.head_dim_v = n;
  });
  if (from.head_dim_v != from.head_dim) {
    steps.problem_step([](Problem& p) { p.head_dim_v = p.head_dim; });
    size_steps(steps, from.head_dim_v, [](Problem& p, std::int64_t n) { p.head_dim_v = n; });
  }
}

void stride_steps(Steps& steps) {
  const Problem& from = steps.problem();
  steps.problem_step([](Problem& p) { p.gap = {}; });
  steps.problem_step([](Problem& p) { p.skew = {}; });
  for (std::size_t at = 0; at < kTensors.size(); ++at) {
    size_steps(steps, from.gap[at], [at](Problem& p, std::int64_t n) { p.gap[at] = n; });
    const std::int64_t element = size_bytes(from.dtype);
    size_steps(steps, from.skew[at] / element, [at, element](Problem& p, std::int64_t n) {
      p.skew[at] = n * element;
    });
  }
  steps.problem_step([](Problem& p) { p.layout = Layout::bshd; });
}

void window_steps(Steps& steps) {
  const Window& from = *steps.problem().mask.window;
  for (std::int64_t Window::*side : {&Window::left, &Window::right}) {
    steps.problem_step([side](Problem& p) { (*p.mask.window).*side = -1; });
    size_steps(
        steps, from.*side, [side](Problem& p, std::int64_t n) { (*p.mask.window).*side = n; });
  }
  steps.problem_step([](Problem& p) { p.mask.window->alignment = Alignment::top_left; });
}

void mask_steps(Steps& steps) {
  const Mask& from = steps.problem().mask;
  steps.problem_step([](Problem& p) { p.mask.causal.reset(); });
  steps.problem_step([](Problem& p) { p.mask.window.reset(); });
  steps.problem_step([](Problem& p) { p.mask.kv_lengths.reset(); });
  steps.problem_step([](Problem& p) { p.mask.boolean = false; });
  steps.problem_step([](Problem& p) { p.mask.bias = false; });
  steps.problem_step([](Problem& p) { p.mask.alibi = false; });
  if (from.causal) steps.problem_step([](Problem& p) { p.mask.causal = Alignment::top_left; });
  if (from.window) window_steps(steps);
  if (!from.kv_lengths) return;
  for (std::size_t b = 0; b < from.kv_lengths->size(); ++b) {
    size_steps(steps, (*from.kv_lengths)[b], [b](Problem& p, std::int64_t n) {
      (*p.mask.kv_lengths)[b] = n;
    });
  }
}

/// Data from the easiest to read to the hardest.
constexpr std::array<DataKind, kDataKinds> kDataOrder = {DataKind::normal,
                                                         DataKind::constant_v,
                                                         DataKind::indicator_v,
                                                         DataKind::integers,
                                                         DataKind::one_hot,
                                                         DataKind::ramp_up,
                                                         DataKind::ramp_down,
                                                         DataKind::all_negative,
                                                         DataKind::needle,
                                                         DataKind::subnormal_p,
                                                         DataKind::near_overflow,
                                                         DataKind::poison};

void option_steps(Steps& steps) {
  const Problem& from = steps.problem();
  steps.problem_step([](Problem& p) { p.fill = Problem{}.fill; });
  steps.problem_step([](Problem& p) { p.scale.reset(); });
  steps.problem_step([](Problem& p) { p.softcap.reset(); });
  steps.problem_step([](Problem& p) { p.sink = false; });
  steps.problem_step([](Problem& p) { p.data = {}; });
  const auto* place = std::find(kDataOrder.begin(), kDataOrder.end(), from.data.kind);
  if (place != kDataOrder.begin() && place != kDataOrder.end()) {
    steps.problem_step([place](Problem& p) { p.data = {.kind = *(place - 1)}; });
  }
}

void mode_steps(Steps& steps, const KeptAxes& kept) {
  const Mode& from = steps.which().mode;
  const auto with = [&](const auto& change) {
    Mode mode = from;
    change(mode);
    steps.mode_step(mode);
  };
  if (!kept.schedule) with([](Mode& mode) { mode.schedule = 0; });
  if (!kept.contract) with([](Mode& mode) { mode.contract = Contract::off; });
  if (kept.approx) return;
  for (const Approx simpler : kApprox) {
    if (simpler == from.approx) break;
    with([simpler](Mode& mode) { mode.approx = simpler; });
  }
}

}  // namespace

std::vector<Case> shrink_steps(const Case& which, const KeptAxes& kept) {
  Steps steps(which);
  if (std::holds_alternative<Problem>(which.problem)) {
    shape_steps(steps);
    mask_steps(steps);
    option_steps(steps);
    stride_steps(steps);
  } else if (const auto operation = as_operation(which.problem)) {
    for (const Operation& simpler : simpler_operations(*operation))
      steps.operation_step(simpler);
  }
  mode_steps(steps, kept);
  return std::move(steps).take();
}

}  // namespace attest
