// Selection: patterns and lists on the command line as kernels, properties and dtypes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"
#include "harness/base/result.h"
#include "kernels/kernel_spec.h"
#include "kernels/operation_spec.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/property.h"

#include <string>
#include <vector>

namespace attest {

/// Correct kernels, then the faulty ones of the zoo.
[[nodiscard]] std::vector<const KernelSpec*> every_kernel();
[[nodiscard]] std::vector<const OperationSpec*> every_operation_kernel();

/// Kernels of attention and of operations, in the order of these two.
struct KernelSelection {
  std::vector<const KernelSpec*> attention;
  std::vector<const OperationSpec*> operations;
};
/// Kernels that one of the patterns matches; all correct ones for no patterns.
/// Errors  Code::bad_input for a pattern that matches no name; it names close ones.
Result<KernelSelection> select_kernels(const std::vector<std::string>& patterns);
/// The same of properties.
Result<std::vector<const Property*>> select_properties(const std::vector<std::string>& patterns);
/// Of the pipelines, from most launches to one; then the faulty ones of the zoo.
Result<std::vector<const Pipeline*>> select_pipelines(const std::vector<std::string>& patterns);
/// Errors  Code::bad_input for an unknown dtype.
Result<std::vector<Dtype>> select_dtypes(const std::vector<std::string>& names);
/// "sm_80"; empty is the PTX's own target.
/// Errors  Code::bad_input with the architectures that are modelled.
Status check_arch(const std::string& arch);

}  // namespace attest
