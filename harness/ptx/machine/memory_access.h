// MemoryAccess: what an instruction does to memory, in one word.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/machine/ordering.h"

#include <cstdint>

namespace attest::ptx {

/// Space, kind and order of an access. Fits an op slot of Instr.
class MemoryAccess {
 public:
  /// A weak access to global memory.
  constexpr MemoryAccess(Access access) : MemoryAccess(Space::global, access, {}) {}
  constexpr MemoryAccess(Space space, Access access, MemoryOrder order)
      : bits_(static_cast<std::uint32_t>(space) | static_cast<std::uint32_t>(access) << 4 |
              (order.is_strong ? kStrong : 0) | (order.acquires ? kAcquires : 0) |
              (order.releases ? kReleases : 0) | (order.is_cta ? kCta : 0)) {}

  [[nodiscard]] static constexpr MemoryAccess unpacked(std::uint32_t bits) {
    MemoryAccess access(Access::none);
    access.bits_ = bits;
    return access;
  }
  [[nodiscard]] constexpr std::uint32_t packed() const { return bits_; }

  [[nodiscard]] constexpr Space space() const { return static_cast<Space>(bits_ & 15); }
  [[nodiscard]] constexpr Access access() const { return static_cast<Access>(bits_ >> 4 & 3); }
  [[nodiscard]] constexpr bool reads() const { return access() != Access::write; }
  [[nodiscard]] constexpr bool writes() const { return access() != Access::read; }
  [[nodiscard]] constexpr bool is_strong() const { return (bits_ & kStrong) != 0; }
  [[nodiscard]] constexpr MemoryOrder order() const {
    return {is_strong(), (bits_ & kAcquires) != 0, (bits_ & kReleases) != 0, (bits_ & kCta) != 0};
  }
  [[nodiscard]] constexpr Effect effect() const {
    return access() == Access::read    ? Effect::read
           : access() == Access::write ? Effect::write
                                       : Effect::update;
  }
  /// ld.global.nc: nobody writes there while the kernel runs.
  [[nodiscard]] constexpr bool is_nc() const { return (bits_ & kNc) != 0; }
  /// Addresses are in 64-bit registers.
  [[nodiscard]] constexpr bool is_wide() const { return (bits_ & kNarrow) == 0; }

  [[nodiscard]] constexpr MemoryAccess in(Space space) const {
    return unpacked((bits_ & ~15u) | static_cast<std::uint32_t>(space));
  }
  [[nodiscard]] constexpr MemoryAccess with_nc() const { return unpacked(bits_ | kNc); }
  [[nodiscard]] constexpr MemoryAccess with_narrow_addresses() const {
    return unpacked(bits_ | kNarrow);
  }

 private:
  static constexpr std::uint32_t kStrong = 1u << 6;
  static constexpr std::uint32_t kAcquires = 1u << 7;
  static constexpr std::uint32_t kReleases = 1u << 8;
  static constexpr std::uint32_t kCta = 1u << 9;
  static constexpr std::uint32_t kNc = 1u << 10;
  static constexpr std::uint32_t kNarrow = 1u << 11;

  std::uint32_t bits_ = 0;
};

}  // namespace attest::ptx
