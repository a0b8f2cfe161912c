// An answer in a dtype is nearer to the truth than the truth rounded to a dtype of fewer bits is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "properties/property.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

/// Elements of O at least, so that their mean square is one.
constexpr std::int64_t kElements = 64;

/// Significant bits of the next narrower dtype: f16 below f32, bf16 below f16, e4m3 below bf16.
int narrower_bits(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return 11;
    case Dtype::f16:
      return 8;
    case Dtype::bf16:
      return 4;
  }
  fail_check("dtype has a narrower one", __FILE__, __LINE__);
}

/// With this many significant bits, whatever the exponent.
double rounded(double value, int bits) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, bits)), exponent - bits);
}

/// The kernel's own roundings, of P and of O, are 2^-3 of the narrower ones and less. With data of
/// one size they meet the same sums, so that the square root of 2, for two of them, is all that can
/// be on top: half leaves room for it.
Judgement judge_mean_square(const Problem& problem,
                            const Outputs& outputs,
                            const ReferenceTerms& terms) {
  constexpr double kShare = 0.5;
  double squares = 0;
  double allowed_squares = 0;
  Divergence worst;
  double worst_error = -1;
  std::size_t at = 0;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      for (std::int64_t i = 0; i < problem.seq_q; ++i) {
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d, ++at) {
          const std::uint32_t bits = outputs.o.bits(b, h, i, d);
          const double got = decode(problem.dtype, bits);
          const double want = terms.o[at];
          const double error = got - want;
          const double narrow = rounded(want, narrower_bits(problem.dtype)) - want;
          squares += error * error;
          allowed_squares += narrow * narrow;
          if (std::fabs(error) <= worst_error) continue;
          worst_error = std::fabs(error);
          worst.index = {b, h, i, d};
          worst.got = got;
          worst.want = want;
          worst.got_bits = bits;
          worst.want_bits = encode(problem.dtype, want);
        }
      }
    }
  }
  const auto count = static_cast<double>(std::max<std::size_t>(at, 1));
  const double error = std::sqrt(squares / count);
  const double allowed = kShare * std::sqrt(allowed_squares / count);
  Judgement judgement;
  judgement.verdict = error <= allowed ? Verdict::agree : Verdict::disagree;
  if (judgement.verdict == Verdict::agree) return judgement;
  worst.tier = Tier::bound;
  worst.tensor = "o";
  worst.bound = allowed;
  worst.wrong = worst.total = static_cast<std::int64_t>(at);
  worst.pattern = "root mean square of all errors";
  worst.bound_terms = "half of what rounding to the next narrower dtype would be off by";
  judgement.ratio_o = error / allowed;
  judgement.divergence = std::move(worst);
  return judgement;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (outputs) {
    const ReferenceTerms terms = reference_attention(problem, inputs);
    trial.expect_within_bound(problem, *outputs, terms);
    trial.expect(judge_mean_square(problem, *outputs, terms));
  }
  return std::move(trial).result();
}

/// Scores of a size at which their own errors do not show.
bool applies(const Problem& problem) {
  return problem.data == Data{} && !problem.scale &&
         problem.batch * problem.heads_q * problem.seq_q * problem.head_dim_v >= kElements;
}

Problem focus(const Problem& problem, std::uint64_t /*bits*/) {
  Problem out = problem;
  out.data = {};
  out.scale.reset();
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  out.seq_q = std::max(out.seq_q, kElements / out.head_dim_v + 1);
  return out;
}

}  // namespace

Property property_finer_than_narrower_dtype() {
  Property p;
  p.name = "finer_than_narrower_dtype";
  p.sentence =
      "RMS(O - o) <= RMS(o rounded to the next narrower dtype - o) / 2 for data of one size";
  p.exactness = Exactness::statistical;
  p.mutant = "zoo/p_in_four_bits";
  p.yardstick = Yardstick::oracle;
  p.suspicions = {{.fault_class = FaultClass::accumulation}};
  p.runs = 1;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
