// One lane at a time through shared, local and parameter memory; generic addresses by their window.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/access.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/traffic.h"
#include "harness/ptx/memory/windows.h"

#include <algorithm>
#include <utility>

namespace attest::ptx {
namespace {

/// One lane of an access to a space that has offsets from 0.
struct LaneAccess {
  int lane = 0;
  std::uint64_t address = 0;
  std::uint64_t size_bytes = 0;
  MemoryAccess access;

  [[nodiscard]] bool is_aligned() const { return address % size_bytes == 0; }
  [[nodiscard]] bool is_within(std::int64_t limit) const {
    const auto end = static_cast<std::uint64_t>(limit);
    return address <= end && end - address >= size_bytes;
  }
};

std::byte* shared_lane(Warp& w, const Instr* i, const LaneAccess& a) {
  const bool is_aligned = a.is_aligned();
  const auto size = static_cast<std::uint32_t>(a.size_bytes);
  const auto address = static_cast<std::uint32_t>(std::min<std::uint64_t>(a.address, ~0u));
  if (!is_aligned || !a.is_within(w.cta->shared().size_bytes())) {
    const FindingKind kind = is_aligned ? FindingKind::out_of_bounds : FindingKind::misaligned;
    report_shared_bounds(w, i, a.lane, kind, a.access.access(), address, size);
    return nullptr;
  }
  const bool is_fine =
      a.access.is_strong()
          ? strong_shared(w, i, a.lane, address, size, a.access.effect(), a.access.order())
      : a.access.writes() ? shadow_write(w, i, a.lane, address, size)
                          : shadow_read(w, i, a.lane, address, size);
  return is_fine ? w.cta->shared().data() + address : nullptr;
}

void report_lane(Warp& w, const Instr* i, const LaneAccess& a, FindingKind kind, Space space) {
  report_access(w,
                i,
                a.lane,
                kind,
                {space, a.access.access(), a.address, static_cast<std::int64_t>(a.size_bytes)});
}

std::byte* local_lane(Warp& w, const Instr* i, const LaneAccess& a) {
  LocalMemory& local = w.cta->local();
  const std::uint32_t thread = w.index * kLanes + static_cast<std::uint32_t>(a.lane);
  if (!a.is_aligned()) {
    report_lane(w, i, a, FindingKind::misaligned, Space::local);
  } else if (!a.is_within(w.cta->grid().program().local_bytes)) {
    report_lane(w, i, a, FindingKind::out_of_bounds, Space::local);
  } else if (a.access.reads() && !local.is_written(thread, a.address, a.size_bytes)) {
    report_lane(w, i, a, FindingKind::uninitialised_read, Space::local);
  } else {
    if (a.access.writes()) local.mark_written(thread, a.address, a.size_bytes);
    return local.data(thread, a.address);
  }
  return nullptr;
}

std::byte* param_lane(Warp& w, const Instr* i, const LaneAccess& a) {
  if (!a.is_aligned()) {
    report_lane(w, i, a, FindingKind::misaligned, Space::param);
  } else if (a.access.writes() || !a.is_within(w.cta->grid().program().parameter_bytes)) {
    report_lane(w, i, a, FindingKind::out_of_bounds, Space::param);
  } else {
    // Read only, as was just checked.
    return const_cast<std::byte*>(w.cta->parameters()) + a.address;
  }
  return nullptr;
}

using OneLane = std::byte* (*)(Warp&, const Instr*, const LaneAccess&);

LaneOrder ascending(std::uint32_t m) {
  LaneOrder order;
  for (int l = 0; l < kLanes; ++l) {
    order.lane[order.count] = static_cast<std::uint8_t>(l);
    order.count += static_cast<int>(m >> l & 1);
  }
  return order;
}

void count_traffic(Warp& w,
                   std::uint32_t m,
                   const std::uint64_t* addresses,
                   std::uint64_t window,
                   std::int64_t size_bytes,
                   MemoryAccess access) {
  if (access.space() == Space::local) return w.traffic->local(m, size_bytes);
  if (access.space() != Space::shared) return;
  std::uint32_t offsets[kLanes];
  for (int l = 0; l < kLanes; ++l)
    offsets[l] = static_cast<std::uint32_t>(addresses[l] - window);
  const bool is_atomic = access.access() == Access::atomic;
  w.traffic->shared(m, offsets, size_bytes, is_atomic ? SharedPath::atomic : SharedPath::plain);
}

/// Lanes in the order in which they take effect, at their address minus `window`.
template <OneLane kOne>
bool each_lane(Warp& w,
               const Instr* i,
               std::uint32_t m,
               const std::uint64_t* addresses,
               std::uint64_t window,
               std::int64_t size_bytes,
               MemoryAccess access,
               LaneBytes* out) {
  const bool is_atomic = access.access() == Access::atomic;
  for (const int l : is_atomic ? lane_order(w, i, m) : ascending(m)) {
    const LaneAccess one{l, addresses[l] - window, static_cast<std::uint64_t>(size_bytes), access};
    out->host[l] = kOne(w, i, one);
    if (out->host[l] == nullptr) return false;
  }
  if (w.traffic != nullptr) [[unlikely]]
    count_traffic(w, m, addresses, window, size_bytes, access);
  return true;
}

/// A warp that reads one parameter asks once.
bool param_lanes(Warp& w,
                 const Instr* i,
                 std::uint32_t m,
                 const std::uint64_t* addresses,
                 std::int64_t size_bytes,
                 MemoryAccess access,
                 LaneBytes* out) {
  const bool is_one = std::all_of(
      addresses, addresses + kLanes, [&](std::uint64_t a) { return a == addresses[0]; });
  if (m != kAllLanes || !is_one)
    return each_lane<param_lane>(w, i, m, addresses, kParamWindow, size_bytes, access, out);
  if (!each_lane<param_lane>(w, i, 1, addresses, kParamWindow, size_bytes, access, out))
    return false;
  std::fill_n(out->host, kLanes, out->host[0]);
  return true;
}

bool access_generic(Warp& w,
                    const Instr* i,
                    std::uint32_t m,
                    const std::uint64_t* addresses,
                    std::int64_t size_bytes,
                    MemoryAccess access,
                    LaneBytes* out) {
  std::uint32_t shared = 0;
  std::uint32_t local = 0;
  std::uint32_t param = 0;
  for (std::uint32_t l = 0; l < kLanes; ++l) {
    shared |= static_cast<std::uint32_t>(is_in_window(addresses[l], kSharedWindow)) << l;
    local |= static_cast<std::uint32_t>(is_in_window(addresses[l], kLocalWindow)) << l;
    param |= static_cast<std::uint32_t>(is_in_window(addresses[l], kParamWindow)) << l;
  }
  const std::uint32_t global = m & ~(shared | local | param);
  out->in_global = global;
  if (global == m) return global_lanes(w, i, m, addresses, 0, size_bytes, access, out);
  if (global != 0 && !global_lanes(w, i, global, addresses, 0, size_bytes, access, out))
    return false;
  const auto in = [&](auto lanes, std::uint32_t some, std::uint64_t window, Space space) {
    return lanes(w, i, m & some, addresses, window, size_bytes, access.in(space), out);
  };
  return in(each_lane<shared_lane>, shared, kSharedWindow, Space::shared) &&
         in(each_lane<local_lane>, local, kLocalWindow, Space::local) &&
         in(each_lane<param_lane>, param, kParamWindow, Space::param);
}

}  // namespace

LaneOrder lane_order(const Warp& w, const Instr* i, std::uint32_t m) {
  LaneOrder order = ascending(m);
  const std::uint64_t seed = w.cta->grid().options().schedule;
  if (seed == 0) return order;
  const auto site = static_cast<std::uint64_t>(i - w.cta->grid().program().code.data());
  const std::uint64_t stream =
      derive_seed(site << 32 | w.index, static_cast<std::uint64_t>(w.budget));
  for (int n = order.count; n > 1; --n) {
    const std::uint64_t bits = random_bits(seed, stream, static_cast<std::uint64_t>(n));
    std::swap(order.lane[n - 1], order.lane[bits % static_cast<std::uint64_t>(n)]);
  }
  return order;
}

bool access_at(Warp& w,
               const Instr* i,
               std::uint32_t m,
               const std::uint64_t* addresses,
               std::int64_t size_bytes,
               MemoryAccess access,
               LaneBytes* out) {
  out->are_runs = out->is_contiguous = out->is_same = false;
  out->in_global = 0;
  switch (access.space()) {
    case Space::global:
    case Space::constant:
      out->in_global = m;
      return global_lanes(w, i, m, addresses, 0, size_bytes, access, out);
    case Space::shared:
      return each_lane<shared_lane>(w, i, m, addresses, 0, size_bytes, access, out);
    case Space::local:
      return each_lane<local_lane>(w, i, m, addresses, 0, size_bytes, access, out);
    case Space::param:
      return param_lanes(w, i, m, addresses, size_bytes, access, out);
    case Space::generic:
      return access_generic(w, i, m, addresses, size_bytes, access, out);
    case Space::none:
      break;
  }
  fail_check("an access has a space", __FILE__, __LINE__);
}

bool access_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  std::uint32_t address_row,
                  std::int64_t size_bytes,
                  MemoryAccess access,
                  LaneBytes* out) {
  std::uint64_t addresses[kLanes];
  const auto offset = static_cast<std::uint64_t>(i->imm);
  if (access.is_wide()) {
    const auto* row = w.row<const std::uint64_t>(address_row);
    for (int l = 0; l < kLanes; ++l)
      addresses[l] = row[l] + offset;
  } else {  // the sum of a 32-bit register has 32 bits
    const auto* row = w.row<const std::uint32_t>(address_row);
    for (int l = 0; l < kLanes; ++l)
      addresses[l] = static_cast<std::uint32_t>(row[l] + offset);
  }
  return access_at(w, i, m, addresses, size_bytes, access, out);
}

}  // namespace attest::ptx
