// Values of special registers. Clocks count the launch's warp instructions; so they are the same on
// every run, and a wait for a time ends.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/special_registers.h"

#include "harness/ptx/machine/cta.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace attest::ptx {
namespace {

using Changes = SpecialRegister::Changes;

constexpr std::array<char, 3> kAxes = {'x', 'y', 'z'};
constexpr std::uint32_t kEnvironment = 32;  // %envreg0 to %envreg31

std::uint32_t along(const Dim3& d, std::uint32_t axis) {
  return axis == 0 ? d.x : axis == 1 ? d.y : d.z;
}

std::uint64_t tid(const Warp& w, std::uint32_t axis, std::uint32_t lane) {
  return along(w.cta->thread(w.index * kLanes + lane), axis);
}
std::uint64_t ntid(const Warp& w, std::uint32_t axis, std::uint32_t) {
  return along(w.cta->grid().launch().block, axis);
}
std::uint64_t ctaid(const Warp& w, std::uint32_t axis, std::uint32_t) {
  return along(w.cta->index(), axis);
}
std::uint64_t nctaid(const Warp& w, std::uint32_t axis, std::uint32_t) {
  return along(w.cta->grid().launch().grid, axis);
}
std::uint64_t lane_number(const Warp&, std::uint32_t, std::uint32_t lane) {
  return lane;
}
std::uint64_t warp_number(const Warp& w, std::uint32_t, std::uint32_t) {
  return w.index;
}
std::uint64_t warp_count(const Warp& w, std::uint32_t, std::uint32_t) {
  return w.cta->warps().size();
}
std::uint64_t constant(const Warp&, std::uint32_t value, std::uint32_t) {
  return value;
}

enum Lanes : std::uint32_t { equal, below, below_or_equal, above, above_or_equal };

std::uint64_t lane_mask(const Warp&, std::uint32_t which, std::uint32_t lane) {
  const std::uint32_t bit = 1u << lane;
  switch (which) {
    case equal:
      return bit;
    case below:
      return bit - 1;
    case below_or_equal:
      return bit | (bit - 1);
    case above:
      return ~(bit | (bit - 1));
    default:
      return ~(bit - 1);
  }
}

/// Of which parts; the total is rounded up to what the hardware allocates.
enum SharedBytes : std::uint32_t { dynamic, total, with_reserved };

std::uint64_t shared_bytes(const Warp& w, std::uint32_t which, std::uint32_t) {
  const Grid& grid = w.cta->grid();
  if (which == dynamic) return static_cast<std::uint64_t>(grid.launch().dynamic_shared_bytes);
  const bool is_recent = grid.program().sm >= 80;
  const std::uint64_t unit = is_recent ? 128 : 256;
  const std::uint64_t reserved = which == with_reserved && is_recent ? 1024 : 0;
  return (static_cast<std::uint64_t>(grid.shared_bytes()) + unit - 1) / unit * unit + reserved;
}

/// `shift` 32: the high word.
std::uint64_t clock(const Warp& w, std::uint32_t shift, std::uint32_t) {
  return static_cast<std::uint64_t>(w.clock) >> shift;
}

class Table {
 public:
  Table() {
    axes("%tid", Changes::never, true, tid);
    axes("%ntid", Changes::never, false, ntid);
    axes("%ctaid", Changes::with_block, false, ctaid);
    axes("%nctaid", Changes::never, false, nctaid);
    // Every block is a cluster of its own.
    axes("%clusterid", Changes::with_block, false, ctaid);
    axes("%nclusterid", Changes::never, false, nctaid);
    for (const char* name : {"%cluster_ctaid", "%cluster_nctaid"}) {
      for (const char axis : kAxes)
        add(std::string(name) + "." + axis, constant, name[9] == 'n' ? 1 : 0);
    }
    add("%cluster_ctarank", constant, 0);
    add("%cluster_nctarank", constant, 1);

    add("%laneid", lane_number, 0).is_per_lane = true;
    add("%warpid", warp_number, 0);
    add("%nwarpid", warp_count, 0);
    // One multiprocessor, since what a kernel keeps per multiprocessor must then be shared by all.
    add("%smid", constant, 0);
    add("%nsmid", constant, 1);
    add("%gridid", constant, 0).bits = 64;
    add("%lanemask_eq", lane_mask, equal).is_per_lane = true;
    add("%lanemask_lt", lane_mask, below).is_per_lane = true;
    add("%lanemask_le", lane_mask, below_or_equal).is_per_lane = true;
    add("%lanemask_gt", lane_mask, above).is_per_lane = true;
    add("%lanemask_ge", lane_mask, above_or_equal).is_per_lane = true;

    add("%dynamic_smem_size", shared_bytes, dynamic);
    add("%total_smem_size", shared_bytes, total);
    add("%aggr_smem_size", shared_bytes, with_reserved);
    for (std::uint32_t n = 0; n < kEnvironment; ++n)
      add("%envreg" + std::to_string(n), environment, n);

    for (const char* name : {"%clock", "%globaltimer_lo"})
      add(name, clock, 0).changes = Changes::at_reads;
    for (const char* name : {"%clock_hi", "%globaltimer_hi"})
      add(name, clock, 32).changes = Changes::at_reads;
    for (const char* name : {"%clock64", "%globaltimer"}) {
      SpecialRegister& wide = add(name, clock, 0);
      wide.changes = Changes::at_reads;
      wide.bits = 64;
    }
  }

