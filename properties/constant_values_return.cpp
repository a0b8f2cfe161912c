// Weights add up to 1: a V that is the same for every key comes back, whatever the scores.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <cmath>

namespace attest {
namespace {

/// Errors of the scores move weight from key to key, which all hold the same: their part of the
/// bound is a sum of p |v - o|, and falls away.
ReferenceTerms without_spread(ReferenceTerms terms) {
  for (auto* spread : {&terms.weighted_spread,
                       &terms.products_spread,
                       &terms.scores_spread,
                       &terms.depth_spread}) {
    spread->assign(spread->size(), 0);
  }
  return terms;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  const auto constant = [v = inputs.v](std::int64_t b, std::int64_t h, std::int64_t d) {
    const double first = v.value(b, h, 0, d);
    return std::isfinite(first) ? first : 1;
  };
  inputs.v = remake_values(problem, Tensor::v, [&constant](const RowAt& at, std::int64_t d) {
    return constant(at.batch, at.head, d);
  });
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  ReferenceTerms terms = without_spread(reference_attention(problem, inputs));
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  for_each_output_row(problem, [&](const RowAt& at) {
    const std::size_t row = row_index(problem, at);
    if (terms.kept[row] == 0) return;
    for (std::size_t d = 0; d < columns; ++d) {
      terms.o[row * columns + d] =
          constant(at.batch, at.head / group, static_cast<std::int64_t>(d));
    }
  });
  trial.expect_within_bound(problem, *outputs, terms);
  return std::move(trial).result();
}

}  // namespace

Property property_constant_values_return() {
  Property p;
  p.name = "constant_values_return";
  p.sentence = "V = c for every key gives O = c, within the rounding of P and of the sums alone";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/sum_not_rescaled";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::softmax}, {.fault_class = FaultClass::accumulation}};
  p.runs = 1;
  p.applies = [](const Problem& problem) { return problem.seq_kv > 0; };
  p.focus = [](const Problem& problem, std::uint64_t) {
    Problem out = problem;
    if (out.seq_kv == 0) out.seq_kv = 1;
    return out;
  };
  p.check = check;
  return p;
}

}  // namespace attest
