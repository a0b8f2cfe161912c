// The line that repeats a case, and the case's id.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/case.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace attest {

std::string replay_line(const Case& c) {
  std::string line = fmt::format(
      "attest replay '{}' --kernel {} --property {}", to_string(c.problem), c.kernel, c.property);
  if (!c.mode.arch.empty()) line += " --arch " + c.mode.arch;
  if (c.mode.schedule != 0) line += fmt::format(" --schedule {}", c.mode.schedule);
  return line;
}

std::string id(const Case& c) {
  const std::string line = replay_line(c);
  return fmt::format("{:016x}", XXH3_64bits(line.data(), line.size())).substr(0, 8);
}

}  // namespace attest
