// A row whose score for one key is far above the others copies that key's V.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <algorithm>
#include <limits>

namespace attest {
namespace {

// Keys are words of +-16 that repeat the bits of their number; a row of q is the word of its key.
// Two words differ in at least floor(d / bits) places, each worth 2 * 256 / sqrt(d) of the score:
// more than 104 below the maximum, exp is 0 in f32.
constexpr double kLetter = 16;

int bits_of(std::int64_t keys) {
  int bits = 1;
  while ((std::int64_t{1} << bits) < keys)
    ++bits;
  return bits;
}

double letter(std::int64_t key, std::int64_t column, int bits) {
  return (key >> (column % bits)) % 2 == 0 ? -kLetter : kLetter;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& drawn = which.attention();
  Problem problem = drawn;
  problem.scale.reset();
  Inputs inputs = draw_inputs(drawn);
  const int bits = bits_of(problem.seq_kv);
  std::vector<std::int64_t> pick;  // [batch, row]; -1 where no key is kept
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, b, i);
      const std::uint64_t random = random_bits(problem.seed, 0x6f68, pick.size());
      pick.push_back(kept.empty() ? -1 : kept[random % kept.size()]);
    }
  }
  const auto picked = [&](std::int64_t b, std::int64_t i) {
    return pick[static_cast<std::size_t>(b * problem.seq_q + i)];
  };
  inputs.q = remake_values(problem, Tensor::q, [&](const RowAt& at, std::int64_t d) {
    return letter(std::max<std::int64_t>(picked(at.batch, at.row), 0), d, bits);
  });
  inputs.k = remake_values(
      problem, Tensor::k, [&](const RowAt& at, std::int64_t d) { return letter(at.row, d, bits); });

  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  Outputs expected = *outputs;
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  for_each_output_row(problem, [&](const RowAt& at) {
    const std::int64_t key = picked(at.batch, at.row);
    if (key < 0) expected.lse[row_index(problem, at)] = -std::numeric_limits<float>::infinity();
    for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
      const std::uint32_t v = key < 0 ? 0 : inputs.v.bits(at.batch, at.head / group, key, d);
      // A zero may have either sign: that of a weight too small for f32 times another key's value.
      const std::uint32_t got = outputs->o.bits(at.batch, at.head, at.row, d);
      const bool are_zero = decode(problem.dtype, v) == 0 && decode(problem.dtype, got) == 0;
      expected.o.set_bits(at.batch, at.head, at.row, d, key >= 0 && are_zero ? got : v);
    }
  });
  trial.expect_equal(problem, *outputs, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return hides_by_minus_infinity(problem) && problem.head_dim >= bits_of(problem.seq_kv);
}

Problem focus(const Problem& problem, std::uint64_t) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  return out;
}

}  // namespace

Property property_one_hot_rows_copy_v() {
  Property p;
  p.name = "one_hot_rows_copy_v";
  p.sentence = "a row whose other weights are 0 in f32 has the bits of the remaining key's V";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/no_max";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::addressing, .tier = "exact"},
                  {.fault_class = FaultClass::softmax, .tier = "classes"}};
  p.runs = 1;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
