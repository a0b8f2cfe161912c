// The entry point that libFuzzer calls; compiled once for each target.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/fuzz/target.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attest::ptx::ATTEST_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