  [[nodiscard]] const SpecialRegister* find(std::string_view name) const {
    const auto found = registers_.find(name);
    return found == registers_.end() ? nullptr : &found->second;
  }

 private:
  using Value = decltype(SpecialRegister::value);

  /// 1 and 2: high and low word of the address of a cooperative launch's workspace.
  static std::uint64_t environment(const Warp& w, std::uint32_t number, std::uint32_t) {
    const std::uint64_t workspace = w.cta->grid().workspace();
    return number == 1 ? workspace >> 32 : number == 2 ? workspace & 0xffffffffu : 0;
  }

  SpecialRegister& add(std::string name, Value value, std::uint32_t index) {
    SpecialRegister& added = registers_[std::move(name)];
    added.value = value;
    added.index = index;
    return added;
  }
  void axes(const std::string& name, Changes changes, bool is_per_lane, Value value) {
    for (std::uint32_t axis = 0; axis < kAxes.size(); ++axis) {
      SpecialRegister& added = add(name + "." + kAxes[axis], value, axis);
      added.changes = changes;
      added.is_per_lane = is_per_lane;
    }
  }

  std::map<std::string, SpecialRegister, std::less<>> registers_;
};

template <class T>
void fill(T* row, const Warp& w, const SpecialRegister& is) {
  if (!is.is_per_lane) {
    std::fill_n(row, kLanes, static_cast<T>(is.value(w, is.index, 0)));
    return;
  }
  for (std::uint32_t lane = 0; lane < kLanes; ++lane)
    row[lane] = static_cast<T>(is.value(w, is.index, lane));
}

void fill(const Warp& w, const SpecialRow& special) {
  if (special.is->bits == 64) {
    fill(w.row<std::uint64_t>(special.row), w, *special.is);
  } else {
    fill(w.row<std::uint32_t>(special.row), w, *special.is);
  }
}

}  // namespace

const SpecialRegister* find_special_register(std::string_view name) {
  static const Table table;
  return table.find(name);
}

void fill_special_rows(Warp& w, SpecialRegister::Changes changes) {
  for (const SpecialRow& special : w.cta->grid().program().specials) {
    if (special.is->changes == changes) fill(w, special);
  }
}

const Instr* refresh_special(Warp& w, const Instr* i) {
  w.clock = w.clock_at_zero_budget - w.budget + i->imm;
  fill(w, w.cta->grid().program().specials[i->op[0]]);
  return i + 1;
}

}  // namespace attest::ptx
