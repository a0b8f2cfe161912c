// The zoo: correct kernels with one fault each, which the properties must find.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kernel_spec.h"
#include "kernels/operation_spec.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/fault_class.h"

#include <string>
#include <vector>

namespace attest {

struct ZooFault {
  std::string name;        // "no_rescale"
  std::string kernel;      // the kernel that was patched: "attention_f32", "gemm_mma"
  std::string models;      // the bug, as it shipped somewhere
  std::vector<int> facts;  // its numbers in the collection of such bugs; none: found elsewhere
  FaultClass fault_class = FaultClass::scores;  // what a right detector must name
  std::string
      property;         // that must see it: "agrees_with_reference"; of a whole layer: its pipeline
  std::string outcome;  // as what: "disagree", or the kind of a finding
  std::string equivalent;  // why no output can show it; empty: one can
  std::string example;     // a problem on which it is seen, in every dtype of the kernel
  std::string source;      // the patched copy, as findings name it
  KernelImage image;       // named "zoo/no_rescale"
};

/// Sorted by name (generated from properties/zoo/CMakeLists.txt).
[[nodiscard]] const std::vector<ZooFault>& all_zoo_faults();

/// The faulty kernels: their base's spec with the name "zoo/<fault>", the patched image, and only
/// the head sizes that it was compiled for.
[[nodiscard]] std::vector<KernelSpec> zoo_kernels();
/// The same of kernels of operations, which refuse what needs another entry.
[[nodiscard]] std::vector<OperationSpec> zoo_operations();
/// Pipelines "zoo/<fault>" that launch the patched image, for kernels that no case is drawn for.
[[nodiscard]] std::vector<Pipeline> zoo_pipelines();

/// Names of zoo_kernels(): the first of each class that an output can show.
[[nodiscard]] std::vector<std::string> zoo_kernel_of_each_class();

}  // namespace attest
