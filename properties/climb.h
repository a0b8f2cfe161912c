// Climb: looks for the data and shape with which a kernel comes nearest to its bound.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "properties/search.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace attest {

/// One kernel and dtype of attention: where a climb starts from.
struct Slope {
  const KernelSpec* kernel = nullptr;
  Dtype dtype = Dtype::f16;
  const Property* property = nullptr;
};
/// Of every chosen kernel and dtype, with the first chosen property that has a bound.
[[nodiscard]] std::vector<Slope> slopes_of(const SearchOptions& options);

/// The best of `evaluations` cases by error / bound of O and LSE: draws first, then one change at a
/// time to the best so far (seed, kind and amplitude of the data, a size, the scale), and draws again
/// after many changes in vain. Ends early at a case that fails. A function of options, slope and
/// `evaluate` alone; `number` is the slope's, and tells the draws of slopes apart.
/// Nothing where not one case could be judged.
[[nodiscard]] std::optional<CaseResult> climb(const SearchOptions& options,
                                              const Slope& slope,
                                              std::size_t number,
                                              std::int64_t evaluations,
                                              const Evaluate& evaluate);

}  // namespace attest
