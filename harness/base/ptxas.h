// What ptxas says about the kernels of a PTX text: registers, spills, stack and static shared memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct PtxasFigures {
  std::string entry;
  std::string arch;                    // "sm_80"
  std::int64_t registers = 0;          // per thread
  std::int64_t spill_store_bytes = 0;  // of instructions, not of their executions
  std::int64_t spill_load_bytes = 0;
  std::int64_t stack_bytes = 0;  // per thread
  std::int64_t static_shared_bytes = 0;
  friend bool operator==(const PtxasFigures&, const PtxasFigures&) = default;
};

/// Reads what `ptxas -v` prints, in its order; what it does not know it passes over, and an entry
/// without its line of registers is left out.
[[nodiscard]] std::vector<PtxasFigures> parse_ptxas(std::string_view text);

}  // namespace attest
