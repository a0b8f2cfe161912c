// Settings: what the environment says about the simulated GPU and what is to fail.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cuda.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest::driver {

/// The nth call of an entry point fails with `code`, without having done anything.
struct InjectedFault {
  std::string entry_point;  // as exported: "cuMemAlloc_v2"
  std::int64_t call = 1;
  CUresult code = CUDA_ERROR_UNKNOWN;
};

struct Settings {
  int sm = 80;                                // ATTEST_SIMULATED_GPU=sm_80
  bool has_exact_mma = true;                  // ATTEST_SIMULATED_MMA=exact|fast
  std::int64_t memory_bytes = 2'147'483'648;  // ATTEST_SIMULATED_MEMORY=bytes
  std::int64_t steps = 200'000'000;  // ATTEST_SIMULATED_STEPS: warp instructions of a launch; then
                                     // it times out,
  bool hangs = false;                // or with ATTEST_SIMULATED_HANG=1 never ends
  bool logs = false;                 // ATTEST_SIMULATED_LOG=1: findings to stderr
  bool finds_leaks =
      false;  // ATTEST_SIMULATED_LEAKS=1: what a context still has when it is destroyed
              // ends the process
  std::vector<InjectedFault> faults;  // ATTEST_SIMULATED_FAULT=cuMemAlloc_v2:3[=CODE][,..]
};

/// Errors  Code::bad_input for a value that is not allowed; names variable, value and what is.
Result<Settings> settings_from_environment();

/// "cuMemAlloc_v2:3=CUDA_ERROR_OUT_OF_MEMORY,cuInit:1=999"; without a code CUDA_ERROR_UNKNOWN.
/// Errors  Code::bad_input for text that is not of that form, or a name that is not exported.
Result<std::vector<InjectedFault>> parse_faults(std::string_view text);

/// A real driver is here; the simulated one then stays out of its way. Also looked for below
/// ATTEST_SIMULATED_ROOT.
[[nodiscard]] bool has_real_driver();

}  // namespace attest::driver
