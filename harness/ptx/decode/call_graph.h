// CallGraph: which functions an entry reaches, and in what order they are laid out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/syntax/ast.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

class CallGraph {
 public:
  /// `module` outlives it.
  explicit CallGraph(const Module& module);

  /// The function of that name, or of that alias, with its body; null when the module has none.
  [[nodiscard]] const Function* find(const std::string& name) const;

  /// Functions that `entry` calls, directly or not, callees before their callers; `entry` is last.
  /// Lanes in a callee then stand at lower addresses than those that wait for them in a caller, so
  /// they run first and all meet again behind the call.
  /// Errors  Code::unsupported for recursion, with the calls that make the cycle; `name` is the
  ///         module's.
  Result<std::vector<const Function*>> order(const Function& entry, std::string_view name) const;

 private:
  std::unordered_map<std::string, const Function*> functions_;  // that have a body
  std::unordered_map<std::string, std::string> aliases_;
};

/// Operands of a call by what they are.
struct CallOperands {
  const Operand* returns = nullptr;
  const Operand* function = nullptr;
  const Operand* arguments = nullptr;
  const Operand* prototype = nullptr;  // of an indirect call
};
[[nodiscard]] CallOperands call_operands(const Instruction& call);

}  // namespace attest::ptx
