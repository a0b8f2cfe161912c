// Driver: the state behind the simulated libcuda.so.1, and the door through which each call comes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/driver/gpu.h"
#include "harness/driver/handle_table.h"
#include "harness/driver/module.h"
#include "harness/driver/settings.h"
#include "harness/driver/stream.h"
#include "harness/ptx/memory/global_memory.h"

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest::driver {

struct Context {
  unsigned flags = 0;
  std::uint64_t number = 0;
  bool is_primary = false;
  std::map<CUlimit, std::size_t> limits;  // that were set
};

struct DeviceAllocation {
  std::int64_t size_bytes = 0;
  std::shared_ptr<Context> context;
};

/// Host memory that copies may read and write after the call has returned.
struct PinnedMemory {
  std::size_t size_bytes = 0;
  unsigned flags = 0;
  std::unique_ptr<std::byte[]> storage;  // null: registered, of the caller
  std::shared_ptr<Context> context;
};

/// What an entry point needs to be true before it does anything.
enum class Need : std::uint8_t { nothing, initialised, context };

/// One device, one process. Work that streams are given waits in one queue, in the order of
/// submission, and is run by the next call that synchronises; there its faults are seen.
class Driver {
 public:
  static Driver& instance();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Recursive: a host function or an occupancy callback may call back.
  std::recursive_mutex& mutex() { return mutex_; }
  /// Counts the call, and says whether it may go on.
  CUresult begin(std::string_view entry_point, Need need);
  CUresult initialise();

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Gpu& gpu() const { return driver::gpu(settings_.sm); }

  /// The current context of this thread; null when there is none.
  [[nodiscard]] std::shared_ptr<Context> current() const;
  [[nodiscard]] std::vector<CUcontext>& context_stack() const;
  /// Takes back all that the context has.
  void destroy(const std::shared_ptr<Context>& context);

  /// A stream of the current context, default ones included; null for a bogus handle.
  std::shared_ptr<Stream> stream(CUstream handle);
  /// Into the queue, or into the graph that the stream captures.
  CUresult submit(const std::shared_ptr<Stream>& stream, Operation operation);
  /// Into the queue, whatever is captured.
  CUresult enqueue(std::shared_ptr<Stream> stream, Operation operation);
  /// Runs all that is queued. The first fault stays for ever.
  CUresult synchronise();
  /// CUDA_ERROR_NOT_READY when work of the stream (null: any) waited, which then ran meanwhile.
  CUresult poll(const Stream* stream);
  /// As synchronise, for calls that a capturing thread must not make: they end its captures.
  CUresult synchronise_outside_capture();
  /// An error when a stream captures and the call must not be made meanwhile.
  CUresult refuse_in_capture();

  /// Where [address, address + size) of device memory is; null when no allocation holds it all.
  [[nodiscard]] std::byte* bytes(CUdeviceptr address, std::size_t size_bytes) const;
  /// A pinned allocation that holds [pointer, pointer + size); null when there is none.
  [[nodiscard]] const PinnedMemory* pinned(const void* pointer, std::size_t size_bytes) const;

  HandleTable<CUcontext, Context, 1> contexts;
  HandleTable<CUmodule, LoadedModule, 2> modules;
  HandleTable<CUlibrary, LoadedModule, 3> libraries;
  HandleTable<CUfunction, Kernel, 4> functions;
  HandleTable<CUkernel, Kernel, 5> kernels;
  HandleTable<CUstream, Stream, 6> streams;
  HandleTable<CUevent, Event, 7> events;
  HandleTable<CUgraph, Graph, 8> graphs;
  HandleTable<CUgraphNode, GraphNode, 9> graph_nodes;
  HandleTable<CUgraphExec, Graph, 10> graph_execs;

  std::unique_ptr<ptx::GlobalMemory> memory;
  std::map<CUdeviceptr, DeviceAllocation> allocations;  // by base
  std::map<std::uintptr_t, PinnedMemory> host_memory;   // by first byte
  CUcontext primary = nullptr;
  std::int64_t primary_users = 0;
  unsigned primary_flags = 0;
  std::uint64_t next_number = 1;  // of contexts, streams, modules

 private:
  Driver();
  void end_if_leaked(const Context& context) const;
  void run_queue();
  CUresult refuse_legacy();

  std::recursive_mutex mutex_;
  Settings settings_;
  std::optional<Error> bad_settings_;
  std::map<std::string, std::int64_t, std::less<>> calls_;  // of entry points with injected faults
  bool is_initialised_ = false;
  CUresult fault_ = CUDA_SUCCESS;
  bool is_hung_ = false;
  bool is_running_ = false;
  struct Queued {
    std::shared_ptr<Stream> stream;
    Operation operation;
  };
  std::deque<Queued> queue_;
  std::shared_ptr<Stream> legacy_;
  std::shared_ptr<Stream> per_thread_;
};

/// One line to stderr.
void say(std::string_view text);
/// What an exception of the body becomes; to be called while it is handled.
CUresult result_of_exception(std::string_view entry_point) noexcept;

/// Every entry point is one call of this: `return enter(__func__, Need::context, [&](Driver& d) ..)`.
template <class Body>
CUresult enter(const char* entry_point, Need need, Body body) noexcept {
  try {
    Driver& driver = Driver::instance();
    const std::lock_guard lock(driver.mutex());
    if (const CUresult refused = driver.begin(entry_point, need); refused != CUDA_SUCCESS) {
      return refused;
    }
    return body(driver);
  } catch (...) {
    return result_of_exception(entry_point);
  }
}

}  // namespace attest::driver
