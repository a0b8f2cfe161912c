// From declarations of a module to its .global and .const variables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/memory/module_variables.h"
#include "harness/ptx/syntax/ast.h"

#include <memory>
#include <string_view>

namespace attest::ptx {

/// Of those that the module defines; .extern ones are left out. `name`: of the PTX text.
/// Errors  Code::bad_input or Code::unsupported at "<name>:<line>" for an initial value that its
///         variable cannot have; Code::limit when they are larger than ModuleVariables allows.
/// Source  PTX ISA 9.0, 5.4.4 (Initializers).
Result<std::shared_ptr<const ModuleVariables>> module_variables(const Module& module,
                                                                std::string_view name);

}  // namespace attest::ptx
