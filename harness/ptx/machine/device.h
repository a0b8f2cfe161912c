// Device: what the GPU of an architecture holds at once; decides which launches fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace attest::ptx {

struct Device {
  int sm = 80;
  std::string_view product;  // whose number of multiprocessors it is
  std::int64_t multiprocessors = 0;
  std::int64_t threads = 0;  // this and the next two: resident on one multiprocessor
  std::int64_t blocks = 0;
  std::int64_t shared_bytes = 0;
  std::int64_t block_shared_bytes = 0;  // that one block may opt in to
};

/// The device of "sm_<sm>"; of the next lower one in the table when it is not there.
[[nodiscard]] const Device& device(int sm);

/// How many blocks of this shape are resident at once. Registers are not counted: how many a thread
/// takes is known to ptxas only.
[[nodiscard]] std::int64_t resident_blocks(const Device& device,
                                           std::int64_t threads,
                                           std::int64_t shared_bytes);

}  // namespace attest::ptx
