// The entry points: every symbol that the simulated driver exports, by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace attest::driver {

/// One line of entry_points.inc.
struct EntryPoint {
  const char* name;    // "cuMemAlloc": what cuGetProcAddress is asked for
  const char* symbol;  // "cuMemAlloc_v2": what is exported
  int version;         // of CUDA that first had this symbol: 3020
  void* function;
};

[[nodiscard]] bool is_exported(std::string_view symbol);

/// The newest symbol of that name up to `version`; null when there is none. `is_known`: the name is
/// there in some version.
[[nodiscard]] const EntryPoint* find_entry_point(std::string_view name,
                                                 int version,
                                                 bool* is_known);

}  // namespace attest::driver
