// Global memory: a sparse virtual map of allocations with red zones, the same on every run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/memory/module_variables.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace attest::ptx {

struct Allocation {
  std::string name;
  std::uint64_t base = 0;  // device address
  std::int64_t size_bytes = 0;
  bool is_writable = false;
  bool is_constant = false;  // a .const variable
  bool is_freed = false;     // its bytes are gone, its addresses are not given out again
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

  /// Bytes that live allocations may have together.
  static constexpr std::int64_t kDefaultCapacity = std::int64_t{16} << 30;

  explicit GlobalMemory(std::int64_t capacity_bytes = kDefaultCapacity)
      : capacity_bytes_(capacity_bytes) {}

  [[nodiscard]] bool fits(std::int64_t size_bytes) const {
    return size_bytes >= 0 && size_bytes <= capacity_bytes_ - bytes_;
  }
  /// To be called with sizes that fit. `contents` empty: uninitialised, every byte `dirt`. The base is 256-byte aligned plus skew.
  std::uint64_t allocate(std::string name,
                         std::int64_t size_bytes,
                         std::int64_t skew_bytes,
                         std::span<const std::byte> contents,
                         bool is_writable,
                         std::byte dirt = std::byte{0xff});

  /// Takes away the bytes of the allocation that starts at `base`. False when none that lives does.
  bool free(std::uint64_t base);

  /// Device addresses of a module's variables, which it gets at the first call and keeps: what one
  /// launch wrote the next one reads. Empty when they do not fit.
  std::optional<std::span<const std::uint64_t>> instantiate(const ModuleVariables& module);

  /// The allocation that holds [first, end) and lives, or null.
  [[nodiscard]] const Allocation* find(std::uint64_t first, std::uint64_t end) const;
  /// The allocation whose bytes are, or were, nearest to `address`; null when there are none.
  [[nodiscard]] const Allocation* nearest(std::uint64_t address) const;
  [[nodiscard]] const std::vector<Allocation>& allocations() const { return allocations_; }

 private:
  std::vector<Allocation> allocations_;  // ascending base
  std::vector<std::unique_ptr<std::byte[]>> storage_;
  std::vector<std::unique_ptr<std::uint8_t[]>> shadow_;
  std::uint64_t next_ = kFirst;
  std::int64_t bytes_ = 0;  // of live allocations
  std::int64_t capacity_bytes_;

  struct Instance {
    ModuleVariables module;
    std::vector<std::uint64_t> addresses;
  };
  std::list<Instance> instances_;
};

}  // namespace attest::ptx
