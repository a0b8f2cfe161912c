// Grouped heads are plain heads whose keys and values are repeated.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

namespace attest {
namespace {

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Problem plain = problem;
  plain.heads_kv = problem.heads_q;
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  const RowSource of_group = [group](const RowAt& to) {
    return RowAt{to.batch, to.head / group, to.row};
  };
  Inputs repeated = inputs;
  repeated.k = remake_rows(plain, Tensor::k, inputs.k, of_group);
  repeated.v = remake_rows(plain, Tensor::v, inputs.v, of_group);
  Trial trial(subject, which);
  if (!trial.takes(plain)) return std::move(trial).result();
  ATTEST_TRY(const auto grouped, trial.run(problem, inputs));
  ATTEST_TRY(const auto alone, trial.run(plain, repeated));
  if (grouped && alone) trial.expect_equal(problem, *grouped, *alone);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return problem.heads_q > problem.heads_kv;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  if (applies(problem)) return problem;
  Problem out = problem;
  out.heads_kv = 1 + static_cast<std::int64_t>(bits % 2);
  out.heads_q = out.heads_kv * (2 + static_cast<std::int64_t>(bits / 2 % 2));
  return out;
}

}  // namespace

Property property_groups_share_keys() {
  Property p;
  p.name = "groups_share_keys";
  p.sentence = "K and V repeated for every head of a group give the bits of the grouped heads";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/gqa_modulo";
  p.suspicions = {{.fault_class = FaultClass::addressing}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
