// spawn: a child process with a socket to talk on and a pipe for what it prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace attest {

/// The caller owns all three: it closes the descriptors and reaps the process.
struct Child {
  pid_t process = 0;
  int socket = -1;  // its descriptor 0; does not block
  int words = -1;   // its descriptors 1 and 2; does not block
};

/// The child leads its own process group and has default signals; no descriptor of this process
/// but those three reaches it. `address_space_bytes` 0: no limit.
/// Errors  Code::io naming the program.
Result<Child> spawn(const std::vector<std::string>& command,
                    const std::vector<std::pair<std::string, std::string>>& environment,
                    std::int64_t address_space_bytes);

}  // namespace attest
