// Driver: CUDA's driver API, opened at run time; every call of it goes through one function.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cuda.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace attest::cuda {

/// How a call ended; `text` says which and with what: "cuMemAlloc_v2(bytesize=64) =
/// CUDA_ERROR_OUT_OF_MEMORY (2): out of memory".
struct [[nodiscard]] Outcome {
  CUresult result = CUDA_SUCCESS;
  std::string text{};

  [[nodiscard]] bool is_ok() const { return result == CUDA_SUCCESS; }
  /// Code::limit where memory lacks, else Code::io.
  [[nodiscard]] Status status() const;
};

/// One function of the library; null where it may lack it and does.
template <class Function>
struct Entry {
  const char* symbol = "";
  Function function = nullptr;
};

// NOLINTBEGIN(bugprone-macro-parentheses): arguments are names
// The name behind the macro that cuda.h makes of some functions: cuMemAlloc is cuMemAlloc_v2.
#define ATTEST_CUDA_SYMBOL_INNER(function) #function
#define ATTEST_CUDA_SYMBOL(function) ATTEST_CUDA_SYMBOL_INNER(function)
#define ATTEST_CUDA_OPTIONAL(member, function) \
  Entry<decltype(&function)> member =          \
      find_optional<decltype(&function)>(ATTEST_CUDA_SYMBOL(function))
#define ATTEST_CUDA_ENTRY(member, function) \
  Entry<decltype(&function)> member = find<decltype(&function)>(ATTEST_CUDA_SYMBOL(function))
// NOLINTEND(bugprone-macro-parentheses)

class Driver {
 public:
  /// Errors  Code::unsupported when there is no libcuda.so.1, or it lacks a function.
  static Result<std::unique_ptr<Driver>> open();
  ~Driver() = default;  // the library stays open: it does not unload cleanly
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Calls the entry. `names` are those of its arguments, with commas; "_" is not shown in errors.
  template <class Function, class... Arguments>
  [[nodiscard]] Outcome call(const Entry<Function>& entry,
                             std::string_view names,
                             Arguments... arguments) const {
    if (entry.function == nullptr) return lacking(entry.symbol);
    const CUresult result = entry.function(arguments...);
    if (result == CUDA_SUCCESS) return {};
    return failure(entry.symbol, names, result, {text(arguments)...});
  }

  /// After a launch that never ends every further call would wait for it: nothing is freed any more.
  void abandon() { is_abandoned_ = true; }
  /// Every function that was looked for.
  [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }
  [[nodiscard]] bool is_abandoned() const { return is_abandoned_; }

 private:
  explicit Driver(void* library) : library_(library) {}

  template <class Function>
  Entry<Function> find(const char* symbol) {
    return {symbol, reinterpret_cast<Function>(look_up(symbol))};
  }
  template <class Function>
  Entry<Function> find_optional(const char* symbol) {
    return {symbol, reinterpret_cast<Function>(look_up_optional(symbol))};
  }
  void* look_up(const char* symbol);
  void* look_up_optional(const char* symbol);
  static Outcome lacking(const char* symbol);
  Outcome failure(const char* symbol,
                  std::string_view names,
                  CUresult result,
                  const std::vector<std::string>& values) const;
  template <class Value>
  static std::string text(Value value) {
    if constexpr (std::is_pointer_v<Value>) {
      return pointer_text(reinterpret_cast<std::uintptr_t>(value));
    } else if constexpr (std::is_null_pointer_v<Value>) {
      return pointer_text(0);
    } else if constexpr (std::is_enum_v<Value>) {
      return std::to_string(static_cast<std::underlying_type_t<Value>>(value));
    } else if constexpr (std::is_same_v<Value, CUdeviceptr>) {
      return pointer_text(value);
    } else {
      return std::to_string(value);
    }
  }
  static std::string pointer_text(std::uintptr_t value);

  void* library_;
  std::string missing_;  // symbols, with commas
  std::vector<std::string> symbols_;
  bool is_abandoned_ = false;

