// Global memory: a sparse virtual map of allocations with red zones, the same on every run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace attest::ptx {

struct Allocation {
  std::string name;
  std::uint64_t base = 0;  // device address
  std::int64_t size_bytes = 0;
  bool is_writable = false;
  std::byte* data = nullptr;
  std::uint8_t* written = nullptr;  // one per byte, 0 = never written; null: all are initialised

  [[nodiscard]] bool holds(std::uint64_t first, std::uint64_t end) const {
    return first >= base && end <= base + static_cast<std::uint64_t>(size_bytes) && first <= end;
  }
};

class GlobalMemory {
 public:
  /// Below the first device address; addresses depend on the order and sizes only.
  static constexpr std::uint64_t kFirst = 0x7f0000000000ull;
  /// Unaddressable bytes before each allocation, at least.
  static constexpr std::uint64_t kRedZoneBytes = 4096;

  /// `contents` empty: uninitialised, every byte `dirt`. The base is 256-byte aligned plus skew.
  std::uint64_t allocate(std::string name,
                         std::int64_t size_bytes,
                         std::int64_t skew_bytes,
                         std::span<const std::byte> contents,
                         bool is_writable,
                         std::byte dirt = std::byte{0xff});

  /// The allocation that holds [first, end), or null.
  [[nodiscard]] const Allocation* find(std::uint64_t first, std::uint64_t end) const;
  /// The allocation whose bytes are nearest to `address`, or null when there are none.
  [[nodiscard]] const Allocation* nearest(std::uint64_t address) const;
  [[nodiscard]] const std::vector<Allocation>& allocations() const { return allocations_; }

 private:
  std::vector<Allocation> allocations_;  // ascending base
  std::vector<std::unique_ptr<std::byte[]>> storage_;
  std::vector<std::unique_ptr<std::uint8_t[]>> shadow_;
  std::uint64_t next_ = kFirst;
};

}  // namespace attest::ptx
