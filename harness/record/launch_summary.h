// LaunchSummary: one launch as the log has it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/base/launch_counts.h"

#include <string>

namespace attest {

struct LaunchSummary {
  std::string kernel;
  Dim3 grid;
  Dim3 block;
  LaunchCounts counts;
};

}  // namespace attest
