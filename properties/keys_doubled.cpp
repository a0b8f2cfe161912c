// Every key twice gives the same mean; the sum of weights doubles.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

namespace attest {
namespace {

constexpr double kLn2 = 0.693147180559945309417;

/// Keys of the doubled problem: those within the length twice, then those past it twice.
std::int64_t source_of(const Problem& problem, std::int64_t batch, std::int64_t key) {
  const std::int64_t length = kv_length(problem, batch);
  if (key < 2 * length) return key % length;
  return length + (key - 2 * length) % (problem.seq_kv - length);
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Problem twice = problem;
  twice.seq_kv *= 2;
  if (twice.mask.kv_lengths) {
    for (std::int64_t& length : *twice.mask.kv_lengths)
      length *= 2;
  }
  const RowSource source = [&problem](const RowAt& to) {
    return RowAt{to.batch, to.head, source_of(problem, to.batch, to.row)};
  };
  Inputs doubled = inputs;
  doubled.k = remake_rows(twice, Tensor::k, inputs.k, source);
  doubled.v = remake_rows(twice, Tensor::v, inputs.v, source);
  doubled.keep = remake_keep(twice, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(problem, inputs, b, i, source_of(problem, b, j));
  });
  doubled.kv_lengths = lengths_of(twice);
  Trial trial(subject, which);
  if (!trial.takes(twice)) return std::move(trial).result();
  ATTEST_TRY(const auto once, trial.run(problem, inputs));
  ATTEST_TRY(const auto both, trial.run(twice, doubled));
  if (!once || !both) return std::move(trial).result();
  Expected expected = expected_of(problem,
                                  *once,
                                  trial.expected(problem, reference_attention(problem, inputs)),
                                  trial.expected(twice, reference_attention(twice, doubled)));
  for (ExpectedElement& lse : expected.lse) {
    if (!lse.is_exact) lse.value += kLn2;
  }
  trial.expect(twice, *both, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_keys_doubled() {
  Property p;
  p.name = "keys_doubled";
  p.sentence = "every key twice leaves O within both bounds and adds ln 2 to LSE";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/lse_in_mixed_bases";
  p.suspicions = {{.fault_class = FaultClass::softmax},
                  {.fault_class = FaultClass::lse, .tensor = "lse"}};
  p.runs = 3;
  p.applies = is_free_of_positions;
  p.focus = without_positions;
  p.check = check;
  return p;
}

}  // namespace attest
