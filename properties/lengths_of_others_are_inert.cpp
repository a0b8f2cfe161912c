// A sequence of a padded batch attends as it does beside sequences of any other length, 0 included.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/trial.h"

#include <algorithm>
#include <utility>

namespace attest {
namespace {

/// Every length but that of `kept` becomes 0, or the whole, or anything between.
Problem with_other_lengths(const Problem& problem, std::int64_t kept) {
  Problem out = problem;
  auto& lengths = *out.mask.kv_lengths;
  const std::uint64_t bits = derive_seed(problem.seed, static_cast<std::uint64_t>(kept));
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    if (std::cmp_equal(b, kept)) continue;
    const std::uint64_t drawn = derive_seed(bits, b);
    const auto keys = static_cast<std::uint64_t>(out.seq_kv);
    const std::uint64_t anything = drawn / 4 % (keys + 1);
    lengths[b] = static_cast<std::int64_t>(drawn % 4 == 0 ? 0 : drawn % 4 == 1 ? keys : anything);
  }
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  if (!before) return std::move(trial).result();
  Outputs expected = *before;
  for (const std::int64_t kept : {std::int64_t{0}, problem.batch - 1}) {
    const Problem other = with_other_lengths(problem, kept);
    ATTEST_TRY(const auto after, trial.run(other, drawn_around(other, inputs, kept)));
    if (!after) return std::move(trial).result();
    copy_batch(expected, kept, *after, kept);
  }
  trial.expect_equal(problem, *before, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return problem.batch >= 2 && problem.mask.kv_lengths.has_value();
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.batch = std::max<std::int64_t>(out.batch, 2);
  if (!out.mask.kv_lengths) out.mask.kv_lengths.emplace();
  auto& lengths = *out.mask.kv_lengths;
  while (std::cmp_less(lengths.size(), out.batch)) {
    const std::uint64_t drawn = derive_seed(bits, lengths.size());
    lengths.push_back(
        static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(out.seq_kv + 1)));
  }
  return out;
}

}  // namespace

Property property_lengths_of_others_are_inert() {
  Property p;
  p.name = "lengths_of_others_are_inert";
  p.sentence =
      "the lengths of other sequences in a padded batch, 0 too, leave O and LSE as they are";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/length_of_first_batch";
  p.suspicions = {{.fault_class = FaultClass::mask}, {.fault_class = FaultClass::addressing}};
  p.runs = 3;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
