// Local memory and its shadow.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/local_memory.h"

#include <algorithm>

namespace attest::ptx {

void LocalMemory::reset(std::int64_t threads, std::int64_t bytes_per_thread, bool is_checked) {
  // Each thread starts at a multiple of 16, so that host and local addresses agree modulo that.
  constexpr std::int64_t kAlignment = 16;
  bytes_per_thread_ = (bytes_per_thread + kAlignment - 1) / kAlignment * kAlignment;
  const auto bytes = static_cast<std::size_t>(threads * bytes_per_thread_);
  data_.assign(bytes, std::byte{0xff});
  written_.assign(is_checked ? bytes : 0, 0);
}

void LocalMemory::copy(std::uint32_t thread,
                       std::uint64_t from,
                       std::uint64_t to,
                       std::uint64_t size_bytes) {
  const std::size_t source = place(thread, from);
  const std::size_t destination = place(thread, to);
  std::copy_n(data_.data() + source, size_bytes, data_.data() + destination);
  if (!written_.empty())
    std::copy_n(written_.data() + source, size_bytes, written_.data() + destination);
}

void LocalMemory::mark_written(std::uint32_t thread,
                               std::uint64_t address,
                               std::uint64_t size_bytes) {
  if (written_.empty()) return;
  std::fill_n(written_.begin() + static_cast<std::ptrdiff_t>(place(thread, address)),
              size_bytes,
              std::uint8_t{1});
}

bool LocalMemory::is_written(std::uint32_t thread,
                             std::uint64_t address,
                             std::uint64_t size_bytes) const {
  if (written_.empty()) return true;
  const auto first = written_.begin() + static_cast<std::ptrdiff_t>(place(thread, address));
  return std::any_of(first, first + static_cast<std::ptrdiff_t>(size_bytes), [](std::uint8_t b) {
    return b != 0;
  });
}

}  // namespace attest::ptx
