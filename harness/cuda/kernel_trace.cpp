// CUPTI's activity records of kernels. Its callbacks have no argument of ours: one trace a process.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/kernel_trace.h"

#if ATTEST_HAS_CUPTI

#include "harness/cuda/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cupti.h>
#include <mutex>
#include <utility>

namespace attest::cuda {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20U;

struct Functions {
  decltype(&cuptiGetVersion) version = nullptr;
  decltype(&cuptiGetResultString) result_string = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) register_callbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityFlushAll) flush = nullptr;
  decltype(&cuptiActivityGetNextRecord) next = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) dropped = nullptr;
};

struct Trace {
  Functions f;
  std::mutex mutex;
  std::vector<std::pair<std::uint64_t, LaunchRecord>> records;  // by their start
  std::size_t dropped = 0;
};

Trace& trace() {
  static Trace instance;
  return instance;
}

LaunchRecord record_of(const CUpti_ActivityKernel10& kernel) {
  LaunchRecord record;
  record.kernel = kernel.name != nullptr ? kernel.name : "";
  record.grid = {static_cast<std::uint32_t>(kernel.gridX),
                 static_cast<std::uint32_t>(kernel.gridY),
                 static_cast<std::uint32_t>(kernel.gridZ)};
  record.block = {static_cast<std::uint32_t>(kernel.blockX),
                  static_cast<std::uint32_t>(kernel.blockY),
                  static_cast<std::uint32_t>(kernel.blockZ)};
  record.shared_bytes = kernel.staticSharedMemory + kernel.dynamicSharedMemory;
  record.registers = kernel.registersPerThread;
  record.duration_ns = static_cast<std::int64_t>(kernel.end - kernel.start);
  return record;
}

void CUPTIAPI give_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* max_records) {
  *buffer = new std::uint8_t[kBufferBytes];
  *size = kBufferBytes;
  *max_records = 0;
}

void CUPTIAPI take_buffer(
    CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t, std::size_t valid) {
  Trace& t = trace();
  const std::lock_guard lock(t.mutex);
  CUpti_Activity* activity = nullptr;
  while (t.f.next(buffer, valid, &activity) == CUPTI_SUCCESS) {
    if (activity->kind != CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) continue;
    const auto& kernel = *reinterpret_cast<const CUpti_ActivityKernel10*>(activity);
    t.records.emplace_back(kernel.start, record_of(kernel));
  }
  std::size_t dropped = 0;
  t.f.dropped(context, stream, &dropped);
  t.dropped += dropped;
  delete[] buffer;
}

Result<Library> open_library() {
  return Library::open({fmt::format("libcupti.so.{}", CUPTI_API_VERSION / 10000),
                        fmt::format("libcupti.so.{}", CUDA_VERSION / 1000),
                        "/usr/local/cuda/extras/CUPTI/lib64/libcupti.so",
                        "/usr/local/cuda/lib64/libcupti.so"});
}

Result<std::uint32_t> version_of(const Library& library, Functions& f) {
  ATTEST_TRY([[maybe_unused]] const Done found, library.find("cuptiGetVersion", f.version));
  std::uint32_t version = 0;
  f.version(&version);
  return version;
}

Status find_functions(const Library& library, Functions& f) {
  ATTEST_TRY([[maybe_unused]] const Done a, library.find("cuptiGetResultString", f.result_string));
  ATTEST_TRY([[maybe_unused]] const Done b,
             library.find("cuptiActivityRegisterCallbacks", f.register_callbacks));
  ATTEST_TRY([[maybe_unused]] const Done c, library.find("cuptiActivityEnable", f.enable));
  ATTEST_TRY([[maybe_unused]] const Done d, library.find("cuptiActivityFlushAll", f.flush));
  ATTEST_TRY([[maybe_unused]] const Done e, library.find("cuptiActivityGetNextRecord", f.next));
  return library.find("cuptiActivityGetNumDroppedRecords", f.dropped);
}

Status check(const Functions& f, const char* call, CUptiResult result) {
  if (result == CUPTI_SUCCESS) return Done{};
  const char* name = nullptr;
  f.result_string(result, &name);
  return Error{
      Code::unsupported,
      fmt::format("{} = {} ({})", call, name != nullptr ? name : "?", static_cast<int>(result)),
      ""};
}

}  // namespace

Result<std::string> cupti_version() {
  ATTEST_TRY(const Library library, open_library());
  Functions f;
  ATTEST_TRY(const std::uint32_t version, version_of(library, f));
  return std::to_string(version);
}

Result<std::string> start_trace() {
  ATTEST_TRY(const Library library, open_library());
  Functions& f = trace().f;
  ATTEST_TRY(const std::uint32_t version, version_of(library, f));
  if (version != CUPTI_API_VERSION) {
    return Error{
        Code::unsupported,
        fmt::format(
            "CUPTI is {}, built for {}: its records may lie otherwise", version, CUPTI_API_VERSION),
        ""};
  }
  ATTEST_TRY([[maybe_unused]] const Done found, find_functions(library, f));
  ATTEST_TRY(
      [[maybe_unused]] const Done registered,
      check(f, "cuptiActivityRegisterCallbacks()", f.register_callbacks(give_buffer, take_buffer)));
  // Registering succeeds where tracing does not: enabling is what counts.
  ATTEST_TRY([[maybe_unused]] const Done enabled,
             check(f,
                   "cuptiActivityEnable(kind=CONCURRENT_KERNEL)",
                   f.enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)));
  return std::to_string(version);
}

void clear_trace() {
  trace().f.flush(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  const std::lock_guard lock(trace().mutex);
  trace().records.clear();
  trace().dropped = 0;
}

Result<std::vector<LaunchRecord>> take_trace() {
  Trace& t = trace();
  t.f.flush(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  const std::lock_guard lock(t.mutex);
  if (t.dropped > 0) {
    return Error{Code::io, fmt::format("CUPTI dropped {} records of kernels", t.dropped), ""};
  }
  std::stable_sort(t.records.begin(), t.records.end(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  });
  std::vector<LaunchRecord> out;
  for (auto& [start, record] : t.records)
    out.push_back(std::move(record));
  t.records.clear();
  return out;
}

}  // namespace attest::cuda

#else

namespace attest::cuda {
namespace {

Error not_built() {
  return {Code::unsupported, "not built: it was left out, or cupti.h was missing", ""};
}

}  // namespace

Result<std::string> cupti_version() {
  return not_built();
}
Result<std::string> start_trace() {
  return not_built();
}
void clear_trace() {}
Result<std::vector<LaunchRecord>> take_trace() {
  return not_built();
}

}  // namespace attest::cuda

#endif
