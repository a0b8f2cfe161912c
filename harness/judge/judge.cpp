// The judge: counts, classes, exact rows, then error against bound; NaN fails every comparison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"

#include "harness/judge/attention_findings.h"
#include "harness/judge/bound.h"
#include "harness/judge/element.h"
#include "harness/judge/likely_bound.h"

#include <bit>
#include <cstddef>

namespace attest {
namespace {

constexpr const char* kEmptyRow = "row without kept keys: +0 and -inf exactly";

// Our own reference has to fit the problem; anything else is a bug here.
void check_reference(const Problem& problem, const ReferenceTerms& terms) {
  const auto rows = static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q);
  ATTEST_CHECK(terms.lse.size() == rows && terms.kept.size() == rows);
  ATTEST_CHECK(terms.o.size() == rows * static_cast<std::size_t>(problem.head_dim_v));
  ATTEST_CHECK(terms.abs_v_max.size() == terms.o.size());
}

}  // namespace

std::string_view name(Tier tier) {
  switch (tier) {
    case Tier::count:
      return "count";
    case Tier::classes:
      return "classes";
    case Tier::exact:
      return "exact";
    case Tier::bound:
      return "bound";
    case Tier::probabilistic:
      return "probabilistic";
  }
  return "unknown";
}

Judgement judge(const Problem& problem,
                const Outputs& outputs,
                const ReferenceTerms& reference,
                const Arithmetic& arithmetic,
                std::string_view arch) {
  check_reference(problem, reference);
  if (auto divergence = count_divergence(problem, outputs)) return disagreement(*divergence);
  const Bound bound(problem, arithmetic, arch);
  TensorFindings o("o", o_shape(problem));
  TensorFindings lse("lse", lse_shape(problem));
  for_each_row(problem, [&](Place place, std::size_t row) {
    const bool is_empty = reference.kept[row] == 0;
    const Bound::Row shared = is_empty ? Bound::Row{} : bound.row(reference, row);
    const float got_lse = outputs.lse[row];
    lse.add({static_cast<double>(got_lse),
             std::bit_cast<std::uint32_t>(got_lse),
             reference.lse[row],
             is_empty ? BoundParts{} : bound.lse(reference, shared, row),
             is_empty,
             kEmptyRow,
             Dtype::f32},
            place);
    std::size_t element = row * static_cast<std::size_t>(problem.head_dim_v);
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3], ++element) {
      const std::uint32_t bits = outputs.o.bits(place[0], place[1], place[2], place[3]);
      o.add({decode(problem.dtype, bits),
             bits,
             reference.o[element],
             is_empty ? BoundParts{} : bound.output(reference, shared, element),
             is_empty,
             kEmptyRow,
             problem.dtype},
            place);
    }
  });
  Judgement judgement = conclude(o, lse);
  if (judgement.verdict == Verdict::agree) judgement.errors = o.errors();
  return judgement;
}

Judgement judge_likely(const Problem& problem,
                       const Outputs& outputs,
                       const ReferenceTerms& reference,
                       const Arithmetic& arithmetic,
                       std::string_view arch) {
  check_reference(problem, reference);
  ATTEST_CHECK(reference.likely && !count_divergence(problem, outputs));
  const Bound bound(problem, arithmetic, arch);
  const LikelyBound likely(problem, arithmetic, arch);
  TensorFindings o("o", o_shape(problem));
  TensorFindings lse("lse", lse_shape(problem));
  for_each_row(problem, [&](Place place, std::size_t row) {
    if (reference.kept[row] == 0) return;
    const Bound::Row shared = bound.row(reference, row);
    if (!likely.speaks_of(reference, shared, row)) return;
    const float got_lse = outputs.lse[row];
    lse.add({.got = static_cast<double>(got_lse),
             .got_bits = std::bit_cast<std::uint32_t>(got_lse),
             .want = reference.lse[row],
             .bound = likely.lse(reference, shared, bound.lse(reference, shared, row), row),
             .tier = Tier::probabilistic},
            place);
    std::size_t element = row * static_cast<std::size_t>(problem.head_dim_v);
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3], ++element) {
      const std::uint32_t bits = outputs.o.bits(place[0], place[1], place[2], place[3]);
      const BoundParts worst = bound.output(reference, shared, element);
      o.add({.got = decode(problem.dtype, bits),
             .got_bits = bits,
             .want = reference.o[element],
             .bound = likely.output(reference, shared, worst, element),
             .dtype = problem.dtype,
             .tier = Tier::probabilistic},
            place);
    }
  });
  return conclude(o, lse);
}

Judgement judge_bitwise(const Problem& problem, const Outputs& a, const Outputs& b) {
  for (const Outputs* outputs : {&a, &b}) {
    if (auto divergence = count_divergence(problem, *outputs)) return disagreement(*divergence);
  }
  TensorFindings o("o", o_shape(problem));
  TensorFindings lse("lse", lse_shape(problem));
  for_each_row(problem, [&](Place place, std::size_t row) {
    lse.add_bits(std::bit_cast<std::uint32_t>(a.lse[row]),
                 std::bit_cast<std::uint32_t>(b.lse[row]),
                 Dtype::f32,
                 place);
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3]) {
      const auto& [batch, head, i, column] = place;
      o.add_bits(
          a.o.bits(batch, head, i, column), b.o.bits(batch, head, i, column), problem.dtype, place);
    }
  });
  return conclude(o, lse);
}

}  // namespace attest
