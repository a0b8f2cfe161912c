// The queue, faults that stay, and the order in which a call is refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"

#include "harness/driver/result_name.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <unistd.h>
#include <utility>

namespace attest::driver {
namespace {

// A real driver's queue is as long; the call that finds it full waits.
constexpr std::size_t kQueueLength = 1024;
constexpr int kLeaked = 66;  // exit code

bool is_inside(std::uintptr_t first, std::size_t size, std::uintptr_t at, std::size_t bytes) {
  return at >= first && bytes <= size && at - first <= size - bytes;
}

}  // namespace

void say(std::string_view text) {
  std::cerr << "attest's simulated driver: " << text << std::endl;
}

CUresult result_of_exception(std::string_view entry_point) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    say(std::string(entry_point) + ": " + e.what());
    return CUDA_ERROR_UNKNOWN;
  } catch (...) {
    return CUDA_ERROR_UNKNOWN;
  }
}

Driver& Driver::instance() {
  static Driver driver;
  return driver;
}

Driver::Driver() : legacy_(std::make_shared<Stream>()), per_thread_(std::make_shared<Stream>()) {
  auto settings = settings_from_environment();
  if (settings) {
    settings_ = *settings;
  } else {
    bad_settings_ = settings.error();
  }
  for (const InjectedFault& f : settings_.faults)
    calls_[f.entry_point] = 0;
}

CUresult Driver::begin(std::string_view entry_point, Need need) {
  if (const auto count = calls_.find(entry_point); count != calls_.end()) {
    ++count->second;
    for (const InjectedFault& f : settings_.faults) {
      if (f.entry_point == entry_point && f.call == count->second) return f.code;
    }
  }
  if (need == Need::nothing) return CUDA_SUCCESS;
  if (!is_initialised_) return CUDA_ERROR_NOT_INITIALIZED;
  if (need == Need::initialised) return CUDA_SUCCESS;
  if (context_stack().empty()) return CUDA_ERROR_INVALID_CONTEXT;
  if (current() == nullptr) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  return fault_;
}

CUresult Driver::initialise() {
  if (has_real_driver()) {
    say("a real NVIDIA driver is on this machine (/proc/driver/nvidia): use that one");
    return CUDA_ERROR_NO_DEVICE;
  }
  if (bad_settings_) {
    say(bad_settings_->to_string());
    return CUDA_ERROR_NO_DEVICE;
  }
  if (!memory) memory = std::make_unique<ptx::GlobalMemory>(settings_.memory_bytes);
  is_initialised_ = true;
  return CUDA_SUCCESS;
}

std::vector<CUcontext>& Driver::context_stack() const {
  thread_local std::vector<CUcontext> stack;
  return stack;
}

std::shared_ptr<Context> Driver::current() const {
  const std::vector<CUcontext>& stack = context_stack();
  return stack.empty() ? nullptr : contexts.find(stack.back());
}

void Driver::end_if_leaked(const Context& context) const {
  std::int64_t streams_left = 0;
  std::int64_t events_left = 0;
  std::int64_t modules_left = 0;
  std::int64_t graphs_left = 0;
  const auto count_into = [&](std::int64_t& left) {
    return [&](const auto& object) { left += object.context.get() == &context ? 1 : 0; };
  };
  streams.each(count_into(streams_left));
  events.each(count_into(events_left));
  modules.each(count_into(modules_left));
  graphs.each([&](const Graph&) { ++graphs_left; });
  graph_execs.each([&](const Graph&) { ++graphs_left; });
  const auto of_context = [&](const auto& entry) { return entry.second.context.get() == &context; };
  const auto allocations_left = std::count_if(allocations.begin(), allocations.end(), of_context);
  const auto host_left = std::count_if(host_memory.begin(), host_memory.end(), of_context);
  if (allocations_left + host_left + streams_left + events_left + modules_left + graphs_left == 0) {
    return;
  }
  say("a context is destroyed that still has " + std::to_string(allocations_left) +
      " allocations, " + std::to_string(host_left) + " of pinned memory, " +
      std::to_string(streams_left) + " streams, " + std::to_string(events_left) + " events, " +
      std::to_string(modules_left) + " modules, " + std::to_string(graphs_left) + " graphs");
  std::_Exit(kLeaked);
}

