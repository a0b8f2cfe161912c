// Classes, exact elements, error against bound; NaN fails every comparison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/element.h"

#include "harness/judge/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class Class : std::uint8_t { nan, plus_inf, minus_inf, finite };

Class class_of(double value) {
  if (std::isnan(value)) return Class::nan;
  if (std::isinf(value)) return value > 0 ? Class::plus_inf : Class::minus_inf;
  return Class::finite;
}

// What is said of one element.
struct ElementVerdict {
  bool is_wrong = false;
  Tier tier = Tier::bound;
  double ratio = 0;
};

// True where Inf and the largest value of this sign are right: a kernel's value before rounding may
// lie at or beyond the overflow threshold.
bool may_overflow(const Element& e) {
  const double reach = (e.got < 0 ? -e.want : e.want) + e.bound.before_rounding();
  return reach >= overflow_threshold(e.dtype);
}

ElementVerdict judge_element(const Element& e) {
  const Class got = class_of(e.got);
  const Class want = class_of(e.want);
  // The contract has no NaN and no +Inf to want, and -Inf only in the LSE of an empty row.
  if (want == Class::nan || want == Class::plus_inf || (want == Class::minus_inf && !e.is_exact)) {
    return {true, Tier::classes, kInfinity};
  }
  if (e.is_exact) {
    if (e.got_bits == encode(e.dtype, e.want)) return {false, Tier::exact, 0};
    return {true, got == want ? Tier::exact : Tier::classes, kInfinity};
  }
  if (got != want) {
    if (std::isinf(e.got) && may_overflow(e)) return {false, Tier::bound, 1};
    return {true, Tier::classes, kInfinity};
  }
  if (std::fabs(e.got) == largest_finite(e.dtype) && may_overflow(e))
    return {false, Tier::bound, 1};
  const double error = std::fabs(e.got - e.want);
  const double bound = e.bound.total;
  const bool is_wrong = !(error <= bound);
  const double ratio = error == 0 ? 0 : error / bound;
  return {is_wrong, e.tier, is_wrong && !(ratio > 1) ? kInfinity : ratio};
}

template <class Tensors, class Get>
std::optional<Divergence> first_of(const Tensors& tensors, Get get) {
  for (const Tier tier :
       {Tier::count, Tier::classes, Tier::exact, Tier::bound, Tier::probabilistic}) {
    for (const auto& tensor : tensors) {
      if (auto divergence = get(tensor).divergence(tier)) return divergence;
    }
  }
  return std::nullopt;
}

}  // namespace

double overflow_threshold(Dtype dtype) {
  const double u = unit_roundoff(dtype);
  return largest_finite(dtype) / (1 - u) * (1 - u / 2);
}

void TensorFindings::raise_ratio(double ratio, const Place& place) {
  if (!(ratio > ratio_)) return;
  ratio_ = ratio;
  ratio_place_ = place;
}

void TensorFindings::sum_up(const Element& e, double ratio) {
  if (e.is_exact || !std::isfinite(e.got)) return;
  const double error = e.want < 0 ? e.want - e.got : e.got - e.want;
  errors_.elements += 1;
  errors_.ratio_squares += ratio * ratio;
  errors_.ratio_signed += error < 0 ? -ratio : ratio;
  errors_.bound_squares += e.bound.total * e.bound.total;
  errors_.value_squares += e.want * e.want;
  errors_.value_max = std::max(errors_.value_max, std::fabs(e.want));
  errors_.error_max = std::max(errors_.error_max, std::fabs(error));
}

void TensorFindings::add(const Element& e, const Place& place) {
  const ElementVerdict verdict = judge_element(e);
  sum_up(e, verdict.ratio);
  raise_ratio(verdict.ratio, place);
  if (!verdict.is_wrong) return;
  const auto tier = static_cast<std::size_t>(verdict.tier);
  wrong_[tier].push_back(place);
  if (worst_[tier] && !(verdict.ratio > worst_ratio_[tier])) return;
  worst_ratio_[tier] = verdict.ratio;
  Divergence& d = worst_[tier].emplace();
  d.tier = verdict.tier;
  d.index = place;
  d.got = e.got;
  d.want = e.want;
  d.bound = e.is_exact ? 0 : e.bound.total;
  d.got_bits = e.got_bits;
  d.want_bits = encode(e.dtype, e.want);
  d.bound_terms = e.is_exact ? e.exact_because : to_string(e.bound);
}

void TensorFindings::add_bits(std::uint32_t got,
                              std::uint32_t want,
                              std::optional<Dtype> dtype,
                              const Place& place) {
  // The contract has no NaN: two that are the same are no agreement.
  const bool is_nan = dtype && std::isnan(decode(*dtype, got));
  if (got == want && !is_nan) return;
  const Tier wrong_tier = is_nan ? Tier::classes : Tier::exact;
  const auto tier = static_cast<std::size_t>(wrong_tier);
  raise_ratio(kInfinity, place);
  wrong_[tier].push_back(place);
  if (worst_[tier]) return;
  Divergence& d = worst_[tier].emplace();
  d.tier = wrong_tier;
  d.index = place;
  d.got = dtype ? decode(*dtype, got) : got;
  d.want = dtype ? decode(*dtype, want) : want;
  d.got_bits = got;
  d.want_bits = want;
  d.bound_terms = "same bits";
}

std::optional<Divergence> TensorFindings::divergence(Tier tier) const {
  const auto at = static_cast<std::size_t>(tier);
  if (!worst_[at]) return std::nullopt;
  Divergence d = *worst_[at];
  d.tensor = tensor_;
  d.wrong = static_cast<std::int64_t>(wrong_[at].size());
  d.total = shape_[0] * shape_[1] * shape_[2] * shape_[3];
  d.pattern = describe_pattern(wrong_[at], shape_);
  return d;
}

std::optional<Divergence> first_divergence(std::initializer_list<const TensorFindings*> tensors) {
  return first_of(
      tensors, [](const TensorFindings* one) -> auto& { return *one; });
}

std::optional<Divergence> first_divergence(const std::vector<TensorFindings>& tensors) {
  return first_of(
      tensors, [](const TensorFindings& one) -> auto& { return one; });
}

Divergence wrong_count(const std::string& tensor,
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

std::optional<Divergence> layout_divergence(const std::string& tensor,
                                            const HostTensor& got,
                                            const TensorLayout& want) {
  const auto bytes = static_cast<std::int64_t>(got.bytes.size());
  const bool is_same = got.layout.dtype == want.dtype && got.layout.shape == want.shape &&
                       got.layout.strides == want.strides;
  if (is_same && bytes == want.span_elements() * size_bytes(want.dtype)) return std::nullopt;
  const std::string pattern =
      fmt::format("{} bytes with shape [{}] and strides [{}] for shape [{}] and strides [{}]",
                  bytes,
                  fmt::join(got.layout.shape, ","),
                  fmt::join(got.layout.strides, ","),
                  fmt::join(want.shape, ","),
                  fmt::join(want.strides, ","));
  return wrong_count(tensor, bytes / size_bytes(got.layout.dtype), want.span_elements(), pattern);
}

}  // namespace attest
