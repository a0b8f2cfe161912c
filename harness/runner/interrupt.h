// SIGINT and SIGTERM as a flag, so that a run stops between units and writes what it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace attest {

/// While one lives, the first SIGINT or SIGTERM raises the flag and the second ends the process as
/// if there were no handler. One at a time.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

  [[nodiscard]] static bool is_interrupted();

 private:
  struct sigaction previous_int_ {};
  struct sigaction previous_term_ {};
};

}  // namespace attest
