// One output element against what is wanted, and what a tensor's elements add up to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/bound.h"
#include "harness/judge/judge.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace attest {

using Place = std::array<std::int64_t, 4>;  // [batch, head, row, column]

/// Where rounding to the dtype goes to Inf: half an ulp above the largest finite value.
[[nodiscard]] double overflow_threshold(Dtype dtype);

/// One output element as the judge sees it.
struct Element {
  double got = 0;
  std::uint32_t got_bits = 0;
  double want = 0;
  BoundParts bound{};
  bool is_exact = false;  // the bits of `want`, rounded once, and no others
  const char* exact_because = "";
  Dtype dtype = Dtype::f32;
  Tier tier = Tier::bound;  // whose the bound is
};

/// The elements of one tensor that are wrong, by tier, and the worst of each tier.
class TensorFindings {
 public:
  TensorFindings(std::string tensor, const Place& shape)
      : tensor_(std::move(tensor)), shape_(shape) {}

  void add(const Element& element, const Place& place);
  /// An element that must have the bits of `want`, and be no NaN; bytes have no dtype, and are their
  /// own value.
  void add_bits(std::uint32_t got,
                std::uint32_t want,
                std::optional<Dtype> dtype,
                const Place& place);

  /// Largest error / bound.
  [[nodiscard]] double ratio() const { return ratio_; }
  /// Of the elements that have a bound and finite values.
  [[nodiscard]] const ErrorSums& errors() const { return errors_; }
  /// The first element that has it; none while it is 0.
  [[nodiscard]] const std::optional<Place>& ratio_place() const { return ratio_place_; }
  /// The worst element of this tier, with how many and where.
  [[nodiscard]] std::optional<Divergence> divergence(Tier tier) const;

 private:
  std::string tensor_;
  Place shape_;
  static constexpr std::size_t kTiers = 5;
  void raise_ratio(double ratio, const Place& place);

  void sum_up(const Element& element, double ratio);

  double ratio_ = 0;
  ErrorSums errors_;
  std::optional<Place> ratio_place_;
  std::array<std::vector<Place>, kTiers> wrong_;         // by tier
  std::array<std::optional<Divergence>, kTiers> worst_;  // by tier
  std::array<double, kTiers> worst_ratio_{};
};

/// Of the first tier in which any tensor is wrong, the first such tensor's.
[[nodiscard]] std::optional<Divergence> first_divergence(
    std::initializer_list<const TensorFindings*> tensors);
[[nodiscard]] std::optional<Divergence> first_divergence(
    const std::vector<TensorFindings>& tensors);

/// A tensor of another number of elements.
[[nodiscard]] Divergence wrong_count(const std::string& tensor,
                                     std::int64_t got,
                                     std::int64_t want,
                                     std::string pattern);
/// What differs between a tensor and the layout that it should have, or nothing.
[[nodiscard]] std::optional<Divergence> layout_divergence(const std::string& tensor,
                                                          const HostTensor& got,
                                                          const TensorLayout& want);

}  // namespace attest
