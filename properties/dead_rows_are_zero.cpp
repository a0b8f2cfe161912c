// A row that keeps no key is +0, and its LSE -Inf: never NaN, whatever the hidden keys hold.
// SPDX-License-Identifier: Apache-2.0
#include "properties/kept_keys.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <algorithm>
#include <limits>

namespace attest {
namespace {

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  poison_hidden_keys(problem, inputs);
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  Outputs expected = *outputs;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      if (!kept_by_all(problem, inputs, b, i).empty()) continue;
      for (std::int64_t h = 0; h < problem.heads_q; ++h) {
        expected.lse[row_index(problem, {b, h, i})] = -std::numeric_limits<float>::infinity();
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          expected.o.set_bits(b, h, i, d, 0);
      }
    }
  }
  trial.expect_equal(problem, *outputs, expected);
  return std::move(trial).result();
}

/// What a drawn boolean mask hides on top is not counted on.
bool applies(const Problem& problem) {
  if (!hides_by_minus_infinity(problem)) return false;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      if (kept_keys(problem, b, i).is_empty()) return true;
    }
  }
  return false;
}

/// More rows than keys and a diagonal that ends at the last of both, or a batch of length 0.
Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  out.seq_q = std::max<std::int64_t>(out.seq_q, 1);
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  if (applies(out)) return out;
  if (bits % 4 != 0 && out.seq_q >= 2) {
    const auto most = static_cast<std::uint64_t>(std::min(out.seq_kv, out.seq_q - 1));
    const auto length = static_cast<std::int64_t>(most - bits / 4 % (most / 2 + 1));
    out.mask.causal = Alignment::bottom_right;
    out.mask.kv_lengths.emplace(static_cast<std::size_t>(out.batch), length);
  } else {
    out.mask.kv_lengths.emplace(static_cast<std::size_t>(out.batch), 0);
  }
  return out;
}

}  // namespace

Property property_dead_rows_are_zero() {
  Property p;
  p.name = "dead_rows_are_zero";
  p.sentence = "a row that keeps no key has O = +0 and LSE = -Inf exactly";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/empty_tile_nan";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::empty_rows}};
  p.runs = 1;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
