// Diagnosis: which stage of a kernel a failure comes from, and whether it is a convention.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace attest {

/// What probes of the same kernel say of a failure.
struct Diagnosis {
  std::string stage;       // that first departs from the reference: "softmax"; empty: none does
  std::string because;     // the probes, in words
  std::string convention;  // under which the kernel is right, if any: "causal-tl"
  friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

}  // namespace attest
