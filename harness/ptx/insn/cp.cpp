// cp.async: PTX ISA 9.0, 9.7.9.25.3 (non-bulk asynchronous copies) and 9.7.13.15 (their arrival at an
// mbarrier). Bytes arrive as late as is legal; until then shared memory holds poison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/mbarrier_address.h"
#include "harness/ptx/machine/async_copy.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/shared_rows.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

/// What a copy reads: all its bytes, the first so many of them, or none where a predicate holds. The
/// rest is zeros.
enum class Source : u8 { whole, sized, ignored };

/// Bytes that a lane reads of `size`.
template <Source S>
u32 source_bytes(const Warp& w, const Instr* i, int lane, u32 size) {
  if (S == Source::sized) return std::min(w.row<const u32>(i->op[2])[lane], size);
  if (S == Source::ignored)
    return ((w.predicates[i->op[2]] ^ i->op[3]) >> lane & 1) != 0 ? 0 : size;
  return size;
}

/// Lanes that read all of `size`.
template <Source S>
u32 whole_lanes(const Warp& w, const Instr* i, u32 size) {
  if (S == Source::ignored) return ~(w.predicates[i->op[2]] ^ i->op[3]);
  if (S == Source::whole) return kAllLanes;
  const u32* n = w.row<const u32>(i->op[2]);
  alignas(32) u8 is_whole[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    is_whole[l] = n[l] >= size ? 0xff : 0;
  return mask_of_bytes(is_whole);
}

/// Reads what the lanes of `m` copy out of global memory into `bytes`. False after a finding.
template <Source S, u32 Size>
bool read_source(Warp& w, const Instr* i, u32 m, std::byte (*bytes)[16]) {
  const u32 whole = m & whole_lanes<S>(w, i, Size);
  const auto* addresses = w.row<const u64>(i->op[1]);
  LaneBytes at;
  if (!global_lanes(w, i, whole, addresses, i->imm2, Size, Access::read, &at)) return false;
  if (whole == kAllLanes) [[likely]] {
    for (int l = 0; l < kLanes; ++l)
      std::memcpy(bytes[l], at.host[l], Size);
    return true;
  }
  std::memset(bytes, 0, kLanes * sizeof bytes[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if ((whole >> l & 1) != 0) {
      std::memcpy(bytes[l], at.host[l], Size);
      continue;
    }
    const u32 n = source_bytes<S>(w, i, l, Size);
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

/// Whole rows of all lanes may lie in shared memory from the start where the shadow keeps everyone
/// from reading them: false after a finding, with `*is_placed` left alone where that is not so.
template <Source S>
bool place_copies(Warp& w, const Instr* i, u32 m, const SharedLanes& to, bool* is_placed) {
  constexpr u32 kSize = 16;
  SharedMemory& shared = w.cta->shared();
  const bool is_hidden = shared.is_checked() && !w.cta->grid().options().keeps_sites;
  if (!is_hidden || m != kAllLanes || whole_lanes<S>(w, i, kSize) != kAllLanes) return true;
  LaneBytes at;
  const auto* addresses = w.row<const u64>(i->op[1]);
  if (!global_lanes(w, i, m, addresses, i->imm2, kSize, Access::read, &at)) return false;
  if (!begin_copies<kSize>(w, i, m, to)) return false;
  for (int l = 0; l < kLanes; ++l)
    std::memcpy(shared.data() + to.address[l], at.host[l], kSize);
  *is_placed = true;
  return true;
}

template <u32 Size, Source S, bool IsWide>
const Instr* copy_async(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  SharedLanes to;
  constexpr SharedUse kUse(Access::write, SharedPath::cp_async);
  if (!shared_lanes(w, i, m, i->op[0], IsWide, Size, kUse, &to)) return nullptr;
  AsyncCopies& copies = w.copies.emplace_back();
  if (Size == 16 && !place_copies<S>(w, i, m, to, &copies.is_placed)) return nullptr;
  if (!copies.is_placed &&
      (!read_source<S, Size>(w, i, m, copies.bytes) || !begin_copies<Size>(w, i, m, to)))
    return nullptr;
  copies.at = i;
  copies.lanes = m;
  copies.size_bytes = Size;
  std::memcpy(copies.shared_address, to.address, sizeof copies.shared_address);
  for (std::size_t l = 0; l < kLanes; ++l)
    w.issued_copies[l] += m >> l & 1;
  return i + 1;
}

template <Source S, bool IsWide>
Handler sized(const Match& match) {
  const s64 size = match.integer(0);
  if (size == 16) return copy_async<16, S, IsWide>;
  if (match.word(0) != "ca") return nullptr;  // .cg copies 16 bytes only
  if (size == 8) return copy_async<8, S, IsWide>;
  return size == 4 ? copy_async<4, S, IsWide> : nullptr;
}

template <Source S>
Handler copy_form(const Match& match, Instr*) {
  return match.address_bits() != 32 ? sized<S, true>(match) : sized<S, false>(match);
}

const Instr* commit_group(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  for (int l = 0; l < kLanes; ++l)
    w.committed_groups[static_cast<std::size_t>(l)] += static_cast<s32>(m >> l & 1);
  for (AsyncCopies& c : w.copies) {
    const u32 now = c.lanes & m & ~c.committed;
    if (now == 0) continue;
    c.committed |= now;
    for (int l = 0; l < kLanes; ++l) {
      if ((now >> l & 1) != 0) c.group[l] = w.committed_groups[static_cast<std::size_t>(l)];
    }
  }
  return i + 1;
}

/// All but the newest `imm` groups of each lane.
const Instr* wait_group(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  deliver_copies(w, [&](const AsyncCopies& c) {
    if (i->imm == 0) return c.committed & m;
    u32 due = 0;
    for (int l = 0; l < kLanes; ++l) {
      const bool is_old = c.group[l] <= w.committed_groups[static_cast<std::size_t>(l)] - i->imm;
      due |= static_cast<u32>(is_old) << l;
    }
    return due & c.committed & m;
  });
  return i + 1;
}

const Instr* wait_all(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  deliver_copies(w, [m](const AsyncCopies&) { return m; });
  return i + 1;
}

Handler wait_form(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 ? wait_group : nullptr;
}

/// cp.async.mbarrier.arrive: the thread arrives at the object once all its copies are there; without
/// .noinc that is one arrival more than the phase expected.
template <bool Increments>
const Instr* arrive_after_copies(Warp& w, const Instr* i) {
  Mbarriers& objects = w.cta->mbarriers();
  return each_mbarrier(w, i, i->op[0], [&](int l, u32 address) {
    std::byte* bytes = shared_data(w) + address;
    u64 state = 0;
    const std::string wrong =
        Increments ? objects.expect_one_more(bytes, address) : objects.read(bytes, address, &state);
    if (!is_right(w, i, l, address, wrong)) return false;
    objects.defer(
        {w.index, static_cast<u32>(l), address, w.issued_copies[static_cast<std::size_t>(l)], i});
    return strong_shared(
        w, i, l, address, kMbarrierBytes, Effect::update, MemoryOrder{.is_strong = true});
  });
}

}  // namespace

#define ATTEST_CP_ASYNC "cp.async.(ca|cg).(shared|shared::cta).global"
#define ATTEST_CP_PREFETCH "{.L2::64B|.L2::128B|.L2::256B} "

Insn insn_cp();
Insn insn_cp() {
  return {
      .opcode = "cp",
      .forms =
          {
              {ATTEST_CP_ASYNC ATTEST_CP_PREFETCH "[d], [a], #n", copy_form<Source::whole>},
              {ATTEST_CP_ASYNC ATTEST_CP_PREFETCH "[d], [a], #n, b:32", copy_form<Source::sized>},
              {ATTEST_CP_ASYNC ATTEST_CP_PREFETCH "[d], [a], #n, b:!p", copy_form<Source::ignored>},
              {ATTEST_CP_ASYNC ".L2::cache_hint" ATTEST_CP_PREFETCH "[d], [a], #n, c:64",
               copy_form<Source::whole>},
              {ATTEST_CP_ASYNC ".L2::cache_hint" ATTEST_CP_PREFETCH "[d], [a], #n, b:32, c:64",
               copy_form<Source::sized>},
              {ATTEST_CP_ASYNC ".L2::cache_hint" ATTEST_CP_PREFETCH "[d], [a], #n, b:!p, c:64",
               copy_form<Source::ignored>},
              {"cp.async.commit_group", always<commit_group>},
              {"cp.async.wait_group #n", wait_form},
              {"cp.async.wait_all", always<wait_all>},
              {"cp.async.mbarrier.arrive{.shared|.shared::cta}.b64 [a]",
               mbarrier_at<arrive_after_copies<true>>},
              {"cp.async.mbarrier.arrive.noinc{.shared|.shared::cta}.b64 [a]",
               mbarrier_at<arrive_after_copies<false>>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[128]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; shl.b64 %wide, %wide, 2; "
               "add.u64 %base, %base, %wide; add.u32 %c, %lane, 40; st.global.u32 [%base], %c; "
               "shl.b32 %a, %lane, 2; "
               "mov.u32 %b, s; add.u32 %a, %a, %b; cp.async.ca.shared.global [%a], [%base], 4; "
               "cp.async.commit_group; cp.async.wait_group 0; ld.shared.u32 %value, [%a]; "
               "bar.warp.sync -1;",
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
              {".shared .align 16 .b8 s[512]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; "
               "shl.b64 %wide, %wide, 3; add.u64 %base, %base, %wide; add.u32 %c, %lane, 1; "
               "st.global.v2.u32 [%base], {%c, %c}; shl.b32 %a, %lane, 4; mov.u32 %b, s; "
               "add.u32 %a, %a, %b; mov.u32 %c, 5; cp.async.ca.shared::cta.global.L2::128B [%a], "
               "[%base], 8, %c; cp.async.wait_all; ld.shared.u32 %value, [%a]; ld.shared.u32 %d, "
               "[%a+4]; shl.b32 %d, %d, 8; or.b32 %value, %value, %d;",
               {0x101,  0x202,  0x303,  0x404,  0x505,  0x606,  0x707,  0x808,
                0x909,  0xa0a,  0xb0b,  0xc0c,  0xd0d,  0xe0e,  0xf0f,  0x1010,
                0x1111, 0x1212, 0x1313, 0x1414, 0x1515, 0x1616, 0x1717, 0x1818,
                0x1919, 0x1a1a, 0x1b1b, 0x1c1c, 0x1d1d, 0x1e1e, 0x1f1f, 0x2020},
               "5 bytes of 8: the word lane + 1, its low byte again, zeros"},
              {".shared .align 16 .b8 s[512]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; "
               "shl.b64 %wide, %wide, 3; add.u64 %base, %base, %wide; add.u32 %c, %lane, 1; "
               "st.global.v2.u32 [%base], {%c, %c}; shl.b32 %a, %lane, 4; mov.u32 %b, s; "
               "add.u32 %a, %a, %b; setp.lt.u32 %p, %lane, 30; cp.async.ca.shared.global"
               ".L2::cache_hint.L2::64B [%a], [%base], 4, %p, %wide; cp.async.commit_group; "
               "cp.async.wait_group 0; ld.shared.u32 %value, [%a];",
               {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 32},
               "the first 30 lanes ignore the source"},
              {".shared .align 16 .b8 s[512]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; "
               "shl.b64 %wide, %wide, 3; add.u64 %base, %base, %wide; add.u32 %c, %lane, 1; "
               "st.global.v2.u32 [%base], {%c, %c}; shl.b32 %a, %lane, 4; mov.u32 %b, s; "
               "add.u32 %a, %a, %b; setp.lt.u32 %p, %lane, 2; cp.async.ca.shared.global"
               ".L2::cache_hint [%a], [%base], 4, %wide; cp.async.wait_all; @%p "
               "cp.async.ca.shared.global.L2::256B "
               "[%a], "
               "[%base], 4, !%p; cp.async.wait_all; ld.shared.u32 %value, [%a];",
               {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
               "a cache policy, and a predicate that ignores nothing"},
              {".shared .align 16 .b8 s[512]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; "
               "shl.b64 %wide, %wide, 3; add.u64 %base, %base, %wide; add.u32 %c, %lane, 1; "
               "st.global.v2.u32 [%base], {%c, %c}; shl.b32 %a, %lane, 4; mov.u32 %b, s; "
               "add.u32 %a, %a, %b; .shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 0; "
               "@%p mbarrier.init.shared.b64 [bar], 1; bar.sync 0; cp.async.ca.shared.global [%a], "
               "[%base], 4; cp.async.mbarrier.arrive.shared.b64 [bar]; bar.sync 0; "
               "@%p mbarrier.arrive.shared.b64 _, [bar]; bar.sync 0; "
               "mbarrier.test_wait.parity.shared.b64 %q, [bar], 0; xor.b32 %a, %a, 496; "
               "@%q ld.shared.u32 %value, [%a];",
               {32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
                16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1},
               "32 more arrivals, after which each lane reads what another copied"},
              {".shared .align 16 .b8 s[512]; ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, "
               "0}; "
               "shl.b64 %wide, %wide, 3; add.u64 %base, %base, %wide; add.u32 %c, %lane, 1; "
               "st.global.v2.u32 [%base], {%c, %c}; shl.b32 %a, %lane, 4; mov.u32 %b, s; "
               "add.u32 %a, %a, %b; .shared .align 8 .b64 bar; setp.eq.u32 %p, %lane, 0; "
               "@%p mbarrier.init.shared.b64 [bar], 32; bar.sync 0; cp.async.ca.shared.global "
               "[%a], "
               "[%base], 4; cp.async.mbarrier.arrive.noinc.shared.b64 [bar]; bar.sync 0; "
               "mbarrier.test_wait.parity.shared.b64 %q, [bar], 0; xor.b32 %a, %a, 496; "
               "@%q ld.shared.u32 %value, [%a];",
               {32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
                16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1},
               ".noinc: the 32 arrivals that were expected"},
          },
  };
}

}  // namespace attest::ptx
