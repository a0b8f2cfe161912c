// The driver's calls behind memory, modules, streams and events.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/resources.h"

#include <array>

namespace attest::cuda {

Outcome free_memory(const Driver& driver, CUdeviceptr memory) {
  return driver.call(driver.mem_free, "dptr", memory);
}

Outcome unload_module(const Driver& driver, CUmodule module) {
  return driver.call(driver.module_unload, "hmod", module);
}

Outcome destroy_stream(const Driver& driver, CUstream stream) {
  return driver.call(driver.stream_destroy, "hStream", stream);
}

Outcome destroy_event(const Driver& driver, CUevent event) {
  return driver.call(driver.event_destroy, "hEvent", event);
}

Result<DeviceMemory> allocate(const Driver& driver, std::size_t bytes) {
  CUdeviceptr memory = 0;
  ATTEST_TRY([[maybe_unused]] const Done done,
             driver.call(driver.mem_alloc, "_,bytesize", &memory, bytes).status());
  return DeviceMemory(driver, memory);
}

Result<Stream> create_stream(const Driver& driver) {
  CUstream stream = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done done,
             driver.call(driver.stream_create, "_,Flags", &stream, 1U).status());  // not blocking
  return Stream(driver, stream);
}

Result<Event> create_event(const Driver& driver) {
  CUevent event = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done done,
             driver.call(driver.event_create, "_,Flags", &event, 0U).status());
  return Event(driver, event);
}

Result<Module> load_ptx(const Driver& driver, const std::string& ptx) {
  std::array<char, 4096> log{};
  std::array<CUjit_option, 2> options = {CU_JIT_ERROR_LOG_BUFFER,
                                         CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  std::array<void*, 2> values = {log.data(), reinterpret_cast<void*>(log.size())};
  CUmodule module = nullptr;
  const Outcome outcome = driver.call(driver.module_load_data_ex,
                                      "_,image,numOptions,_,_",
                                      &module,
                                      static_cast<const void*>(ptx.c_str()),
                                      static_cast<unsigned int>(options.size()),
                                      options.data(),
                                      values.data());
  if (outcome.is_ok()) return Module(driver, module);
  log.back() = '\0';
  const std::string words = log.data();
  if (words.empty()) return outcome.status().error();
  return Error{
      Code::bad_input, outcome.text + "; its log: " + words.substr(0, words.find('\n')), ""};
}

Status copy_in(const Driver& driver, CUdeviceptr to, std::span<const std::byte> from) {
  if (from.empty()) return Done{};
  const void* source = from.data();
  return driver.call(driver.memcpy_htod, "dstDevice,_,ByteCount", to, source, from.size()).status();
}

Status copy_out(const Driver& driver, std::span<std::byte> to, CUdeviceptr from) {
  if (to.empty()) return Done{};
  void* target = to.data();
  return driver.call(driver.memcpy_dtoh, "_,srcDevice,ByteCount", target, from, to.size()).status();
}

Status fill(const Driver& driver, CUdeviceptr to, unsigned char byte, std::size_t bytes) {
  if (bytes == 0) return Done{};
  return driver.call(driver.memset_d8, "dstDevice,uc,N", to, byte, bytes).status();
}

}  // namespace attest::cuda
