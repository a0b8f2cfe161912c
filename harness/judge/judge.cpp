// The judge: counts, classes, exact rows, then error against bound; NaN fails every comparison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"

#include "harness/judge/bound.h"
#include "harness/judge/pattern.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Shape = std::array<std::int64_t, 4>;

enum class Class : std::uint8_t { nan, plus_inf, minus_inf, finite };

Class class_of(double value) {
  if (std::isnan(value)) return Class::nan;
  if (std::isinf(value)) return value > 0 ? Class::plus_inf : Class::minus_inf;
  return Class::finite;
}

// One output element as the judge sees it.
struct Verdict1 {
  bool is_wrong = false;
  Tier tier = Tier::bound;
  double ratio = 0;
};

struct Element {
  double got;
  std::uint32_t got_bits;
  double want;
  BoundParts bound;   // of a row that keeps a key
  bool is_empty_row;  // want must then be met bit for bit
  Dtype dtype;
};

// Where rounding to the dtype goes to Inf: half an ulp above the largest finite value.
double overflow_threshold(Dtype dtype) {
  const double u = unit_roundoff(dtype);
  return largest_finite(dtype) / (1 - u) * (1 - u / 2);
}

// True where Inf and the largest value of this sign are right: a kernel's value before rounding may
// lie at or beyond the overflow threshold.
bool may_overflow(const Element& e) {
  const double reach = (e.got < 0 ? -e.want : e.want) + e.bound.before_rounding();
  return reach >= overflow_threshold(e.dtype);
}

Verdict1 judge_element(const Element& e) {
  const Class got = class_of(e.got);
  const Class want = class_of(e.want);
  // The contract has no NaN and no +Inf to want, and -Inf only in the LSE of an empty row.
  if (want == Class::nan || want == Class::plus_inf ||
      (want == Class::minus_inf && !e.is_empty_row)) {
    return {true, Tier::classes, kInfinity};
  }
  if (got != want) {
    const bool is_overflow = std::isinf(e.got) && want == Class::finite && !e.is_empty_row;
    if (is_overflow && may_overflow(e)) return {false, Tier::bound, 1};
    return {true, Tier::classes, kInfinity};
  }
  if (e.is_empty_row) {
    const bool is_exact = e.got_bits == encode(e.dtype, e.want);
    return {!is_exact, Tier::exact, is_exact ? 0 : kInfinity};
  }
  if (std::fabs(e.got) == largest_finite(e.dtype) && may_overflow(e))
    return {false, Tier::bound, 1};
  const double error = std::fabs(e.got - e.want);
  const double bound = e.bound.total;
  const bool is_wrong = !(error <= bound);
  const double ratio = error == 0 ? 0 : error / bound;
  return {is_wrong, Tier::bound, is_wrong && !(ratio > 1) ? kInfinity : ratio};
}

// What one tensor's elements add up to.
struct TensorFindings {
  double ratio = 0;
  std::array<std::vector<Shape>, 4> wrong;         // places, by tier
  std::array<std::optional<Divergence>, 4> worst;  // by tier
  std::array<double, 4> worst_ratio{};

  void add(const Element& e, const Shape& place, const char* tensor) {
    const Verdict1 verdict = judge_element(e);
    ratio = std::max(ratio, verdict.ratio);
    if (!verdict.is_wrong) return;
    const auto tier = static_cast<std::size_t>(verdict.tier);
    wrong[tier].push_back(place);
    if (worst[tier] && !(verdict.ratio > worst_ratio[tier])) return;
    worst_ratio[tier] = verdict.ratio;
    Divergence d;
    d.tier = verdict.tier;
    d.tensor = tensor;
    d.index = place;
    d.got = e.got;
    d.want = e.want;
    d.bound = e.is_empty_row ? 0 : e.bound.total;
    d.got_bits = e.got_bits;
    d.want_bits = encode(e.dtype, e.want);
    d.bound_terms =
        e.is_empty_row ? "row without kept keys: +0 and -inf exactly" : to_string(e.bound);
    worst[tier] = d;
  }
};

std::optional<Divergence> first_divergence(TensorFindings& o,
                                           const Shape& o_shape,
                                           TensorFindings& lse,
                                           const Shape& lse_shape) {
  for (std::size_t tier = 0; tier < o.worst.size(); ++tier) {
    for (auto* tensor : {&o, &lse}) {
      if (!tensor->worst[tier]) continue;
      const Shape& shape = tensor == &o ? o_shape : lse_shape;
      Divergence d = *tensor->worst[tier];
      d.wrong = static_cast<std::int64_t>(tensor->wrong[tier].size());
      d.total = shape[0] * shape[1] * shape[2] * shape[3];
      d.pattern = describe_pattern(tensor->wrong[tier], shape);
      return d;
    }
  }
  return std::nullopt;
}

Divergence wrong_count(const char* tensor,
                       std::int64_t got,
                       std::int64_t want,
                       std::string pattern) {
  Divergence d;
  d.tier = Tier::count;
  d.tensor = tensor;
  d.got = static_cast<double>(got);
  d.want = static_cast<double>(want);
  d.wrong = got < want ? want - got : got - want;
  d.total = want;
  d.pattern = std::move(pattern);
  return d;
}

