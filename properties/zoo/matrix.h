// Matrix: one fault against every detector, each until it has seen it once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/record/zoo_record.h"
#include "properties/zoo/comparison.h"
#include "properties/zoo/zoo.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace attest {

struct ZooLimits {
  std::int64_t cases = 300;  // of each fault, all properties together
  std::uint64_t seed = 0;
  std::function<bool()> is_late{};  // asked before each case; true: no further one
  bool compares = true;             // whether the comparisons run too
};

struct Examination {
  ZooFaultRecord fault;
  std::vector<Case> cases;  // of fault.kills, one each
};

/// Draws cases of every property in turn. A property has no further case once it has disagreed. A
/// case that ends with a finding of a check that a job may leave out is judged once more without
/// checks, so that a property is not blind where a check sees first. What the correct kernel does not
/// agree in is no kill, but a false alarm. A dead anchor is not examined.
[[nodiscard]] Examination examine(const ZooFault& fault,
                                  const ZooLimits& limits,
                                  Comparisons& comparisons,
                                  Executor& executor);

}  // namespace attest
