// Input files of commands: read whole, never more than a limit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstdint>
#include <string>

namespace attest {

/// The bytes of a file; a pipe or a device is read to its end.
/// Errors  Code::io for what cannot be read, Code::limit past `max_bytes`.
Result<std::string> read_input(const std::string& path,
                               const std::string& what,  // "a PTX file"
                               std::int64_t max_bytes);

}  // namespace attest
