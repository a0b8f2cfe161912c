// ModeFlags: the options that fix axes of a case's mode; check and replay share them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/cli/arguments.h"
#include "harness/problem/case.h"

#include <cstdint>
#include <optional>
#include <string>

namespace attest {

/// Axes that a flag fixed; the others are absent.
struct FixedMode {
  std::string arch;  // empty: the PTX's own target
  std::optional<std::uint64_t> schedule;
  std::optional<MmaBits> mma;
  std::optional<Approx> approx;
  std::optional<Contract> contract;
};

/// The options as text, before any value is looked at.
class ModeFlags {
 public:
  /// This outlives `parser`.
  void declare(Arguments& parser);
  /// Errors  Code::bad_input naming the option, the value and what is allowed.
  [[nodiscard]] Result<FixedMode> read() const;

 private:
  std::string arch_;
  std::optional<std::string> schedule_;
  std::optional<std::string> mma_;
  std::optional<std::string> approx_;
  std::optional<std::string> contract_;
};

}  // namespace attest
