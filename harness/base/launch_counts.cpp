// Names of the instruction classes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/launch_counts.h"

namespace attest {

std::string_view name(InsnClass c) {
  static constexpr std::array<std::string_view, kInsnClasses> kNames = {
      "integer",       "floating",     "half",         "conversion",  "special",
      "mma",           "load_global",  "load_shared",  "load_local",  "load_constant",
      "load_generic",  "store_global", "store_shared", "store_local", "store_constant",
      "store_generic", "async_copy",   "atomic",       "warp",        "move",
      "control",       "barrier",      "other"};
  return kNames[static_cast<std::size_t>(c)];
}

}  // namespace attest
