// Kernel: one entry of a loaded module, its attributes, and what a launch of it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/ptx/machine/program.h"

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace attest::driver {

class Driver;
struct LoadedModule;

struct Kernel {
  std::shared_ptr<const ptx::Program> program;
  std::weak_ptr<LoadedModule> module;
  std::int64_t dynamic_shared_limit = 0;  // bytes that a launch may ask for
  int carveout = -1;
  int compute_capability = 80;  // of the PTX's target: 80 for sm_80
  std::int64_t constant_bytes = 0;

  /// Threads of a block, at most.
  [[nodiscard]] int max_threads() const;
};

struct KernelLaunch {
  std::shared_ptr<Kernel> kernel;
  std::shared_ptr<LoadedModule> module;  // lives as long as the launch waits
  CUfunction handle = nullptr;           // as the caller named it
  Launch launch;
};

/// Of CUfunction or CUkernel, which is allowed wherever a CUfunction is; null for neither.
std::shared_ptr<Kernel> kernel_of(Driver& driver, CUfunction function);

/// Shared by cuFuncGetAttribute and cuKernelGetAttribute.
CUresult get_attribute(const Driver& driver,
                       const Kernel& kernel,
                       CUfunction_attribute attribute,
                       int* value);
CUresult set_attribute(const Driver& driver,
                       Kernel& kernel,
                       CUfunction_attribute attribute,
                       int value);

/// Blocks of that shape that one multiprocessor holds at once.
[[nodiscard]] std::int64_t blocks_per_multiprocessor(const Driver& driver,
                                                     const Kernel& kernel,
                                                     std::int64_t threads,
                                                     std::int64_t dynamic_shared_bytes);

/// What is wrong with the launch before it begins; CUDA_SUCCESS when nothing is.
CUresult check_launch(const Driver& driver, const KernelLaunch& launch);
/// Runs it now. A finding that a GPU would stop at becomes its error.
CUresult run_launch(Driver& driver, const KernelLaunch& launch, bool* never_ends);

}  // namespace attest::driver
