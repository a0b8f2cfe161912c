// A key that no row keeps may hold anything: O and LSE keep their bits when it is poisoned.
// SPDX-License-Identifier: Apache-2.0
#include "properties/kept_keys.h"
#include "properties/property.h"
#include "properties/trial.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace attest {
namespace {

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Inputs poisoned = inputs;
  poison_hidden_keys(problem, poisoned);
  Trial trial(subject, which);
  ATTEST_TRY(const auto clean, trial.run(problem, inputs));
  ATTEST_TRY(const auto dirty, trial.run(problem, poisoned));
  if (clean && dirty) trial.expect_equal(problem, *dirty, *clean);
  return std::move(trial).result();
}

/// Whether some key of some batch is hidden from every row by padding, causal or window. What a
/// drawn boolean mask hides on top of that is not counted on.
bool hides_a_key(const Problem& problem) {
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    std::vector<bool> is_kept(static_cast<std::size_t>(problem.seq_kv));
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const KeptRange kept = kept_keys(problem, b, i);
      if (kept.is_empty()) continue;
      std::fill(is_kept.begin() + kept.first, is_kept.begin() + kept.end, true);
    }
    if (std::find(is_kept.begin(), is_kept.end(), false) != is_kept.end()) return true;
  }
  return false;
}

bool applies(const Problem& problem) {
  return problem.fill == -std::numeric_limits<double>::infinity() &&
         problem.data.kind != DataKind::poison && problem.seq_q > 0 && hides_a_key(problem);
}

/// Shortens the valid part of every batch, or hides the last keys behind a top-left diagonal.
Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = -std::numeric_limits<double>::infinity();
  if (out.data.kind == DataKind::poison) out.data = {};
  out.batch = std::max<std::int64_t>(out.batch, 1);
  out.seq_q = std::max<std::int64_t>(out.seq_q, 1);
  out.seq_kv = std::max<std::int64_t>(out.seq_kv, 2);
  if (out.mask.kv_lengths) out.mask.kv_lengths->resize(static_cast<std::size_t>(out.batch), 1);
  if (applies(out)) return out;
  if (bits % 4 == 0 && out.seq_kv > out.seq_q) {
    out.mask.causal = Alignment::top_left;
    if (applies(out)) return out;
  }
  const std::uint64_t hidden = bits / 4 % static_cast<std::uint64_t>(out.seq_kv) + 1;
  const std::int64_t length = out.seq_kv - static_cast<std::int64_t>(hidden);
  out.mask.kv_lengths.emplace(static_cast<std::size_t>(out.batch), length);
  return out;
}

}  // namespace

Property property_hidden_keys_are_inert() {
  Property p;
  p.name = "hidden_keys_are_inert";
  p.sentence = "keys that no row keeps may hold NaN, Inf or huge values: O and LSE are unchanged";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/v_tail_not_zeroed";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
