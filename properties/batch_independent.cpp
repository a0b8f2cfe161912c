// A batch gives the same bits alone, among others, and among others that hold other data.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/trial.h"

#include <algorithm>
#include <utility>

namespace attest {
namespace {

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto together, trial.run(problem, inputs));
  if (!together) return std::move(trial).result();

  Outputs apart = *together;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    ATTEST_TRY(const auto alone, trial.run(only_batch(problem, b), only_batch(problem, inputs, b)));
    if (!alone) return std::move(trial).result();
    copy_batch(apart, b, *alone, 0);
  }
  trial.expect_equal(problem, apart, *together);

  const auto kept = static_cast<std::int64_t>(derive_seed(problem.seed, 0) %
                                              static_cast<std::uint64_t>(problem.batch));
  ATTEST_TRY(const auto strangers, trial.run(problem, redraw_others(problem, inputs, kept)));
  if (!strangers) return std::move(trial).result();
  Outputs among_strangers = *together;
  copy_batch(among_strangers, kept, *strangers, kept);
  trial.expect_equal(problem, among_strangers, *together);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return problem.batch >= 2;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  if (applies(problem)) return problem;
  Problem out = problem;
  out.batch = 2 + static_cast<std::int64_t>(bits % 4 == 0);
  if (out.mask.kv_lengths) {
    auto& lengths = *out.mask.kv_lengths;
    if (lengths.empty()) lengths.push_back(out.seq_kv);
    while (std::cmp_less(lengths.size(), out.batch)) {
      bits = derive_seed(bits, lengths.size());
      lengths.push_back(
          static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(out.seq_kv + 1)));
    }
  }
  return out;
}

}  // namespace

Property property_batch_independent() {
  Property p;
  p.name = "batch_independent";
  p.sentence = "O[b] and LSE[b] depend on batch b of the inputs alone";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/k_batch_stride";
  p.suspicions = {{.fault_class = FaultClass::addressing}};
  p.runs = 3;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
