// Requirements: what `--require` asks of this machine, and why it is not met.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// Something that a run may ask for.
struct Requirement {
  std::string name;  // "cuda", "cudnn", "cudnn:executed"
  /// Why it is not met here; nothing when it is.
  std::function<std::optional<std::string>(Context&)> unmet;
};

/// The table: every requirement that there is.
[[nodiscard]] const std::vector<Requirement>& all_requirements();

/// Those named; each once, in the order of the table.
/// Errors  Code::bad_input for a name that is none, with those that are.
Result<std::vector<const Requirement*>> parse_requirements(const std::vector<std::string>& names);

/// Prints "attest: --require cuda: <why>" for the first that is not met: then true, and the command
/// ends with Exit::nothing_judged.
bool report_unmet(const std::vector<const Requirement*>& requirements, Context& context);

}  // namespace attest
