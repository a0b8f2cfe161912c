// Attention is a sum over keys: their order changes O and LSE by no more than rounding.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>

namespace attest {
namespace {

/// Each answer within the bound of its own inputs and of the other's: so the two differ by no more
/// than the sum of both bounds.
Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Inputs permuted = permute_keys(problem, inputs, derive_seed(problem.seed, 0));
  Trial trial(subject, which);
  ATTEST_TRY(const auto straight, trial.run(problem, inputs));
  ATTEST_TRY(const auto mixed, trial.run(problem, permuted));
  if (straight && mixed) {
    const ReferenceTerms terms = reference_attention(problem, inputs);
    const ReferenceTerms permuted_terms = reference_attention(problem, permuted);
    trial.expect_within_bound(problem, *straight, terms);
    trial.expect_within_bound(problem, *mixed, permuted_terms);
    trial.expect_within_bound(problem, *straight, permuted_terms);
    trial.expect_within_bound(problem, *mixed, terms);
  }
  return std::move(trial).result();
}

}  // namespace

Property property_keys_permuted() {
  Property p;
  p.name = "keys_permuted";
  p.sentence = "permuting K, V and the mask's columns together leaves O and LSE within both bounds";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_rescale";
  p.suspicions = {{.fault_class = FaultClass::softmax}};
  p.runs = 2;
  p.applies = is_free_of_positions;
  p.focus = without_positions;
  p.check = check;
  return p;
}

}  // namespace attest
