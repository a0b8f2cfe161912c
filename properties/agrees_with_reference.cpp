// O and LSE lie within the worst-case bound of softmax attention, computed in double.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/trial.h"
#include "reference/attention.h"
#include "reference/operation.h"

namespace attest {
namespace {

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (outputs) {
    trial.expect_within_bound(problem, *outputs, reference_attention(problem, inputs));
  }
  return std::move(trial).result();
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
      "|O - softmax(scale*Q*K^T + mask)*V| <= bound, and likewise for LSE; operations likewise";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_rescale";
  p.runs = 1;
  p.share = 28;  // as often as all the others together
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  p.check_operation = check_operation;
  return p;
}

}  // namespace attest
