// Local memory of one CTA: the same number of bytes for each thread, and which of them were written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace attest::ptx {

class LocalMemory {
 public:
  /// Of one thread.  Source  CUDA C++ Programming Guide, technical specifications.
  static constexpr std::int64_t kMaxThreadBytes = std::int64_t{512} << 10;

  /// For a new CTA: every byte poisoned and unwritten.
  void reset(std::int64_t threads, std::int64_t bytes_per_thread, bool is_checked);

  [[nodiscard]] std::int64_t bytes_per_thread() const { return bytes_per_thread_; }
  /// Host address of a byte; no other thread has bytes there.
  [[nodiscard]] std::byte* data(std::uint32_t thread, std::uint64_t address) {
    return data_.data() + place(thread, address);
  }
  /// Bytes and what is known of them, to a place that does not overlap.
  void copy(std::uint32_t thread, std::uint64_t from, std::uint64_t to, std::uint64_t size_bytes);
  void mark_written(std::uint32_t thread, std::uint64_t address, std::uint64_t size_bytes);
  /// False when checked and none of these bytes was ever written. Some is enough: compilers copy
  /// structs by words, gaps between members included.
  [[nodiscard]] bool is_written(std::uint32_t thread,
                                std::uint64_t address,
                                std::uint64_t size_bytes) const;

 private:
  [[nodiscard]] std::size_t place(std::uint32_t thread, std::uint64_t address) const {
    return thread * static_cast<std::size_t>(bytes_per_thread_) + address;
  }

  std::vector<std::byte> data_;
  std::vector<std::uint8_t> written_;  // one per byte; empty: not checked
  std::int64_t bytes_per_thread_ = 0;
};

}  // namespace attest::ptx
