// GpuQuestion: an instruction over many operands, asked of a GPU and of the interpreter's model of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// Every thread has the 32-bit words %i0, %i1, .. of its own and writes %o0, %o1, ..
struct GpuQuestion {
  std::string name;   // "ex2.approx.f32", a file name too
  std::string about;  // what is open
  std::string body;   // PTX, on the registers above
  int least_sm = 80;  // below, the instruction does not exist
  int input_count = 1;
  int output_count = 1;
  /// [input_count][threads]; a multiple of 32 threads. `share`: 1 for all that is to be asked, less for
  /// a part of it.
  std::vector<std::uint32_t> (*draw)(double share) = nullptr;
};

[[nodiscard]] const std::vector<GpuQuestion>& gpu_questions();

/// The answers, [output_count][threads].
/// Errors  of the executor; Code::io with a finding's words.
Result<std::vector<std::uint32_t>> ask(const GpuQuestion& question,
                                       const std::vector<std::uint32_t>& inputs,
                                       const Mode& mode,
                                       Executor& executor);

}  // namespace attest
