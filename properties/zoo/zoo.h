// The zoo: correct kernels with one fault each, which the properties must find.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kernel_spec.h"

#include <string>
#include <vector>

namespace attest {

struct ZooFault {
  std::string name;      // "no_rescale"
  std::string kernel;    // the kernel that was patched: "attention_f32"
  std::string models;    // the bug, as it shipped somewhere
  std::string property;  // that must see it: "agrees_with_reference"
  std::string outcome;   // as what: "disagree", or the kind of a finding
  std::string example;   // a problem on which it does, in every dtype of the kernel
  KernelImage image;     // named "zoo/no_rescale"
};

/// Sorted by name (generated from properties/zoo/CMakeLists.txt).
[[nodiscard]] const std::vector<ZooFault>& all_zoo_faults();

/// The faulty kernels: their base's spec with the name "zoo/<fault>", the patched image, and only
/// the head sizes that it was compiled for.
[[nodiscard]] std::vector<KernelSpec> zoo_kernels();

}  // namespace attest
