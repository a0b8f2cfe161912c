// zoo --auto: mutants of a kernel's PTX, and the ones that a run would not catch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/cli/command.h"

#include <cstdint>
#include <string>

namespace attest {

struct ZooAutoOptions {
  std::string kernel;  // pattern of one kernel of attention
  std::string dtype;   // empty: the first that it claims
  std::int64_t mutants = 60;
  std::int64_t cases = 60;  // of each
  double seconds = 15;      // of each
  std::uint64_t seed = 0;
  int jobs = 1;
};

/// Prints what became of the mutants, and every survivor with its line.
/// Errors  Code::bad_input for a kernel or dtype that is none, or a kernel that fails by itself.
Result<Exit> run_auto_zoo(const ZooAutoOptions& options, Context& context);

}  // namespace attest