 public:
  ATTEST_CUDA_ENTRY(init, cuInit);
  ATTEST_CUDA_ENTRY(driver_get_version, cuDriverGetVersion);
  ATTEST_CUDA_ENTRY(get_error_name, cuGetErrorName);
  ATTEST_CUDA_ENTRY(get_error_string, cuGetErrorString);
  ATTEST_CUDA_ENTRY(device_get_count, cuDeviceGetCount);
  ATTEST_CUDA_ENTRY(device_get, cuDeviceGet);
  ATTEST_CUDA_ENTRY(device_get_name, cuDeviceGetName);
  ATTEST_CUDA_ENTRY(device_get_attribute, cuDeviceGetAttribute);
  ATTEST_CUDA_ENTRY(device_total_mem, cuDeviceTotalMem);
  ATTEST_CUDA_ENTRY(primary_ctx_retain, cuDevicePrimaryCtxRetain);
  ATTEST_CUDA_ENTRY(primary_ctx_release, cuDevicePrimaryCtxRelease);
  ATTEST_CUDA_ENTRY(ctx_set_current, cuCtxSetCurrent);
  ATTEST_CUDA_ENTRY(ctx_synchronize, cuCtxSynchronize);
  ATTEST_CUDA_ENTRY(module_load_data_ex, cuModuleLoadDataEx);
  ATTEST_CUDA_ENTRY(module_unload, cuModuleUnload);
  ATTEST_CUDA_ENTRY(module_get_function, cuModuleGetFunction);
  ATTEST_CUDA_ENTRY(func_get_attribute, cuFuncGetAttribute);
  ATTEST_CUDA_ENTRY(func_set_attribute, cuFuncSetAttribute);
  ATTEST_CUDA_ENTRY(mem_alloc, cuMemAlloc);
  ATTEST_CUDA_ENTRY(mem_free, cuMemFree);
  ATTEST_CUDA_ENTRY(memset_d8, cuMemsetD8);
  ATTEST_CUDA_ENTRY(memcpy_htod, cuMemcpyHtoD);
  ATTEST_CUDA_ENTRY(memcpy_dtoh, cuMemcpyDtoH);
  ATTEST_CUDA_ENTRY(stream_create, cuStreamCreate);
  ATTEST_CUDA_ENTRY(stream_destroy, cuStreamDestroy);
  ATTEST_CUDA_ENTRY(event_create, cuEventCreate);
  ATTEST_CUDA_ENTRY(event_destroy, cuEventDestroy);
  ATTEST_CUDA_ENTRY(event_record, cuEventRecord);
  ATTEST_CUDA_ENTRY(event_query, cuEventQuery);
  Entry<CUresult (*)(float*, CUevent, CUevent)> event_elapsed_time =
      find<CUresult (*)(float*, CUevent, CUevent)>("cuEventElapsedTime");
  ATTEST_CUDA_ENTRY(launch_kernel, cuLaunchKernel);
  ATTEST_CUDA_ENTRY(launch_kernel_ex, cuLaunchKernelEx);

  // Only to count kernels without CUPTI; older drivers lack some. A call of one of those fails.
  ATTEST_CUDA_OPTIONAL(stream_begin_capture, cuStreamBeginCapture);
  ATTEST_CUDA_OPTIONAL(stream_end_capture, cuStreamEndCapture);
  ATTEST_CUDA_OPTIONAL(graph_get_nodes, cuGraphGetNodes);
  ATTEST_CUDA_OPTIONAL(graph_node_get_type, cuGraphNodeGetType);
  ATTEST_CUDA_OPTIONAL(graph_kernel_node_get_params, cuGraphKernelNodeGetParams);
  ATTEST_CUDA_OPTIONAL(graph_destroy, cuGraphDestroy);
  ATTEST_CUDA_OPTIONAL(func_get_name, cuFuncGetName);
};

#undef ATTEST_CUDA_OPTIONAL
#undef ATTEST_CUDA_ENTRY

}  // namespace attest::cuda
