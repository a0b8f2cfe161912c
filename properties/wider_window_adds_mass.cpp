// A wider window keeps more keys, and every key adds weight: LSE does not fall.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>
#include <limits>

namespace attest {
namespace {

/// A few keys more on each bounded side, or the next power of two.
Window widened(const Window& window, std::uint64_t bits) {
  const auto wider = [](std::int64_t side, std::uint64_t random) {
    if (side < 0) return side;
    if (random % 2 == 0) return side + 1 + static_cast<std::int64_t>(random / 2 % 3);
    std::int64_t power = 1;
    while (power <= side)
      power *= 2;
    return power;
  };
  return {.left = wider(window.left, bits),
          .right = wider(window.right, bits / 16),
          .alignment = window.alignment};
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Problem wide = problem;
  wide.mask.window = widened(*problem.mask.window, derive_seed(problem.seed, 0));
  Trial trial(subject, which);
  if (!trial.takes(wide)) return std::move(trial).result();
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  ATTEST_TRY(const auto after, trial.run(wide, inputs));
  if (!before || !after) return std::move(trial).result();
  const Expected narrow = trial.expected(problem, reference_attention(problem, inputs));
  const Expected all = trial.expected(wide, reference_attention(wide, inputs));
  Expected expected = expected_of(wide, *after);
  for (std::size_t row = 0; row < expected.lse.size(); ++row) {
    if (narrow.lse[row].is_exact) continue;  // no key was kept: any LSE is more
    const double least = static_cast<double>(before->lse[row]);
    expected.lse[row] = {std::max(least, static_cast<double>(after->lse[row])),
                         sum_of(narrow.lse[row].bound, all.lse[row].bound),
                         false};
  }
  trial.expect(wide, *after, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  const auto& window = problem.mask.window;
  return window && (window->left >= 0 || window->right >= 0) && hides_by_minus_infinity(problem) &&
         problem.data.kind != DataKind::poison;
}

/// Poison under a mask may be seen by a wider one.
Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  if (out.data.kind == DataKind::poison) out.data = {};
  if (applies(out)) return out;
  const auto size = static_cast<std::int64_t>(bits / 4 % 70);
  out.mask.window = Window{.left = bits % 2 == 0 ? size : -1,
                           .right = bits % 2 == 0 ? -1 : size,
                           .alignment = Alignment::bottom_right};
  return out;
}

}  // namespace

Property property_wider_window_adds_mass() {
  Property p;
  p.name = "wider_window_adds_mass";
  p.sentence = "LSE under a wider window is at least LSE under the window, within both bounds";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/window_wraps";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