// The number of elements that `outputs` really holds, against the problem's.
std::optional<Divergence> count_divergence(const Problem& problem, const Outputs& outputs) {
  const TensorLayout want = tensor_layout(problem, Tensor::o);
  const TensorLayout& got = outputs.o.layout;
  const auto bytes = static_cast<std::int64_t>(outputs.o.bytes.size());
  const bool same =
      got.dtype == want.dtype && got.shape == want.shape && got.strides == want.strides;
  if (!same || bytes != want.span_elements() * size_bytes(want.dtype)) {
    const std::string pattern =
        fmt::format("{} bytes with shape [{}] and strides [{}] for shape [{}] and strides [{}]",
                    bytes,
                    fmt::join(got.shape, ","),
                    fmt::join(got.strides, ","),
                    fmt::join(want.shape, ","),
                    fmt::join(want.strides, ","));
    return wrong_count("o", bytes / size_bytes(got.dtype), want.span_elements(), pattern);
  }
  const auto rows = problem.batch * problem.heads_q * problem.seq_q;
  const auto lse = static_cast<std::int64_t>(outputs.lse.size());
  if (lse != rows) return wrong_count("lse", lse, rows, fmt::format("{} of {} rows", lse, rows));
  return std::nullopt;
}

Judgement disagreement(Divergence divergence) {
  Judgement judgement;
  judgement.verdict = Verdict::disagree;
  (divergence.tensor == "o" ? judgement.ratio_o : judgement.ratio_lse) = kInfinity;
  judgement.divergence = std::move(divergence);
  return judgement;
}

Shape o_shape(const Problem& p) {
  return {p.batch, p.heads_q, p.seq_q, p.head_dim_v};
}
Shape lse_shape(const Problem& p) {
  return {p.batch, p.heads_q, p.seq_q, 1};
}

Judgement conclude(const Problem& problem, TensorFindings& o, TensorFindings& lse) {
  Judgement judgement;
  judgement.ratio_o = o.ratio;
  judgement.ratio_lse = lse.ratio;
  judgement.divergence = first_divergence(o, o_shape(problem), lse, lse_shape(problem));
  judgement.verdict = judgement.divergence ? Verdict::disagree : Verdict::agree;
  return judgement;
}

// Our own reference has to fit the problem; anything else is a bug here.
void check_reference(const Problem& problem, const ReferenceTerms& terms) {
  const auto rows = static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q);
  ATTEST_CHECK(terms.lse.size() == rows && terms.kept.size() == rows);
  ATTEST_CHECK(terms.o.size() == rows * static_cast<std::size_t>(problem.head_dim_v));
  ATTEST_CHECK(terms.abs_v_max.size() == terms.o.size());
}

// Calls visit(place, row) for every row of the problem, in row-major order.
template <class Visit>
void for_each_row(const Problem& problem, Visit visit) {
  std::size_t row = 0;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      for (std::int64_t i = 0; i < problem.seq_q; ++i) {
        visit(Shape{b, h, i, 0}, row++);
      }
    }
  }
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
  TensorFindings o;
  TensorFindings lse;
  for_each_row(problem, [&](Shape place, std::size_t row) {
    const bool is_empty = reference.kept[row] == 0;
    const Bound::Row shared = is_empty ? Bound::Row{} : bound.row(reference, row);
    const float got_lse = outputs.lse[row];
    lse.add({static_cast<double>(got_lse),
             std::bit_cast<std::uint32_t>(got_lse),
             reference.lse[row],
             is_empty ? BoundParts{} : bound.lse(reference, shared, row),
             is_empty,
             Dtype::f32},
            place,
            "lse");
    std::size_t element = row * static_cast<std::size_t>(problem.head_dim_v);
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3], ++element) {
      const std::uint32_t bits = outputs.o.bits(place[0], place[1], place[2], place[3]);
      o.add({decode(problem.dtype, bits),
             bits,
             reference.o[element],
             is_empty ? BoundParts{} : bound.output(reference, shared, element),
             is_empty,
             problem.dtype},
            place,
            "o");
    }
  });
  return conclude(problem, o, lse);
}

Judgement judge_bitwise(const Problem& problem, const Outputs& a, const Outputs& b) {
  for (const Outputs* outputs : {&a, &b}) {
    if (auto divergence = count_divergence(problem, *outputs)) return disagreement(*divergence);
  }
  TensorFindings o;
  TensorFindings lse;
  const auto compare = [](TensorFindings& findings,
                          const char* tensor,
                          const Shape& place,
                          Dtype dtype,
                          std::uint32_t got,
                          std::uint32_t want) {
    if (got == want) return;
    constexpr auto kTier = static_cast<std::size_t>(Tier::exact);
    findings.ratio = kInfinity;
    findings.wrong[kTier].push_back(place);
    if (findings.worst[kTier]) return;
    Divergence d;
    d.tier = Tier::exact;
    d.tensor = tensor;
    d.index = place;
    d.got = decode(dtype, got);
    d.want = decode(dtype, want);
    d.got_bits = got;
    d.want_bits = want;
    d.bound_terms = "same bits";
    findings.worst[kTier] = d;
  };
  for_each_row(problem, [&](Shape place, std::size_t row) {
    compare(lse,
            "lse",
            place,
            Dtype::f32,
            std::bit_cast<std::uint32_t>(a.lse[row]),
            std::bit_cast<std::uint32_t>(b.lse[row]));
    for (place[3] = 0; place[3] < problem.head_dim_v; ++place[3]) {
      compare(o,
              "o",
              place,
              problem.dtype,
              a.o.bits(place[0], place[1], place[2], place[3]),
              b.o.bits(place[0], place[1], place[2], place[3]));
    }
  });
  return conclude(problem, o, lse);
}

}  // namespace attest
