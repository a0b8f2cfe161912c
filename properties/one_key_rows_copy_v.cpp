// A row that keeps one key copies that key's V, whatever the score.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <algorithm>

namespace attest {
namespace {

/// -0 comes back as +0: it is added to a sum that begins at +0.
std::uint32_t without_minus_zero(Dtype dtype, std::uint32_t bits) {
  return decode(dtype, bits) == 0 ? 0 : bits;
}

void expect_copies(const Problem& problem,
                   const Inputs& inputs,
                   const Outputs& outputs,
                   Trial& trial) {
  Outputs expected = outputs;
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, b, i);
      if (kept.size() != 1) continue;
      for (std::int64_t h = 0; h < problem.heads_q; ++h) {
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
          const std::uint32_t v = inputs.v.bits(b, h / group, kept.front(), d);
          expected.o.set_bits(b, h, i, d, without_minus_zero(problem.dtype, v));
        }
      }
    }
  }
  trial.expect_equal(problem, outputs, expected);
}

/// Scores as drawn, then all of about -c^2 sqrt(d): no sentinel in place of -inf lies below.
Result<CaseResult> check(const Subject& subject, const Case& which) {
  constexpr double kLarge = 128;
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto drawn, trial.run(problem, inputs));
  if (drawn) expect_copies(problem, inputs, *drawn, trial);
  Problem plain = problem;
  plain.scale.reset();
  Inputs low = inputs;
  low.q = remake_values(plain, Tensor::q, [](const RowAt&, std::int64_t) { return kLarge; });
  low.k = remake_values(plain, Tensor::k, [](const RowAt&, std::int64_t) { return -kLarge; });
  ATTEST_TRY(const auto sunken, trial.run(plain, low));
  if (sunken) expect_copies(plain, low, *sunken, trial);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  if (!hides_by_minus_infinity(problem) || problem.batch == 0 || problem.seq_q == 0) return false;
  if (problem.seq_kv == 1) return true;
  const auto& window = problem.mask.window;
  const bool is_diagonal = window && window->left == 0 && window->right == 0;
  const auto& lengths = problem.mask.kv_lengths;
  return problem.seq_kv > 0 &&
         (is_diagonal ||
          (lengths && std::find(lengths->begin(), lengths->end(), 1) != lengths->end()));
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  out.seq_q = std::max<std::int64_t>(out.seq_q, 1);
  out.seq_kv = std::max<std::int64_t>(out.seq_kv, 1);
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  if (applies(out)) return out;
  if (bits % 4 == 0) {
    out.mask.kv_lengths.emplace(static_cast<std::size_t>(out.batch), 1);
  } else {
    const Alignment alignment = bits % 3 == 0 ? Alignment::top_left : Alignment::bottom_right;
    out.mask.window = Window{.left = 0, .right = 0, .alignment = alignment};
  }
  return out;
}

}  // namespace

Property property_one_key_rows_copy_v() {
  Property p;
  p.name = "one_key_rows_copy_v";
  p.sentence = "a row that keeps one key has the bits of that key's V, whatever its score";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/finite_sentinel";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::softmax}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
