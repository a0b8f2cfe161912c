// Global memory: allocation and look-up.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_memory.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::uint64_t kAlignmentBytes = 256;
constexpr std::size_t kSlackBytes = 64;     // vector copies may read, never use, bytes past the end
constexpr std::size_t kHostAlignment = 64;  // host and device addresses agree modulo this

std::uint64_t align_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

}  // namespace

std::uint64_t GlobalMemory::allocate(std::string name,
                                     std::int64_t size_bytes,
                                     std::int64_t skew_bytes,
                                     std::span<const std::byte> contents,
                                     bool is_writable,
                                     std::byte dirt) {
  const auto size = static_cast<std::size_t>(size_bytes);
  Allocation a;
  a.name = std::move(name);
  a.base =
      align_up(next_ + kRedZoneBytes, kAlignmentBytes) + static_cast<std::uint64_t>(skew_bytes);
  a.size_bytes = size_bytes;
  a.is_writable = is_writable;
  storage_.push_back(
      std::make_unique_for_overwrite<std::byte[]>(size + kSlackBytes + 2 * kHostAlignment));
  const auto storage = reinterpret_cast<std::uintptr_t>(storage_.back().get());
  const std::uintptr_t aligned = align_up(storage, kHostAlignment) + a.base % kHostAlignment;
  a.data = storage_.back().get() + (aligned - storage);
  if (contents.empty()) {
    std::memset(a.data, std::to_integer<int>(dirt), size);
    shadow_.push_back(std::make_unique<std::uint8_t[]>(size + kSlackBytes));
    a.written = shadow_.back().get();
  } else {
    std::memcpy(a.data, contents.data(), size);
  }
  next_ = a.base + static_cast<std::uint64_t>(size_bytes);
  allocations_.push_back(std::move(a));
  return allocations_.back().base;
}

const Allocation* GlobalMemory::find(std::uint64_t first, std::uint64_t end) const {
  const auto after =
      std::upper_bound(allocations_.begin(),
                       allocations_.end(),
                       first,
                       [](std::uint64_t address, const Allocation& a) { return address < a.base; });
  if (after == allocations_.begin()) return nullptr;
  const Allocation& a = *std::prev(after);
  return a.holds(first, end) ? &a : nullptr;
}

const Allocation* GlobalMemory::nearest(std::uint64_t address) const {
  const Allocation* best = nullptr;
  std::uint64_t best_distance = std::numeric_limits<std::uint64_t>::max();
  for (const Allocation& a : allocations_) {
    const std::uint64_t end = a.base + static_cast<std::uint64_t>(a.size_bytes);
    const std::uint64_t distance = address < a.base ? a.base - address
                                   : address < end  ? 0
                                                    : address - end + 1;
    if (distance < best_distance) {
      best = &a;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace attest::ptx
