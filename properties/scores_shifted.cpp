// Softmax does not see a constant that is added to all scores; LSE moves by it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <array>

namespace attest {
namespace {

/// The last dimension of Q is 1, that of K the constant: every score has scale * constant more.
Result<CaseResult> check(const Subject& subject, const Case& which) {
  constexpr std::array kConstants = {8.0, -512.0, 4096.0, -57344.0};  // exact in every dtype
  const Problem& problem = which.attention();
  const Inputs drawn = draw_inputs(problem);
  const double constant = kConstants[derive_seed(problem.seed, 0) % kConstants.size()];
  const std::int64_t last = problem.head_dim - 1;
  const auto shifted = [&](double by) {
    Inputs out = drawn;
    for_each_output_row(problem, [&](const RowAt& at) {
      out.q.set_bits(at.batch, at.head, at.row, last, encode(problem.dtype, 1));
    });
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      for (std::int64_t h = 0; h < problem.heads_kv; ++h) {
        for (std::int64_t j = 0; j < problem.seq_kv; ++j)
          out.k.set_bits(b, h, j, last, encode(problem.dtype, by));
      }
    }
    return out;
  };
  const Inputs plain = shifted(0);
  const Inputs moved = shifted(constant);
  Trial trial(subject, which);
  ATTEST_TRY(const auto before, trial.run(problem, plain));
  ATTEST_TRY(const auto after, trial.run(problem, moved));
  if (!before || !after) return std::move(trial).result();
  Expected expected = expected_of(problem,
                                  *before,
                                  trial.expected(problem, reference_attention(problem, plain)),
                                  trial.expected(problem, reference_attention(problem, moved)));
  const double shift = static_cast<double>(effective_scale(problem)) * constant;
  for (ExpectedElement& lse : expected.lse) {
    if (!lse.is_exact) lse.value += shift;
  }
  trial.expect(problem, *after, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_scores_shifted() {
  Property p;
  p.name = "scores_shifted";
  p.sentence = "a constant added to every score leaves O within both bounds and is added to LSE";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_max";
  p.suspicions = {{.fault_class = FaultClass::softmax}};
  p.runs = 2;
  p.applies = hides_by_minus_infinity;
  p.focus = [](const Problem& problem, std::uint64_t) {
    Problem out = problem;
    out.fill = Problem{}.fill;
    return out;
  };
  p.check = check;
  return p;
}

}  // namespace attest
