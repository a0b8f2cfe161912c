// Which two values of a kernel's axes the judged cases of a run had together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// A pair is possible where the kernel takes a problem that has both values.
struct PairRecord {
  std::string kernel;
  Dtype dtype = Dtype::f32;
  std::int64_t possible = 0;
  std::int64_t met = 0;
  std::vector<std::string> empty;  // the first kNamedPairs: "mask=bool with heads=grouped"
};

inline constexpr std::size_t kNamedPairs = 200;

}  // namespace attest
