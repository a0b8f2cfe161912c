// Global memory: allocation and look-up.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_memory.h"

#include "harness/base/check.h"

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

/// The bytes of a variable, with the addresses that it holds.
std::vector<std::byte> initial_bytes(const ModuleVariable& v,
                                     const std::vector<std::uint64_t>& addresses) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(v.size_bytes));
  std::copy(v.contents.begin(), v.contents.end(), bytes.begin());
  for (const AddressBytes& a : v.addresses) {
    const std::uint64_t address =
        (addresses[a.variable] + static_cast<std::uint64_t>(a.addend)) >> a.shift_bits;
    std::memcpy(bytes.data() + a.offset, &address, static_cast<std::size_t>(a.size_bytes));
  }
  return bytes;
}

}  // namespace

std::uint64_t GlobalMemory::allocate(std::string name,
                                     std::int64_t size_bytes,
                                     std::int64_t skew_bytes,
                                     std::span<const std::byte> contents,
                                     bool is_writable,
                                     std::byte dirt) {
  ATTEST_CHECK(fits(size_bytes));
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
  shadow_.emplace_back();
  if (contents.empty()) {
    std::memset(a.data, std::to_integer<int>(dirt), size);
    shadow_.back() = std::make_unique<std::uint8_t[]>(size + kSlackBytes);
    a.written = shadow_.back().get();
  } else {
    ATTEST_CHECK(contents.size() == size);
    std::memcpy(a.data, contents.data(), size);
  }
  next_ = a.base + static_cast<std::uint64_t>(size_bytes);
  bytes_ += size_bytes;
  allocations_.push_back(std::move(a));
  return allocations_.back().base;
}

bool GlobalMemory::free(std::uint64_t base) {
  const auto found =
      std::lower_bound(allocations_.begin(),
                       allocations_.end(),
                       base,
                       [](const Allocation& a, std::uint64_t address) { return a.base < address; });
  if (found == allocations_.end() || found->base != base || found->is_freed) return false;
  const auto nth = static_cast<std::size_t>(found - allocations_.begin());
  found->is_freed = true;
  found->data = nullptr;
  found->written = nullptr;
  storage_[nth].reset();
  shadow_[nth].reset();
  bytes_ -= found->size_bytes;
  return true;
}

std::optional<std::span<const std::uint64_t>> GlobalMemory::instantiate(
    const ModuleVariables& module) {
  for (const Instance& i : instances_) {
    if (i.module == module) return i.addresses;
  }
  std::int64_t total = 0;
  for (const ModuleVariable& v : module.variables)
    total += v.size_bytes;
  if (!fits(total)) return std::nullopt;
  Instance& instance = instances_.emplace_back();
  instance.module = module;
  // Addresses first: a variable may hold the address of a later one.
  const std::size_t first = allocations_.size();
  for (const ModuleVariable& v : module.variables) {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(v.size_bytes));
    instance.addresses.push_back(allocate(v.name, v.size_bytes, 0, zeros, !v.is_constant));
  }
  for (std::size_t n = 0; n < module.variables.size(); ++n) {
    Allocation& a = allocations_[first + n];
    a.is_constant = module.variables[n].is_constant;
    const std::vector<std::byte> bytes = initial_bytes(module.variables[n], instance.addresses);
    std::copy(bytes.begin(), bytes.end(), a.data);
  }
  return instance.addresses;
}

const Allocation* GlobalMemory::find(std::uint64_t first, std::uint64_t end) const {
  const auto after =
      std::upper_bound(allocations_.begin(),
                       allocations_.end(),
                       first,
                       [](std::uint64_t address, const Allocation& a) { return address < a.base; });
  if (after == allocations_.begin()) return nullptr;
  const Allocation& a = *std::prev(after);
  return a.holds(first, end) && !a.is_freed ? &a : nullptr;
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
