// Case: Problem + kernel + property + mode; it decides an outcome wholly, and prints as the line
// that repeats it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"

#include <cstdint>
#include <string>

namespace attest {

/// How a case is executed where the hardware leaves a choice.
struct Mode {
  std::string arch;            // "sm_80"; empty: the PTX's own target
  std::uint64_t schedule = 0;  // seed of the order of warps and CTAs; 0 is ascending order
  friend bool operator==(const Mode&, const Mode&) = default;
};

struct Case {
  Problem problem;
  std::string kernel;
  std::string property;
  Mode mode;
  friend bool operator==(const Case&, const Case&) = default;
};

/// `attest replay 'attn(...)' --kernel K --property P [--arch sm_90] [--schedule 7]`, non-defaults
/// only.
[[nodiscard]] std::string replay_line(const Case& c);
/// First 8 hex digits of XXH3-64 of the replay line.
[[nodiscard]] std::string id(const Case& c);

}  // namespace attest
