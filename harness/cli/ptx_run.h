// `attest ptx FILE --run ENTRY`: one kernel on buffers that the command line describes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/mode_flags.h"
#include "harness/cli/ptx_file.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

/// The options of a run as text, before any value is looked at.
struct RunFlags {
  std::optional<std::string> entry;
  std::optional<std::string> grid;
  std::optional<std::string> block;
  std::optional<std::string> shared_bytes;
  std::vector<std::string> parameters;
  std::vector<std::string> buffers;
  std::vector<std::string> saves;
  std::vector<std::string> prints;
  std::optional<std::string> seed;
  std::optional<std::string> checks;
  std::optional<std::string> max_instructions;
  std::optional<std::string> max_memory;
  ModeFlags mode;

  /// This outlives `parser`.
  void declare(Arguments& parser);
  /// Errors  Code::bad_input for an option of a run that was given without --run.
  [[nodiscard]] Status check_unused() const;
};

/// Exit::held for a run without a finding, Exit::falsified for one with, Exit::nothing_judged for a
/// file without an entry.
/// Errors  Code::bad_input, Code::limit, Code::io, Code::unsupported: nothing was run.
Result<Exit> run_ptx(const PtxFile& file, const RunFlags& flags, Context& context);

}  // namespace attest
