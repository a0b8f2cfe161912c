// O is a mean of V: it lies between the smallest and the largest value that its row sees.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attest {
namespace {

/// Keys that are in the sum of a row.
std::vector<std::int64_t> summed_keys(const Problem& problem,
                                      const Inputs& inputs,
                                      std::int64_t batch,
                                      std::int64_t row) {
  if (hides_by_minus_infinity(problem)) return kept_by_all(problem, inputs, batch, row);
  std::vector<std::int64_t> all(static_cast<std::size_t>(problem.seq_kv));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

struct Hull {
  double least = 0;
  double most = 0;
};

std::vector<Hull> hulls(const Problem& problem,
                        const Inputs& inputs,
                        const RowAt& at,
                        const std::vector<std::int64_t>& keys) {
  const std::int64_t head = at.head / (problem.heads_q / problem.heads_kv);
  std::vector<Hull> out;
  for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
    Hull hull;
    for (std::size_t n = 0; n < keys.size(); ++n) {
      const double v = inputs.v.value(at.batch, head, keys[n], d);
      hull.least = n == 0 ? v : std::min(hull.least, v);
      hull.most = n == 0 ? v : std::max(hull.most, v);
    }
    out.push_back(hull);
  }
  return out;
}

/// Wrong weights are weights still: errors of the scores have no part in the bound, which then
/// holds for every mean of the same values, of a size of at most the largest of them.
Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  ReferenceTerms terms = reference_attention(problem, inputs);
  for (auto* spread : {&terms.weighted_spread,
                       &terms.products_spread,
                       &terms.scores_spread,
                       &terms.depth_spread}) {
    spread->assign(spread->size(), 0);
  }
  terms.o = terms.abs_v_max;
  const Expected bounds = trial.expected(problem, terms);
  Expected expected = expected_of(problem, *outputs);
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const std::vector<std::int64_t> keys = summed_keys(problem, inputs, b, i);
      for (std::int64_t h = 0; h < problem.heads_q && !keys.empty(); ++h) {
        const std::vector<Hull> hull = hulls(problem, inputs, {b, h, i}, keys);
        const std::size_t first = row_index(problem, {b, h, i}) * columns;
        for (std::size_t d = 0; d < columns; ++d) {
          ExpectedElement& want = expected.o[first + d];
          if (!std::isnan(want.value))
            want.value = std::clamp(want.value, hull[d].least, hull[d].most);
          want.bound = bounds.o[first + d].bound;
        }
      }
    }
  }
  trial.expect(problem, *outputs, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_output_in_hull() {
  Property p;
  p.name = "output_in_hull";
  p.sentence = "min V <= O <= max V over the keys of the row, within the rounding of P and sums";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_rescale";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::softmax}};
  p.runs = 1;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
