// What this program was built from and with, and the machine that it runs on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>

namespace attest {

struct BuildInfo {
  std::string version;   // "0.1.0"
  std::string compiler;  // "GNU 12.2.0"
  std::string nvcc;      // "13.0.88", of the nvcc that made the embedded PTX
  std::string eigen;     // "3.4.0"
};
[[nodiscard]] const BuildInfo& build_info();

/// `env` of a run record that starts now.
[[nodiscard]] Environment current_environment(const std::string& command, int jobs);

}  // namespace attest
