// Checks of one warp-wide access to global memory.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/global_access.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/global_race.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/traffic.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

/// What the executing lanes' addresses have in common.
struct Shape {
  std::uint64_t low = ~0ull;
  std::uint64_t high = 0;
  std::uint64_t bits = 0;  // of all addresses, for their alignment
  bool are_runs = false;   // as in LaneBytes
  bool is_contiguous = false;
  bool is_same = false;
};

/// All lanes: most accesses are one or two runs or one place for all, which takes one pass to see.
Shape shape_of_all(const std::uint64_t* addresses, std::uint64_t offset, std::uint64_t size_bytes) {
  constexpr int kHalf = kLanes / 2;
  const std::uint64_t* upper = addresses + kHalf;
  std::uint64_t off_runs = 0;
  std::uint64_t off_same = addresses[0] ^ upper[0];
  for (int l = 0; l < kHalf; ++l) {
    const std::uint64_t step = static_cast<std::uint64_t>(l) * size_bytes;
    off_runs |= (addresses[l] - addresses[0]) ^ step;
    off_runs |= (upper[l] - upper[0]) ^ step;
    off_same |= (addresses[l] ^ addresses[0]) | (upper[l] ^ upper[0]);
  }
  Shape s;
  s.are_runs = off_runs == 0;
  s.is_contiguous = s.are_runs && upper[0] - addresses[0] == kHalf * size_bytes;
  s.is_same = off_same == 0;
  if (s.are_runs || s.is_same) {
    s.low = std::min(addresses[0], upper[0]) + offset;
    s.high = std::max(addresses[0], upper[0]) + offset + (s.is_same ? 0 : kHalf - 1) * size_bytes;
    s.bits = (addresses[0] + offset) | (upper[0] + offset);
    return s;
  }
  for (int l = 0; l < kLanes; ++l) {  // no condition in the loop, so that it becomes vectors
    const std::uint64_t a = addresses[l] + offset;
    s.low = std::min(s.low, a);
    s.high = std::max(s.high, a);
    s.bits |= a;
  }
  return s;
}

Shape shape_of(std::uint32_t m,
               const std::uint64_t* addresses,
               std::uint64_t offset,
               std::uint64_t size_bytes) {
  if (m == kAllLanes) return shape_of_all(addresses, offset, size_bytes);
  Shape s;
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint64_t a = addresses[l] + offset;
    s.low = std::min(s.low, a);
    s.high = std::max(s.high, a);
    s.bits |= a;
  }
  return s;
}

bool is_written(const Allocation& a, std::uint64_t address, std::int64_t size_bytes) {
  const std::uint8_t* shadow = a.written + (address - a.base);
  return std::all_of(shadow, shadow + size_bytes, [](std::uint8_t b) { return b != 0; });
}

/// True when that is known at once: of inputs, and of bytes that lie together.
bool is_initialised(const Warp& w, const Allocation& a, const Shape& s, std::uint64_t size_bytes) {
  if (a.written == nullptr || !w.cta->grid().options().is_checked) return true;
  if (!s.is_contiguous && !s.is_same) return false;
  return std::memchr(a.written + (s.low - a.base), 0, s.high - s.low + size_bytes) == nullptr;
}

/// Whether the allocation is of the space and may be written if the access does that.
bool allows(const Allocation& a, MemoryAccess access) {
  const bool is_of_space =
      access.space() == Space::generic || a.is_constant == (access.space() == Space::constant);
  return is_of_space && (a.is_writable || !access.writes());
}

/// One lane on its own: finds its allocation, or reports.
const Allocation* check_lane(Warp& w,
                             const Instr* i,
                             int lane,
                             std::uint64_t address,
                             std::int64_t size_bytes,
                             MemoryAccess access) {
  const auto size = static_cast<std::uint64_t>(size_bytes);
  const auto refuse = [&](FindingKind kind) {
    report_global(w, i, lane, kind, {Space::global, access.access(), address, size_bytes});
    return nullptr;
  };
  if (address % size != 0) return refuse(FindingKind::misaligned);
  const Allocation* a = w.cta->grid().memory().find(address, address + size);
  if (a == nullptr || !allows(*a, access)) return refuse(FindingKind::out_of_bounds);
  const bool is_checked = w.cta->grid().options().is_checked;
  if (access.reads() && is_checked && a->written != nullptr && !is_written(*a, address, size_bytes))
    return refuse(FindingKind::uninitialised_read);
  return a;
}

/// Lanes that are in several allocations, or in one whose bytes are not all known to be written.
bool check_lanes(Warp& w,
                 const Instr* i,
                 std::uint32_t m,
                 const std::uint64_t* addresses,
                 std::uint64_t offset,
                 std::int64_t size_bytes,
                 MemoryAccess access,
                 LaneBytes* out) {
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint64_t address = addresses[l] + offset;
    const Allocation* own = check_lane(w, i, l, address, size_bytes, access);
    if (own == nullptr) return false;
    out->host[l] = own->data + (address - own->base);
    if (access.writes() && own->written != nullptr) {
      std::memset(own->written + (address - own->base), 1, static_cast<std::size_t>(size_bytes));
    }
  }
  return true;
}

/// Lanes that are all in `a`, which lets them do what they do.
void find_lanes(const Allocation& a,
                std::uint32_t m,
                const std::uint64_t* addresses,
                std::uint64_t offset,
                std::uint64_t size_bytes,
                MemoryAccess access,
                LaneBytes* out) {
  for (int l = 0; l < kLanes; ++l) {
    const std::uint64_t at = addresses[l] + offset - a.base;
    out->host[l] = a.data + ((m >> l & 1) != 0 ? at : 0);
  }
  if (!access.writes() || a.written == nullptr) return;
  if (out->is_contiguous) {
    std::memset(a.written + (addresses[0] + offset - a.base), 1, kLanes * size_bytes);
    return;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0) std::memset(a.written + (addresses[l] + offset - a.base), 1, size_bytes);
  }
}

}  // namespace

bool global_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::int64_t offset,
                  std::int64_t size_bytes,
                  MemoryAccess access,
                  LaneBytes* out) {
  out->are_runs = out->is_contiguous = out->is_same = false;
  if (m == 0) return true;
  if (w.traffic != nullptr && access.space() != Space::constant) [[unlikely]] {
    const Moves moves =
        access.reads() ? access.writes() ? Moves::both : Moves::reads : Moves::writes;
    w.traffic->global(m, addresses, offset, size_bytes, moves);
  }
  const auto size = static_cast<std::uint64_t>(size_bytes);
  const auto shift = static_cast<std::uint64_t>(offset);
  const Shape s = shape_of(m, addresses, shift, size);
  const Allocation*& hint = w.cta->grid().last_allocation(i);
  if (hint == nullptr || !hint->holds(s.low, s.high + size)) {
    hint = w.cta->grid().memory().find(s.low, s.high + size);
  }
  const Allocation* a = hint;
  const bool is_plain = a != nullptr && s.bits % size == 0 && allows(*a, access) &&
                        (!access.reads() || is_initialised(w, *a, s, size));
  if (is_plain) [[likely]] {
    out->are_runs = s.are_runs;
    out->is_contiguous = s.is_contiguous;
    out->is_same = s.is_same;
    find_lanes(*a, m, addresses, shift, size, access, out);
  } else if (!check_lanes(w, i, m, addresses, shift, size_bytes, access, out)) {
    return false;
  }
  if (is_plain && !a->is_writable && !access.is_strong()) return true;
  return watch_global(w, i, m, addresses, shift, size, access);
}

}  // namespace attest::ptx
