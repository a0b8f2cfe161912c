// What a job holds of the driver, given back at its end: memory, modules, a stream, events.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/driver.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attest::cuda {

/// A handle of the driver's that `Give` gives back, unless the driver is abandoned.
template <class Handle, Outcome (*Give)(const Driver&, Handle)>
class Owned {
 public:
  Owned(const Driver& driver, Handle handle) : driver_(&driver), handle_(handle) {}
  Owned(Owned&& other) noexcept
      : driver_(other.driver_), handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(driver_, other.driver_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    // A failure changes nothing: the context is ruined, and the process ends after this job.
    if (handle_ != Handle{} && !driver_->is_abandoned()) (void)Give(*driver_, handle_);
  }
  [[nodiscard]] Handle get() const { return handle_; }

 private:
  const Driver* driver_;
  Handle handle_;
};

Outcome free_memory(const Driver& driver, CUdeviceptr memory);
Outcome unload_module(const Driver& driver, CUmodule module);
Outcome destroy_stream(const Driver& driver, CUstream stream);
Outcome destroy_event(const Driver& driver, CUevent event);

using DeviceMemory = Owned<CUdeviceptr, free_memory>;
using Module = Owned<CUmodule, unload_module>;
using Stream = Owned<CUstream, destroy_stream>;
using Event = Owned<CUevent, destroy_event>;

/// Errors  of the driver's call, as Outcome::status.
Result<DeviceMemory> allocate(const Driver& driver, std::size_t bytes);
Result<Stream> create_stream(const Driver& driver);
Result<Event> create_event(const Driver& driver);
/// Errors  Code::bad_input with the first line of the compiler's log for PTX that it does not take.
Result<Module> load_ptx(const Driver& driver, const std::string& ptx);

Status copy_in(const Driver& driver, CUdeviceptr to, std::span<const std::byte> from);
Status copy_out(const Driver& driver, std::span<std::byte> to, CUdeviceptr from);
Status fill(const Driver& driver, CUdeviceptr to, unsigned char byte, std::size_t bytes);

}  // namespace attest::cuda
