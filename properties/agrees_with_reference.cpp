// O and LSE lie within the worst-case bound of softmax attention, computed in double.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/trial.h"
#include "reference/attention.h"
#include "reference/operation.h"
#include "reference/unfused.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kRedraws = 3;
constexpr int kConfirming = 2;  // of them

/// What is likely holds for correctly rounded exp, which only the interpreter has.
Detail detail_of(const Mode& mode) {
  const bool is_rounded = mode.approx == Approx::cr && mode.device == Device::ptx;
  return is_rounded ? Detail::likely : Detail::worst;
}

/// A case under way with what its answer was found to be.
struct Judged {
  Trial trial;
  std::optional<Judgement> violation{};  // of what is likely, by an answer that agrees otherwise
};

/// Largest |o| that attention step by step is off by; Inf where it has none.
double largest_error(const UnfusedAttention& unfused, const ReferenceTerms& terms) {
  double largest = 0;
  for (std::size_t e = 0; e < terms.o.size(); ++e) {
    const double error = std::fabs(unfused.o[e] - terms.o[e]);
    if (!(error <= largest)) largest = std::isnan(error) ? kInfinity : error;
  }
  return largest;
}

Result<Judged> judged(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Judged out{Trial(subject, which)};
  ATTEST_TRY(const auto outputs, out.trial.run(problem, inputs));
  if (!outputs) return out;
  const ReferenceTerms terms = reference_attention(problem, inputs, detail_of(which.mode));
  out.trial.expect_within_bound(problem, *outputs, terms);
  out.violation = out.trial.unlikely(problem, *outputs, terms);
  const UnfusedAttention unfused = unfused_attention(problem, inputs);
  out.trial.compare_unfused(largest_error(unfused, terms));
  out.trial.count_ulps(*outputs, unfused.o, terms);
  return out;
}

/// How many other draws of the data the subject fails, by any tier.
Result<int> confirmations(const Subject& subject, const Case& which) {
  int count = 0;
  for (int n = 1; n <= kRedraws; ++n) {
    Case other = which;
    auto& problem = std::get<Problem>(other.problem);
    problem.seed = derive_seed(problem.seed, static_cast<std::uint64_t>(n));
    ATTEST_TRY(const Judged redrawn, judged(subject, other));
    if (redrawn.violation || !redrawn.trial.agrees()) ++count;
  }
  return count;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  ATTEST_TRY(Judged first, judged(subject, which));
  if (first.violation) {
    ATTEST_TRY(const int count, confirmations(subject, which));
    if (count >= kConfirming) {
      first.trial.confirm(*first.violation);
    } else {
      first.trial.leave_unconfirmed(
          fmt::format("further off than is likely, error / likely bound {:.3g}; so are {} of {} "
                      "other draws",
                      std::max(first.violation->ratio_o, first.violation->ratio_lse),
                      count,
                      kRedraws));
    }
  }
  return std::move(first.trial).result();
}

Result<CaseResult> check_operation(const OperationSubject& subject, const Case& which) {
  const Operation operation = as_operation(which.problem).value();
  const Operands operands = draw_operands(operation);
  OperationTrial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(operation, operands, {.mode = which.mode}));
  if (outputs) {
    trial.expect_within_bound(
        operation, *outputs, reference_operation(operation, exact_balls(operands)));
  }
  return std::move(trial).result();
}

}  // namespace

Property property_agrees_with_reference() {
  Property p;
  p.name = "agrees_with_reference";
  p.sentence =
      "|O - softmax(scale*Q*K^T + mask)*V| <= bound, worst case and likely, and likewise for LSE; "
      "operations likewise";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_rescale";
  p.yardstick = Yardstick::oracle;
  p.suspicions = {{.fault_class = FaultClass::lse, .tensor = "lse"},
                  {.fault_class = FaultClass::output, .problem = "gemm"},
                  {.fault_class = FaultClass::mask, .tier = "exact", .problem = "gemm"},
                  {.fault_class = FaultClass::mask, .problem = "mask_softmax"},
                  {.fault_class = FaultClass::softmax, .problem = "mask_softmax"},
                  {.fault_class = FaultClass::output, .problem = "bias_split"},
                  {.fault_class = FaultClass::mask, .problem = "elementwise"}};
  p.runs = 1;
  p.share = 31;  // as often as all the others together
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  p.check_operation = check_operation;
  return p;
}

}  // namespace attest
