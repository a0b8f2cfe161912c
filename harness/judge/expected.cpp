// Expectations from the reference's terms or from another answer, and their judgement.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/expected.h"

#include "harness/base/check.h"
#include "harness/judge/attention_findings.h"
#include "harness/judge/element.h"

#include <bit>
#include <cmath>
#include <cstddef>

namespace attest {
namespace {

ExpectedElement another(double value,
                        const ExpectedElement& of_answer,
                        const ExpectedElement& of_other,
                        Dtype dtype) {
  if (of_answer.is_exact && of_other.is_exact) return {value, {}, true};
  return {finite_value(value, dtype), sum_of(of_answer.bound, of_other.bound), false};
}

}  // namespace

double finite_value(double value, Dtype dtype) {
  return std::isinf(value) ? std::copysign(overflow_threshold(dtype), value) : value;
}

Expected expected_of(const Problem& problem, const Outputs& outputs) {
  Expected out;
  for_each_row(problem, [&](Place place, std::size_t row) {
    const double lse = static_cast<double>(outputs.lse[row]);
    out.lse.push_back({lse, {}, true});
    const auto& [b, h, i, first] = place;
    for (std::int64_t d = first; d < problem.head_dim_v; ++d) {
      out.o.push_back({finite_value(outputs.o.value(b, h, i, d), problem.dtype), {}, false});
    }
  });
  return out;
}

BoundParts sum_of(const BoundParts& a, const BoundParts& b) {
  BoundParts out;
  out.scores = a.scores + b.scores;
  out.probability = a.probability + b.probability;
  out.underflow = a.underflow + b.underflow;
  out.accumulation = a.accumulation + b.accumulation;
  out.row_sum = a.row_sum + b.row_sum;
  out.scaling = a.scaling + b.scaling;
  out.chance = a.chance + b.chance;
  out.inputs = a.inputs + b.inputs;
  out.rounding = a.rounding + b.rounding;
  out.total = a.total + b.total;
  return out;
}

BoundParts rounding_of(double error) {
  BoundParts out;
  out.rounding = out.total = error;
  return out;
}

Expected expected_of(const Problem& problem,
                     const ReferenceTerms& reference,
                     const Arithmetic& arithmetic,
                     std::string_view arch) {
  const Bound bound(problem, arithmetic, arch);
  Expected out;
  out.because = "row without kept keys: +0 and -inf exactly";
  out.o.reserve(reference.o.size());
  out.lse.reserve(reference.lse.size());
  for_each_row(problem, [&](Place, std::size_t row) {
    const bool is_empty = reference.kept[row] == 0;
    const Bound::Row shared = is_empty ? Bound::Row{} : bound.row(reference, row);
    out.lse.push_back({reference.lse[row],
                       is_empty ? BoundParts{} : bound.lse(reference, shared, row),
                       is_empty});
    const auto columns = static_cast<std::size_t>(problem.head_dim_v);
    for (std::size_t e = row * columns; e < (row + 1) * columns; ++e) {
      out.o.push_back(
          {reference.o[e], is_empty ? BoundParts{} : bound.output(reference, shared, e), is_empty});
    }
  });
  return out;
}

Expected expected_of(const Problem& problem,
                     const Outputs& answer,
                     const Expected& of_answer,
                     const Expected& of_other) {
  ATTEST_CHECK(of_answer.o.size() == of_other.o.size());
  ATTEST_CHECK(of_answer.lse.size() == of_other.lse.size());
  Expected out = of_answer;
  std::size_t e = 0;
  for_each_row(problem, [&](Place place, std::size_t row) {
    out.lse[row] = another(
        static_cast<double>(answer.lse[row]), of_answer.lse[row], of_other.lse[row], Dtype::f32);
    const auto& [b, h, i, first] = place;
    for (std::int64_t d = first; d < problem.head_dim_v; ++d, ++e) {
      out.o[e] = another(answer.o.value(b, h, i, d), of_answer.o[e], of_other.o[e], problem.dtype);
    }
  });
  return out;
}

Judgement judge_expected(const Problem& problem, const Outputs& outputs, const Expected& expected) {
  if (auto divergence = count_divergence(problem, outputs)) return disagreement(*divergence);
  const auto rows = static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q);
  ATTEST_CHECK(expected.lse.size() == rows);
  ATTEST_CHECK(expected.o.size() == rows * static_cast<std::size_t>(problem.head_dim_v));
  TensorFindings o("o", o_shape(problem));
  TensorFindings lse("lse", lse_shape(problem));
  std::size_t e = 0;
  for_each_row(problem, [&](Place place, std::size_t row) {
    const ExpectedElement& want = expected.lse[row];
    const float got = outputs.lse[row];
    lse.add({static_cast<double>(got),
             std::bit_cast<std::uint32_t>(got),
             want.value,
             want.bound,
             want.is_exact,
             expected.because.c_str(),
             Dtype::f32},
            place);
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3], ++e) {
      const std::uint32_t bits = outputs.o.bits(place[0], place[1], place[2], place[3]);
      o.add({decode(problem.dtype, bits),
             bits,
             expected.o[e].value,
             expected.o[e].bound,
             expected.o[e].is_exact,
             expected.because.c_str(),
             problem.dtype},
            place);
    }
  });
  return conclude(o, lse);
}

}  // namespace attest
