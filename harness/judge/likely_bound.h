// What rounding errors of a right kernel stay below in all likelihood: the probabilistic tier.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/bound.h"
#include "harness/problem/rounding_model.h"

#include <cstddef>
#include <string_view>

namespace attest {

/// The bound with independent roundings added up as squares, lambda = 7; errors that can have one
/// sign stay at their full size. Derivation in likely_bound.cpp. For correctly rounded exp only.
class LikelyBound {
 public:
  LikelyBound(const Problem& problem, const Arithmetic& arithmetic, std::string_view arch);

  /// Whether the row has as many different weights as independence needs: the root of its keys.
  /// Needs terms.likely.
  [[nodiscard]] bool speaks_of(const ReferenceTerms& terms,
                               const Bound::Row& row,
                               std::size_t at) const;

  /// `worst` is the worst-case bound of the same element, which this one never exceeds.
  [[nodiscard]] BoundParts output(const ReferenceTerms& terms,
                                  const Bound::Row& row,
                                  const BoundParts& worst,
                                  std::size_t element) const;
  [[nodiscard]] BoundParts lse(const ReferenceTerms& terms,
                               const Bound::Row& row,
                               const BoundParts& worst,
                               std::size_t at) const;

 private:
  [[nodiscard]] double tiles(const Bound::Row& row) const;

  Problem problem_;
  Arithmetic arithmetic_;
  DotModel dot_;
  RoundingModel model_;
  double exponential_ = 0;  // one exp, squared
  double together_ = 0;     // what all scores of a row may be off by alike, relative
  double distance_ = 0;     // the same of their distances
};

}  // namespace attest
