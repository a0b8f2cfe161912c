// Findings from inside a handler.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/report.h"

#include "harness/ptx/machine/cta.h"

#include <utility>

namespace attest::ptx {
namespace {

Finding at(Warp& w, const Instr* i, int lane, FindingKind kind) {
  Finding f;
  f.kind = kind;
  f.kernel = w.cta->grid().program().entry;
  f.party.block = w.cta->index();
  f.party.thread = w.cta->thread(w.index * kLanes + static_cast<std::uint32_t>(lane));
  f.party.site = w.cta->grid().program().site(i);
  return f;
}

const Instr* stop(Warp& w, const Instr* i, Finding finding) {
  w.cta->grid().report(std::move(finding));
  w.state = WarpState::faulted;
  w.resume = i;
  return nullptr;
}

/// The variable that holds the address, among shared or local ones or parameters.
template <class Variables>
void name_variable(const Variables& variables, std::uint64_t address, Finding* f) {
  for (const auto& v : variables) {
    const auto offset = static_cast<std::uint64_t>(v.offset);
    if (address >= offset && address - offset < static_cast<std::uint64_t>(v.size_bytes))
      f->allocation = v.name;
  }
}

void name_shared_variable(const Program& program, std::uint32_t address, Finding* f) {
  name_variable(program.shared, address, f);
}

}  // namespace

const Instr* report(Warp& w, const Instr* i, int lane, FindingKind kind, std::string message) {
  Finding f = at(w, i, lane, kind);
  f.message = std::move(message);
  return stop(w, i, std::move(f));
}

const Instr* report_global(
    Warp& w, const Instr* i, int lane, FindingKind kind, const SpaceAccess& access) {
  const std::uint64_t address = access.address;
  Finding f = at(w, i, lane, kind);
  f.space = access.space;
  f.party.access = access.access;
  f.address = address;
  f.size_bytes = access.size_bytes;
  if (const Allocation* a = w.cta->grid().memory().nearest(address)) {
    f.allocation = a->name;
    if (a->is_constant) f.space = Space::constant;
    const std::uint64_t end = a->base + static_cast<std::uint64_t>(a->size_bytes);
    const std::uint64_t last = address + static_cast<std::uint64_t>(access.size_bytes);
    if (address < a->base) {
      f.distance_bytes = -static_cast<std::int64_t>(a->base - address);
    } else if (last > end) {
      f.distance_bytes = static_cast<std::int64_t>(last - end);
    } else if (a->is_freed) {
      f.message = "'" + a->name + "' has been freed";
    } else if (kind == FindingKind::out_of_bounds && access.access != Access::read &&
               a->is_constant) {
      f.message = "constant memory cannot be written";
    } else if (kind == FindingKind::out_of_bounds && access.access != Access::read &&
               !a->is_writable) {
      f.message = "a store to a read-only input";
    } else if (kind == FindingKind::out_of_bounds) {
      f.message = a->is_constant ? "constant memory is not part of .global"
                                 : "global memory is not part of .const";
    }
  }
  return stop(w, i, std::move(f));
}

const Instr* report_access(
    Warp& w, const Instr* i, int lane, FindingKind kind, const SpaceAccess& access) {
  const Program& program = w.cta->grid().program();
  const bool is_local = access.space == Space::local;
  Finding f = at(w, i, lane, kind);
  f.space = access.space;
  f.party.access = access.access;
  f.address = access.address;
  f.size_bytes = access.size_bytes;
  f.allocation = is_local ? "local memory" : "the parameters";
  const auto size =
      static_cast<std::uint64_t>(is_local ? program.local_bytes : program.parameter_bytes);
  if (kind == FindingKind::out_of_bounds) {
    const std::uint64_t last = access.address + static_cast<std::uint64_t>(access.size_bytes);
    if (static_cast<std::int64_t>(access.address) < 0) {
      f.distance_bytes = static_cast<std::int64_t>(access.address);
    } else if (last > size) {
      f.distance_bytes = static_cast<std::int64_t>(last - size);
    } else {
      f.message = "parameters of a kernel cannot be written";
    }
  }
  if (is_local) {
    name_variable(program.local, access.address, &f);
  } else {
    name_variable(program.parameters, access.address, &f);
  }
  return stop(w, i, std::move(f));
}

const Instr* report_shared_bounds(Warp& w,
                                  const Instr* i,
                                  int lane,
                                  FindingKind kind,
                                  Access access,
                                  std::uint32_t address,
                                  std::int64_t size_bytes) {
  Finding f = at(w, i, lane, kind);
  f.space = Space::shared;
  f.party.access = access;
  f.address = address;
  f.size_bytes = size_bytes;
  const auto end = static_cast<std::int64_t>(w.cta->shared().size_bytes());
  const std::int64_t last = std::int64_t{address} + size_bytes;
  if (kind == FindingKind::out_of_bounds && last > end) f.distance_bytes = last - end;
  f.allocation = "shared memory";
  name_shared_variable(w.cta->grid().program(), address, &f);
  return stop(w, i, std::move(f));
}

const Instr* report_mbarrier(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::string message) {
  Finding f = at(w, i, lane, FindingKind::mbarrier_misuse);
  f.space = Space::shared;
  f.address = address;
  f.size_bytes = 8;
  name_shared_variable(w.cta->grid().program(), address, &f);
  f.message = std::move(message);
  return stop(w, i, std::move(f));
}

/// Who copies to this address of shared memory, and where, as the other party.
std::optional<Party> copying_party(Cta& cta, std::uint32_t address) {
  for (const Warp& warp : cta.warps()) {
    for (const AsyncCopies& c : warp.copies) {
      for (std::uint32_t l = 0; l < kLanes; ++l) {
        // Below its first byte the difference is large.
        if ((c.lanes >> l & 1) == 0 || address - c.shared_address[l] >= c.size_bytes) continue;
        Party party;
        party.access = Access::write;
        party.block = cta.index();
        party.thread = cta.thread(warp.index * kLanes + l);
        party.site = cta.grid().program().site(c.at);
        return party;
      }
    }
  }
  return std::nullopt;
}

const Instr* report_conflict(Warp& w,
                             const Instr* i,
                             int lane,
                             Access access,
                             std::int64_t size_bytes,
                             const Conflict& conflict) {
  const Program& program = w.cta->grid().program();
  FindingKind kind = FindingKind::uninitialised_read;
  if (conflict.kind == Conflict::Kind::race) kind = FindingKind::shared_race;
  if (conflict.kind == Conflict::Kind::async_unwaited) kind = FindingKind::async_copy_unwaited;
  Finding f = at(w, i, lane, kind);
  f.space = Space::shared;
  f.party.access = access;
  f.address = conflict.address;
  f.size_bytes = size_bytes;
  name_shared_variable(program, conflict.address, &f);
  if (conflict.kind == Conflict::Kind::async_unwaited)
    f.other = copying_party(*w.cta, conflict.address);
  if (conflict.other != 0) {
    Party other;
    other.block = w.cta->index();
    other.access = conflict.other_wrote ? Access::write : Access::read;
    const bool several = (conflict.other & tag::kPartyMask) == tag::kSeveralWarps;
    if (several) {
      f.message = "the other side is several warps";
    } else {
      other.thread = w.cta->thread(tag::warp(conflict.other) * kLanes + tag::lane(conflict.other));
    }
    if (w.cta->grid().options().keeps_sites) other.site = program.sites[conflict.other_site];
    f.other = other;
  }
  return stop(w, i, std::move(f));
}

const Instr* report_conflict(Warp& w,
                             const Instr* i,
                             int lane,
                             Access access,
                             std::int64_t size_bytes,
                             const GlobalConflict& conflict) {
  Grid& grid = w.cta->grid();
  const bool is_race = conflict.kind == GlobalConflict::Kind::race;
  Finding f = at(w, i, lane, is_race ? FindingKind::global_race : FindingKind::nc_write);
  f.space = Space::global;
  f.party.access = access;
  f.address = conflict.address;
  f.size_bytes = size_bytes;
  if (const Allocation* a = grid.memory().find(conflict.address, conflict.address + 1))
    f.allocation = a->name;
  Party other;
  other.block = grid.block_index(global_tag::block(conflict.other));
  other.access = conflict.other_wrote ? Access::write : Access::read;
  const std::uint32_t party = global_tag::party(conflict.other);
  if (global_tag::is_several_warps(conflict.other)) {
    f.message = "the other side is several warps";
  } else {
    other.thread = w.cta->thread(tag::warp(party) * kLanes + tag::lane(party));
  }
  if (grid.options().keeps_sites) other.site = grid.program().sites[conflict.other_site];
  f.other = other;
  return stop(w, i, std::move(f));
}

}  // namespace attest::ptx
