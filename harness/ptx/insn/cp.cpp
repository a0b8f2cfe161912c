// cp.async: PTX ISA 9.0, 9.7.9.25.3 (non-bulk asynchronous copies). Bytes arrive at the wait, as
// late as is legal; until then shared memory holds poison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/shared_rows.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

struct Copy {
  std::uint32_t lanes;
  const u32* source_bytes;  // per lane; null: the whole size
};

/// Lanes that read `n` bytes of global memory, n being 0, 4, 8 or 16 of `size`.
bool read_source(Warp& w, const Instr* i, const Copy& copy, int size, std::byte (*bytes)[16]) {
  u32 whole = 0;
  for (int l = 0; l < kLanes; ++l) {
    const u32 n = copy.source_bytes == nullptr ? static_cast<u32>(size) : copy.source_bytes[l];
    if ((copy.lanes >> l & 1) != 0 && n == static_cast<u32>(size)) whole |= 1u << l;
  }
  const auto* addresses = w.row<const u64>(i->op[1]);
  LaneBytes at;
  if (!global_lanes(w, i, whole, addresses, i->imm2, size, Access::read, &at)) return false;
  for (int l = 0; l < kLanes; ++l) {
    if ((copy.lanes >> l & 1) == 0) continue;
    std::memset(bytes[l], 0, 16);
    if ((whole >> l & 1) != 0) {
      std::memcpy(bytes[l], at.host[l], static_cast<std::size_t>(size));
      continue;
    }
    const u32 n = std::min(copy.source_bytes[l], static_cast<u32>(size));
    for (u32 byte = 0; byte < n; ++byte) {  // a partial copy: byte by byte, each checked
      LaneBytes one;
      if (!global_lanes(w, i, 1u << l, addresses, i->imm2 + byte, 1, Access::read, &one))
        return false;
      bytes[l][byte] = *one.host[l];
    }
  }
  return true;
}

/// Poison in shared memory, and its shadow. False after a finding.
template <u32 Size>
bool begin_copies(Warp& w, const Instr* i, u32 m, const SharedLanes& to) {
  SharedMemory& shared = w.cta->shared();
  int first = 0;
#if !defined(ATTEST_PLAIN)
  if (Size == 16 && m == kAllLanes) first = begin_rows(shared, to.address, w.index);
#endif
  for (int l = first; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if (const auto conflict = shared.begin_copy(shared_access(w, i, l), to.address[l], Size)) {
      report_conflict(w, i, l, Access::write, Size, *conflict);
      return false;
    }
  }
  return true;
}

template <int Size, bool HasSourceSize, bool IsWide>
const Instr* copy_async(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  SharedLanes to;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, Size, Access::write, &to)) return nullptr;
  std::byte bytes[kLanes][16];
  const Copy copy{m, HasSourceSize ? w.row<const u32>(i->op[2]) : nullptr};
  if (!read_source(w, i, copy, Size, bytes)) return nullptr;
  if (!begin_copies<Size>(w, i, m, to)) return nullptr;
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    AsyncCopy& pending = w.copies.emplace_back();
    pending.shared_address = to.address[l];
    pending.size_bytes = Size;
    pending.lane = static_cast<u8>(l);
    pending.at = i;
    std::memcpy(pending.bytes, bytes[l], 16);
  }
  return i + 1;
}

template <int Size>
Handler sized(bool has_source_size, bool is_wide) {
  if (has_source_size)
    return is_wide ? copy_async<Size, true, true> : copy_async<Size, true, false>;
  return is_wide ? copy_async<Size, false, true> : copy_async<Size, false, false>;
}

Handler copy_form(const Match& match, Instr*) {
  const bool is_wide = match.address_bits() != 32;
  const bool has_source_size = match.operands() == 4;
  const s64 size = match.integer(0);
  if (size == 16) return sized<16>(has_source_size, is_wide);
  if (match.word(0) != "ca") return nullptr;  // .cg copies 16 bytes only
  if (size == 8) return sized<8>(has_source_size, is_wide);
  return size == 4 ? sized<4>(has_source_size, is_wide) : nullptr;
}

const Instr* commit_group(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  for (int l = 0; l < kLanes; ++l)
    w.committed_groups[static_cast<std::size_t>(l)] += static_cast<s32>(m >> l & 1);
  for (AsyncCopy& c : w.copies) {
    if ((m >> c.lane & 1) != 0 && c.group == 0) c.group = w.committed_groups[c.lane];
  }
  return i + 1;
}

/// Delivers, in the order of issue, what `is_due` says of the lanes that execute.
template <class IsDue>
void deliver(Warp& w, const Instr* i, IsDue is_due) {
  const u32 m = w.lanes(*i);
  SharedMemory& shared = w.cta->shared();
  const auto is_done = [&](const AsyncCopy& c) {
    if ((m >> c.lane & 1) == 0 || !is_due(c)) return false;
    shared.deliver_copy(shared_access(w, c.at, c.lane), c.shared_address, c.size_bytes, c.bytes);
    return true;
  };
  w.copies.erase(std::remove_if(w.copies.begin(), w.copies.end(), is_done), w.copies.end());
}

/// All but the newest `imm` groups of each lane.
const Instr* wait_group(Warp& w, const Instr* i) {
  deliver(w, i, [&](const AsyncCopy& c) {
    return c.group != 0 && c.group <= w.committed_groups[c.lane] - i->imm;
  });
  return i + 1;
}

const Instr* wait_all(Warp& w, const Instr* i) {
  deliver(w, i, [](const AsyncCopy&) { return true; });
  return i + 1;
}

Handler wait_form(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 ? wait_group : nullptr;
}

}  // namespace

Insn insn_cp();
Insn insn_cp() {
  return {
      .opcode = "cp",
      .forms =
          {
              {"cp.async.(ca|cg).(shared|shared::cta).global{.L2::64B|.L2::128B|.L2::256B} [d], "
               "[a], #n, b:32?",
               copy_form},
              {"cp.async.commit_group", always<commit_group>},
              {"cp.async.wait_group #n", wait_form},
              {"cp.async.wait_all", always<wait_all>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[128]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; shl.b64 %wide, %wide, 2; "
               "add.u64 %base, %base, %wide; add.u32 %c, %lane, 40; st.global.u32 [%base], %c; "
               "shl.b32 %a, %lane, 2; "
               "mov.u32 %b, s; add.u32 %a, %a, %b; cp.async.ca.shared.global [%a], [%base], 4; "
               "cp.async.commit_group; cp.async.wait_group 0; ld.shared.u32 %value, [%a];",
               {40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55,
                56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71},
               "each lane copies its own word and waits for it"},
              {".shared .align 16 .b8 s[128]; ld.param.u64 %base, [out]; mov.u32 %c, 0; shl.b32 "
               "%a, %lane, 2; "
               "mov.u32 %b, s; add.u32 %a, %a, %b; cp.async.ca.shared.global [%a], [%base], 4, %c; "
               "cp.async.wait_all; ld.shared.u32 %value, [%a];",
               {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "a source size of 0 reads nothing and fills with zeros"},
          },
  };
}

}  // namespace attest::ptx
