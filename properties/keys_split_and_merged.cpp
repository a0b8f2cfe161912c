// Attention over two parts of the keys, merged by their LSE, is attention over all of them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/rearrange.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"
#include "reference/elementary.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr double kMerging = 0x1p-45;  // of the few operations in double, with room

/// Keys first .. first + count - 1 of a problem, as one of its own.
struct Part {
  Problem problem;
  Inputs inputs;
  Outputs outputs{};
  Expected bounds{};

  Part(const Problem& whole, const Inputs& all, std::int64_t first, std::int64_t count)
      : problem(whole), inputs(all) {
    problem.seq_kv = count;
    if (problem.mask.kv_lengths) {
      for (std::int64_t& length : *problem.mask.kv_lengths)
        length = std::clamp<std::int64_t>(length - first, 0, count);
    }
    const RowSource source = [first](const RowAt& to) {
      return RowAt{to.batch, to.head, to.row + first};
    };
    inputs.k = remake_rows(problem, Tensor::k, all.k, source);
    inputs.v = remake_rows(problem, Tensor::v, all.v, source);
    inputs.keep = remake_keep(problem, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
      return tensor_keeps(whole, all, b, i, j + first);
    });
    inputs.kv_lengths = lengths_of(problem);
  }
  Result<bool> answer(Trial& trial) {
    ATTEST_TRY(auto got, trial.run(problem, inputs));
    if (!got) return false;
    outputs = std::move(*got);
    bounds = trial.expected(problem, reference_attention(problem, inputs));
    return true;
  }
};

/// Where the keys are cut: anywhere, or at either end, where a part is empty.
std::int64_t cut_of(const Problem& problem) {
  const std::uint64_t bits = derive_seed(problem.seed, 0);
  const auto keys = static_cast<std::uint64_t>(problem.seq_kv);
  if (bits % 8 == 0) return bits / 8 % 2 == 0 ? 0 : problem.seq_kv;
  return static_cast<std::int64_t>(bits / 8 % (keys + 1));
}

/// Adds the merge of two rows to what is expected of the whole. Weights from LSEs that are off by
/// d together are off by w_a w_b (e^d - 1) at most, in favour of either part, and never by more
/// than 1.
void merge_row(const Problem& whole, const Part& a, const Part& b, const RowAt& at, Expected& out) {
  const std::size_t row = row_index(whole, at);
  const auto lse_a = static_cast<double>(a.outputs.lse[row]);
  const auto lse_b = static_cast<double>(b.outputs.lse[row]);
  const double most = std::max(lse_a, lse_b);
  if (most == -std::numeric_limits<double>::infinity()) {
    out.lse[row] = {most, {}, true};
    return;  // O of both is +0, and so is that of the whole
  }
  const double mass_a = natural_exp(lse_a - most);
  const double mass_b = natural_exp(lse_b - most);
  const double weight_a = mass_a / (mass_a + mass_b);
  const double weight_b = mass_b / (mass_a + mass_b);
  const double off_a = a.bounds.lse[row].bound.total;
  const double off_b = b.bounds.lse[row].bound.total;
  const double growth = excess_of_exp(off_a + off_b);
  const double moved = std::isinf(growth) ? 1 : std::min(1.0, weight_a * weight_b * growth);
  ExpectedElement& lse = out.lse[row];
  lse.value = most + natural_log(mass_a + mass_b);
  lse.bound = sum_of(lse.bound,
                     rounding_of(std::max(off_a, off_b) + kMerging * (1 + std::fabs(lse.value))));
  const auto columns = static_cast<std::size_t>(whole.head_dim_v);
  for (std::size_t d = 0; d < columns; ++d) {
    const std::size_t e = row * columns + d;
    const auto of = [&](const Part& part) {
      const double o =
          part.outputs.o.value(at.batch, at.head, at.row, static_cast<std::int64_t>(d));
      return finite_value(o, whole.dtype);
    };
    const double o_a = of(a);
    const double o_b = of(b);
    const double bound_a = a.bounds.o[e].bound.total;
    const double bound_b = b.bounds.o[e].bound.total;
    const double apart = std::fabs(o_a - o_b) + bound_a + bound_b;
    ExpectedElement& o = out.o[e];
    o.value = weight_a * o_a + weight_b * o_b;
    BoundParts merged;
    merged.scores = moved * apart;
    merged.inputs = weight_a * bound_a + weight_b * bound_b;
    merged.rounding = kMerging * (std::fabs(o_a) + std::fabs(o_b));
    merged.total = merged.before_rounding() + merged.rounding;
    o.bound = sum_of(o.bound, merged);
  }
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const std::int64_t cut = cut_of(problem);
  Part a(problem, inputs, 0, cut);
  Part b(problem, inputs, cut, problem.seq_kv - cut);
  Trial trial(subject, which);
  if (!trial.takes(a.problem) || !trial.takes(b.problem)) return std::move(trial).result();
  ATTEST_TRY(const auto whole, trial.run(problem, inputs));
  ATTEST_TRY(const bool has_a, a.answer(trial));
  ATTEST_TRY(const bool has_b, b.answer(trial));
  if (!whole || !has_a || !has_b) return std::move(trial).result();
  Expected expected = trial.expected(problem, reference_attention(problem, inputs));
  for_each_output_row(problem, [&](const RowAt& at) { merge_row(problem, a, b, at, expected); });
  trial.expect(problem, *whole, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_keys_split_and_merged() {
  Property p;
  p.name = "keys_split_and_merged";
  p.sentence = "O and LSE over two parts of the keys, merged with weights e^LSE, are those of all";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/lse_in_mixed_bases";
  p.suspicions = {{.fault_class = FaultClass::softmax},
                  {.fault_class = FaultClass::lse, .tensor = "lse"}};
  p.runs = 2;
  p.applies = is_free_of_positions;
  p.focus = without_positions;
  p.check = check;
  return p;
}

}  // namespace attest
