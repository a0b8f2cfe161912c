// LoadedModule: one PTX text in the device, its variables in device memory, its kernels by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/driver/kernel.h"
#include "harness/ptx/decode/options.h"
#include "harness/ptx/memory/global_memory.h"
#include "harness/ptx/memory/module_variables.h"
#include "harness/ptx/syntax/ast.h"

#include <cuda.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attest::driver {

class Driver;
struct Context;

/// `image` is what cuModuleLoadData gets: text that ends with a zero byte, or a binary, which is
/// refused. On failure `*log` is one line on the reason.
struct LoadedModule : std::enable_shared_from_this<LoadedModule> {
  std::string name;  // "module 3": no two have the same, so that each has its own variables
  ptx::Module parsed;
  std::shared_ptr<const ptx::ModuleVariables> variables;
  std::vector<std::uint64_t> addresses;                                 // of those
  std::map<std::string, std::shared_ptr<Kernel>, std::less<>> kernels;  // asked for so far
  std::map<std::string, CUfunction, std::less<>> function_handles;
  std::map<std::string, CUkernel, std::less<>> kernel_handles;
  std::shared_ptr<Context> context;  // null: a library
  CUmodule as_module = nullptr;      // the handle of a module; of a library once asked for
  CUlibrary as_library = nullptr;

  [[nodiscard]] std::vector<std::string> entries() const;
};

CUresult load_module(Driver& driver,
                     const void* image,
                     std::shared_ptr<LoadedModule>* to,
                     std::string* log);
/// Takes back its handles and its variables.
void unload(Driver& driver, LoadedModule& module);

/// CUDA_ERROR_NOT_FOUND for a name that is no entry; CUDA_ERROR_NOT_SUPPORTED for an entry that the
/// PTX executor cannot run.
CUresult find_kernel(Driver& driver,
                     LoadedModule& module,
                     std::string_view entry,
                     std::shared_ptr<Kernel>* to);
/// A variable's address and size; either may be null, not both.
CUresult find_variable(const LoadedModule& module,
                       const char* name,
                       CUdeviceptr* address,
                       std::size_t* size_bytes);

/// The buffers among a load's JIT options, and a message put into the one for errors.
CUresult put_jit_log(unsigned count,
                     const CUjit_option* options,
                     void** values,
                     std::string_view log);

}  // namespace attest::driver
