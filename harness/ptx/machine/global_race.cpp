// From a warp's access to the shadow of global memory.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/global_race.h"

#include "harness/ptx/machine/access.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

// Lanes one behind the other that are looked at together.
constexpr std::uint32_t kShortestRun = 4;

/// Lane 0 of the warp, and what it knows now.
GlobalAccess first_lane(const Warp& w, const Instr* i, MemoryAccess access) {
  const SharedMemory& shared = w.cta->shared();
  const BlockOrder& order = w.cta->order();
  GlobalAccess first;
  first.me = global_tag::make(order.block(), shared.now(), tag::party(w.index, 0));
  if (access.is_strong())
    first.me |= global_tag::kStrong | (access.order().is_cta ? global_tag::kNarrow : 0);
  first.floor = shared.floor_time();
  first.warp_time = shared.time_of(w.sync_clock);
  first.known = order.known(w.index);
  first.clock = order.clock(w.index);
  first.site = static_cast<std::uint32_t>(i - w.cta->grid().program().code.data());
  first.is_nc = access.is_nc();
  return first;
}

/// Tags have no room for what is beyond; it is not watched.
bool has_tags(const Warp& w) {
  return w.cta->shared().now() <= global_tag::kMaxTime &&
         w.cta->order().block() <= global_tag::kMaxBlock;
}

}  // namespace

bool watch_global(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::uint64_t offset,
                  std::uint64_t size_bytes,
                  MemoryAccess access) {
  if (!w.cta->shared().is_checked()) return true;
  GlobalShadow& shadow = w.cta->grid().global_shadow();
  const auto size = static_cast<std::uint32_t>(size_bytes);
  const bool is_watched = has_tags(w);
  GlobalAccess first = first_lane(w, i, access);
  const auto watch = [&](int l) {
    const std::uint64_t address = addresses[l] + offset;
    if (access.is_strong()) {
      order_access(w, l, Space::global, address, access.effect(), access.order());
      first = first_lane(w, i, access);
    }
    if (!is_watched) return true;
    GlobalAccess lane = first;
    lane.me += static_cast<std::uint64_t>(l);
    const auto conflict =
        access.writes() ? shadow.write(lane, address, size) : shadow.read(lane, address, size);
    if (conflict) report_conflict(w, i, l, access.access(), std::int64_t{size}, *conflict);
    return !conflict;
  };
  if (access.access() == Access::atomic) {
    for (const int l : lane_order(w, i, m)) {
      if (!watch(l)) return false;
    }
    return true;
  }
  for (std::uint32_t left = m; left != 0;) {
    const int l = __builtin_ctz(left);
    int end = l + 1;
    while (end < kLanes && (m >> end & 1) != 0 && addresses[end] == addresses[end - 1] + size)
      ++end;
    const auto lanes = static_cast<std::uint32_t>(end - l);
    if (lanes >= kShortestRun && is_watched && !access.is_strong()) {
      GlobalAccess lane = first;
      lane.me += static_cast<std::uint64_t>(l);
      const std::uint64_t address = addresses[l] + offset;
      const bool is_done = access.writes() ? shadow.write_run(lane, address, size, lanes)
                                           : shadow.read_run(lane, address, size, lanes);
      if (is_done) {
        left &= end == kLanes ? 0 : kAllLanes << end;
        continue;
      }
    }
    for (int lane = l; lane < end; ++lane, left &= left - 1) {
      if (!watch(lane)) return false;
    }
  }
  return true;
}

}  // namespace attest::ptx
