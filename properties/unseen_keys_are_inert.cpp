// A row keeps its bits when keys change that causal and window masks hide from it: no look-ahead.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/kept_keys.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <algorithm>

namespace attest {
namespace {

/// What one row of each batch sees, as a range of keys that holds nothing else.
std::vector<KeptRange> seen_ranges(const Problem& problem) {
  std::vector<KeptRange> out;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const std::uint64_t bits = derive_seed(problem.seed, static_cast<std::uint64_t>(b));
    const auto row = static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(problem.seq_q));
    out.push_back(kept_keys(problem, b, row));
  }
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const std::vector<KeptRange> seen = seen_ranges(problem);
  Problem redrawn = problem;
  redrawn.seed = derive_seed(problem.seed, 0x6b);
  if (redrawn.data.kind == DataKind::poison) redrawn.data = {};  // another mask shows what it hides
  const Inputs strange = draw_inputs(redrawn);
  const auto mix = [&](Tensor tensor, const HostTensor& own, const HostTensor& other) {
    HostTensor out = remake_rows(problem, tensor, other, [](const RowAt& at) { return at; });
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      const KeptRange& range = seen[static_cast<std::size_t>(b)];
      for (std::int64_t h = 0; h < problem.heads_kv; ++h) {
        for (std::int64_t j = range.first; j < range.end; ++j) {
          for (std::int64_t d = 0; d < out.layout.shape[3]; ++d)
            out.set_bits(b, h, j, d, own.bits(b, h, j, d));
        }
      }
    }
    return out;
  };
  Inputs changed = inputs;
  changed.k = mix(Tensor::k, inputs.k, strange.k);
  changed.v = mix(Tensor::v, inputs.v, strange.v);

  Trial trial(subject, which);
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  ATTEST_TRY(const auto after, trial.run(problem, changed));
  if (!before || !after) return std::move(trial).result();
  Outputs expected = *after;
  for_each_output_row(problem, [&](const RowAt& at) {
    const KeptRange range = kept_keys(problem, at.batch, at.row);
    const KeptRange& held = seen[static_cast<std::size_t>(at.batch)];
    const bool sees_change =
        !range.is_empty() && (range.first < held.first || range.end > held.end);
    if (!sees_change) copy_output_row(problem, expected, at, problem, *before, at);
  });
  trial.expect_equal(problem, *after, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  const auto& window = problem.mask.window;
  const bool hides_by_place =
      problem.mask.causal || (window && (window->left >= 0 || window->right >= 0));
  return hides_by_place && hides_by_minus_infinity(problem) && problem.batch > 0 &&
         problem.seq_q > 0 && problem.seq_kv > 0;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  out.seq_q = std::max<std::int64_t>(out.seq_q, 2);
  out.seq_kv = std::max<std::int64_t>(out.seq_kv, 2);
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  if (applies(out)) return out;
  const Alignment alignment = bits % 2 == 0 ? Alignment::bottom_right : Alignment::top_left;
  if (bits % 3 != 0) {
    out.mask.causal = alignment;
  } else {
    const auto size = static_cast<std::int64_t>(bits / 8 % 70);
    out.mask.window = Window{.left = size, .right = -1, .alignment = alignment};
  }
  return out;
}

}  // namespace

Property property_unseen_keys_are_inert() {
  Property p;
  p.name = "unseen_keys_are_inert";
  p.sentence = "a row keeps its bits when K and V change where causal or window hide them from it";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/causal_off_by_one";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
