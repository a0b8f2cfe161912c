// A mask is the set of keys that it keeps: written in another way it gives the same O and LSE.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/kept_keys.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>
#include <vector>

namespace attest {
namespace {

/// Ways to write the problem's mask anew, the boolean one last.
std::vector<Mask> rewritten(const Problem& problem) {
  const Mask& mask = problem.mask;
  std::vector<Mask> out;
  if (mask.causal && !mask.window) {
    Mask as_window = mask;
    as_window.causal.reset();
    as_window.window = Window{.left = -1, .right = 0, .alignment = *mask.causal};
    out.push_back(as_window);
  }
  if (!mask.window) {
    Mask wide = mask;
    const std::int64_t all = problem.seq_q + problem.seq_kv;
    wide.window = Window{.left = all, .right = all, .alignment = Alignment::top_left};
    out.push_back(wide);
  }
  if (!mask.kv_lengths) {
    Mask full = mask;
    full.kv_lengths.emplace(static_cast<std::size_t>(problem.batch), problem.seq_kv);
    out.push_back(full);
  }
  const bool is_square = !mask.kv_lengths && problem.seq_q == problem.seq_kv;
  if (is_square && mask.causal) {
    Mask other = mask;
    const bool is_top_left = *mask.causal == Alignment::top_left;
    other.causal = is_top_left ? Alignment::bottom_right : Alignment::top_left;
    out.push_back(other);
  }
  Mask as_tensor = mask;
  as_tensor.causal.reset();
  as_tensor.window.reset();
  as_tensor.boolean = true;
  out.push_back(as_tensor);
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const std::vector<Mask> ways = rewritten(problem);
  const std::uint64_t bits = derive_seed(problem.seed, 0);
  Problem other = problem;
  other.mask = bits % 2 == 0 ? ways.back() : ways[bits / 2 % ways.size()];
  Inputs anew = inputs;
  const bool says_all = other.mask.boolean && !other.mask.causal && !other.mask.window;
  anew.keep = remake_keep(other, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    const KeptRange range = kept_keys(problem, b, i);
    const bool is_in_range = !says_all || (range.first <= j && j < range.end);
    return is_in_range && tensor_keeps(problem, inputs, b, i, j);
  });
  anew.kv_lengths = lengths_of(other);
  Trial trial(subject, which);
  if (!trial.takes(other)) return std::move(trial).result();
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  ATTEST_TRY(const auto after, trial.run(other, anew));
  if (!before || !after) return std::move(trial).result();
  trial.expect(other,
               *after,
               expected_of(problem,
                           *before,
                           trial.expected(problem, reference_attention(problem, inputs)),
                           trial.expected(other, reference_attention(other, anew))));
  return std::move(trial).result();
}

}  // namespace

Property property_masks_equivalent() {
  Property p;
  p.name = "masks_equivalent";
  p.sentence = "causal as a window, full windows and lengths, and any mask as a tensor, agree";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/causal_off_by_one";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
