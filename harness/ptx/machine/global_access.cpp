// Checks of one warp-wide access to global memory.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/global_access.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

struct Range {
  std::uint64_t low = ~0ull;
  std::uint64_t high = 0;
  std::uint64_t bits = 0;
};

Range range_of(std::uint32_t m, const std::uint64_t* addresses, std::uint64_t offset) {
  Range r;
  if (m == kAllLanes) {  // no condition in the loop, so that it becomes vectors
    for (int l = 0; l < kLanes; ++l) {
      const std::uint64_t a = addresses[l] + offset;
      r.low = std::min(r.low, a);
      r.high = std::max(r.high, a);
      r.bits |= a;
    }
    return r;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint64_t a = addresses[l] + offset;
    r.low = std::min(r.low, a);
    r.high = std::max(r.high, a);
    r.bits |= a;
  }
  return r;
}

bool is_written(const Allocation& a, std::uint64_t address, std::int64_t size_bytes) {
  const std::uint8_t* shadow = a.written + (address - a.base);
  return std::all_of(shadow, shadow + size_bytes, [](std::uint8_t b) { return b != 0; });
}

/// One lane on its own: finds its allocation, or reports.
const Allocation* check_lane(Warp& w,
                             const Instr* i,
                             int lane,
                             std::uint64_t address,
                             std::int64_t size_bytes,
                             Access access) {
  const auto size = static_cast<std::uint64_t>(size_bytes);
  if (address % size != 0) {
    report_global(w, i, lane, FindingKind::misaligned, access, address, size_bytes);
    return nullptr;
  }
  const Allocation* a = w.cta->grid().memory().find(address, address + size);
  if (a == nullptr || (access == Access::write && !a->is_writable)) {
    report_global(w, i, lane, FindingKind::out_of_bounds, access, address, size_bytes);
    return nullptr;
  }
  const bool is_checked = w.cta->grid().options().is_checked;
  if (access == Access::read && is_checked && a->written != nullptr &&
      !is_written(*a, address, size_bytes)) {
    report_global(w, i, lane, FindingKind::uninitialised_read, access, address, size_bytes);
    return nullptr;
  }
  return a;
}

}  // namespace

bool global_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::int64_t offset,
                  std::int64_t size_bytes,
                  Access access,
                  GlobalLanes* out) {
  out->is_contiguous = false;
  if (m == 0) return true;
  const auto size = static_cast<std::uint64_t>(size_bytes);
  const auto shift = static_cast<std::uint64_t>(offset);
  const Range r = range_of(m, addresses, shift);
  const Allocation*& hint = w.cta->grid().last_allocation(i);
  const bool is_aligned = r.bits % size == 0;
  if (hint == nullptr || !hint->holds(r.low, r.high + size)) {
    hint = w.cta->grid().memory().find(r.low, r.high + size);
  }
  const Allocation* a = hint;
  const bool needs_written = access == Access::read && a != nullptr && a->written != nullptr;
  if (a == nullptr || !is_aligned || needs_written ||
      (access == Access::write && !a->is_writable)) {
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) == 0) continue;
      const std::uint64_t address = addresses[l] + shift;
      const Allocation* own = check_lane(w, i, l, address, size_bytes, access);
      if (own == nullptr) return false;
      out->host[l] = own->data + (address - own->base);
      if (access == Access::write && own->written != nullptr) {
        std::memset(own->written + (address - own->base), 1, size);
      }
    }
    return true;
  }
  bool is_run = m == kAllLanes;
  for (int l = 0; l < kLanes; ++l) {
    const std::uint64_t at = addresses[l] + shift - a->base;
    out->host[l] = a->data + ((m >> l & 1) != 0 ? at : 0);
    is_run &= addresses[l] == addresses[0] + static_cast<std::uint64_t>(l) * size;
  }
  out->is_contiguous = is_run;
  if (access == Access::write && a->written != nullptr) {
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) std::memset(a->written + (addresses[l] + shift - a->base), 1, size);
    }
  }
  return true;
}

}  // namespace attest::ptx
