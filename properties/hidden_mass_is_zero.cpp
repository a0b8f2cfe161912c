// With a column of V for each key, O is probability mass: a hidden key has none at all.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/kept_keys.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>

namespace attest {
namespace {

/// The first of head_dim_v keys that are probed: round the last, or the first, key of some row.
std::int64_t first_probed(const Problem& problem, std::uint64_t part) {
  const std::uint64_t bits = derive_seed(problem.seed, part);
  const auto row = static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(problem.seq_q));
  const auto batch =
      static_cast<std::int64_t>(bits / 4096 % static_cast<std::uint64_t>(problem.batch));
  const KeptRange range = kept_keys(problem, batch, row);
  const std::int64_t edge = part == 0 ? range.end : range.first;
  const std::int64_t last = std::max<std::int64_t>(problem.seq_kv - problem.head_dim_v, 0);
  return std::clamp<std::int64_t>(edge - problem.head_dim_v / 2, 0, last);
}

Result<bool> probe(const Problem& problem, const Inputs& drawn, std::int64_t first, Trial& trial) {
  Inputs inputs = drawn;
  inputs.v = remake_values(problem, Tensor::v, [first](const RowAt& at, std::int64_t d) {
    return at.row - first == d ? 1.0 : 0.0;
  });
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return false;
  Outputs expected = *outputs;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, b, i);
      for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
        if (std::binary_search(kept.begin(), kept.end(), first + d)) continue;
        for (std::int64_t h = 0; h < problem.heads_q; ++h)
          expected.o.set_bits(b, h, i, d, 0);
      }
    }
  }
  trial.expect_equal(problem, *outputs, expected);
  trial.expect_within_bound(problem, *outputs, reference_attention(problem, inputs));
  return true;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const bool goes_on, probe(problem, inputs, first_probed(problem, 0), trial));
  if (goes_on) {
    ATTEST_TRY(const bool done, probe(problem, inputs, first_probed(problem, 1), trial));
    static_cast<void>(done);
  }
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return hides_by_minus_infinity(problem) && problem.batch > 0 && problem.seq_q > 0;
}

Problem focus(const Problem& problem, std::uint64_t) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  out.seq_q = std::max<std::int64_t>(out.seq_q, 1);
  if (out.batch > 0) return out;
  out.batch = 1;
  if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  return out;
}

}  // namespace

Property property_hidden_mass_is_zero() {
  Property p;
  p.name = "hidden_mass_is_zero";
  p.sentence = "V = indicator: O is the weight of each key, exactly +0 where the mask hides it";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/causal_off_by_one";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::mask, .tier = "exact"}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
