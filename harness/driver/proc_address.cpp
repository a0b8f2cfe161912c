// Entry points: symbols by name and version. The table of all entry points.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"
#include "harness/driver/entry_points.h"

#include <algorithm>
#include <array>

using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::EntryPoint;
using attest::driver::Need;

extern "C" CUresult cuCtxCreate_v2(CUcontext*, unsigned, CUdevice);
extern "C" CUresult cuGetProcAddress_v2(
    const char*, void**, int, cuuint64_t, CUdriverProcAddressQueryResult*);

// The symbols of older programs, which cuda.h's macros hide.
extern "C" CUresult attest_event_elapsed_time_v1(float*,
                                                 CUevent,
                                                 CUevent) asm("cuEventElapsedTime");
extern "C" CUresult attest_get_proc_address_v1(const char*,
                                               void**,
                                               int,
                                               cuuint64_t) asm("cuGetProcAddress");

namespace {

template <class Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

const std::vector<EntryPoint>& table() {
  static const std::vector<EntryPoint> all = {
#define ENTRY(name, version) {#name, TEXT(name), version, address(&name)},
#include "harness/driver/entry_points.inc"
#undef ENTRY
      {"cuCtxCreate", "cuCtxCreate_v2", 3020, address(&cuCtxCreate_v2)},
      {"cuEventElapsedTime", "cuEventElapsedTime", 2000, address(&attest_event_elapsed_time_v1)},
      {"cuGetProcAddress", "cuGetProcAddress", 11030, address(&attest_get_proc_address_v1)},
  };
  return all;
}

#undef TEXT
#undef TEXT_OF

/// The same function serves a per-thread default stream: all streams share one queue.
CUresult find(const char* name,
              void** function,
              int version,
              cuuint64_t flags,
              CUdriverProcAddressQueryResult* status) {
  constexpr cuuint64_t kKnown =
      CU_GET_PROC_ADDRESS_LEGACY_STREAM | CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM;
  if (name == nullptr || function == nullptr || (flags & ~kKnown) != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  bool is_known = false;
  const EntryPoint* found = attest::driver::find_entry_point(name, version, &is_known);
  *function = found == nullptr ? nullptr : found->function;
  if (status != nullptr) {
    *status = found != nullptr ? CU_GET_PROC_ADDRESS_SUCCESS
              : is_known       ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                               : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  }
  return found == nullptr && status == nullptr ? CUDA_ERROR_NOT_FOUND : CUDA_SUCCESS;
}

}  // namespace

namespace attest::driver {

bool is_exported(std::string_view symbol) {
  const auto& all = table();
  return std::any_of(
      all.begin(), all.end(), [&](const EntryPoint& e) { return symbol == e.symbol; });
}

const EntryPoint* find_entry_point(std::string_view name, int version, bool* is_known) {
  const EntryPoint* best = nullptr;
  *is_known = false;
  for (const EntryPoint& e : table()) {
    if (name != e.name) continue;
    *is_known = true;
    if (e.version <= version && (best == nullptr || e.version > best->version)) best = &e;
  }
  return best;
}

}  // namespace attest::driver

extern "C" CUresult cuGetProcAddress_v2(const char* name,
                                        void** function,
                                        int version,
                                        cuuint64_t flags,
                                        CUdriverProcAddressQueryResult* status) {
  return enter(__func__, Need::nothing, [&](Driver& /*driver*/) -> CUresult {
    return find(name, function, version, flags, status);
  });
}

#undef cuGetProcAddress
extern "C" CUresult cuGetProcAddress(const char* name,
                                     void** function,
                                     int version,
                                     cuuint64_t flags) {
  return enter(__func__, Need::nothing, [&](Driver& /*driver*/) -> CUresult {
    return find(name, function, version, flags, nullptr);
  });
}