void Driver::destroy(const std::shared_ptr<Context>& context) {
  if (settings_.finds_leaks) end_if_leaked(*context);
  for (auto a = allocations.begin(); a != allocations.end();) {
    if (a->second.context == context) {
      memory->free(a->first);
      a = allocations.erase(a);
    } else {
      ++a;
    }
  }
  std::erase_if(host_memory, [&](const auto& entry) { return entry.second.context == context; });
  const auto is_of_context = [&](const auto& object) { return object.context == context; };
  streams.take_if(is_of_context);
  events.take_if(is_of_context);
  modules.take_if([&](LoadedModule& module) {
    if (module.context != context) return false;
    unload(*this, module);
    return true;
  });
}

std::shared_ptr<Stream> Driver::stream(CUstream handle) {
  if (handle == nullptr || handle == CU_STREAM_LEGACY) return legacy_;
  if (handle == CU_STREAM_PER_THREAD) return per_thread_;
  return streams.find(handle);
}

CUresult Driver::submit(const std::shared_ptr<Stream>& stream, Operation operation) {
  if (stream->capture != nullptr) {
    if (stream->capture->is_invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    stream->capture->operations.push_back(std::move(operation));
    return CUDA_SUCCESS;
  }
  if (stream == legacy_) {
    const CUresult refused = refuse_legacy();
    if (refused != CUDA_SUCCESS) return refused;
  }
  return enqueue(stream, std::move(operation));
}

CUresult Driver::enqueue(std::shared_ptr<Stream> stream, Operation operation) {
  queue_.push_back({std::move(stream), std::move(operation)});
  return queue_.size() < kQueueLength ? CUDA_SUCCESS : synchronise();
}

void Driver::run_queue() {
  while (!queue_.empty() && !is_hung_) {
    const Queued next = std::move(queue_.front());
    queue_.pop_front();
    bool never_ends = false;
    is_running_ = true;
    const CUresult result = next.operation.kernel != nullptr
                                ? run_launch(*this, *next.operation.kernel, &never_ends)
                                : next.operation.run(*this);
    is_running_ = false;
    is_hung_ = never_ends && settings_.hangs;
    if (!is_hung_ && result != CUDA_SUCCESS) {
      fault_ = result;
      queue_.clear();
    }
  }
}

CUresult Driver::synchronise() {
  if (is_running_) return CUDA_ERROR_NOT_PERMITTED;  // from a host function
  run_queue();
  if (!is_hung_) return fault_;
  mutex_.unlock();  // other threads go on, as they do beside a real one that hangs
  while (true)
    pause();
}

CUresult Driver::poll(const Stream* stream) {
  const bool waits = is_hung_ || std::any_of(queue_.begin(), queue_.end(), [&](const Queued& q) {
                       return stream == nullptr || q.stream.get() == stream;
                     });
  if (!waits) return fault_;
  if (!is_running_) run_queue();
  return fault_ == CUDA_SUCCESS ? CUDA_ERROR_NOT_READY : fault_;
}

/// The legacy stream waits for all blocking streams, which one that captures cannot do.
CUresult Driver::refuse_legacy() {
  CUresult result = CUDA_SUCCESS;
  streams.each([&](Stream& s) {
    if (s.capture == nullptr || (s.flags & CU_STREAM_NON_BLOCKING) != 0) return;
    s.capture->is_invalid = true;
    result = CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  });
  return result;
}

CUresult Driver::refuse_in_capture() {
  CUresult result = CUDA_SUCCESS;
  streams.each([&](Stream& s) {
    if (s.capture == nullptr || s.capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED) return;
    s.capture->is_invalid = true;
    result = CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  });
  return result;
}

CUresult Driver::synchronise_outside_capture() {
  const CUresult refused = refuse_in_capture();
  return refused != CUDA_SUCCESS ? refused : synchronise();
}

std::byte* Driver::bytes(CUdeviceptr address, std::size_t size_bytes) const {
  const ptx::Allocation* found = memory->find(address, address + size_bytes);
  return found == nullptr ? nullptr : found->data + (address - found->base);
}

const PinnedMemory* Driver::pinned(const void* pointer, std::size_t size_bytes) const {
  const auto at = reinterpret_cast<std::uintptr_t>(pointer);
  auto after = host_memory.upper_bound(at);
  if (after == host_memory.begin()) return nullptr;
  const auto& [first, found] = *--after;
  return is_inside(first, found.size_bytes, at, size_bytes) ? &found : nullptr;
}

}  // namespace attest::driver
