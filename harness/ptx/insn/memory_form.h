// What ld, st, atom and red have in common: the space, the order and the type that a form names, and
// the handlers of loads and stores.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/access.h"
#include "harness/ptx/machine/memory_access.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

// Groups of the grammar lines, in the manual's words. ptxas takes the order and the scope before or
// after the space, so both places are in the lines.
#define ATTEST_SPACE                                                               \
  "{.const|.global|.local|.param|.param::entry|.param::func|.shared|.shared::cta|" \
  ".shared::cluster}"
#define ATTEST_SCOPE ".(cta|cluster|gpu|sys)"
#define ATTEST_L1 \
  "{.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate}"
#define ATTEST_L2 "{.L2::evict_normal|.L2::evict_first|.L2::evict_last}"
#define ATTEST_CACHE_HINT "{.L2::cache_hint}"
#define ATTEST_PREFETCH "{.L2::64B|.L2::128B|.L2::256B}"
#define ATTEST_VECTOR "{.v2|.v4|.v8}"
#define ATTEST_TYPE ".(b8|b16|b32|b64|u8|u16|u32|u64|s8|s16|s32|s64|f32|f64)"

namespace attest::ptx {

/// Op slot of ld, st, atom and red that holds their MemoryAccess.
inline constexpr std::size_t kAccessSlot = 5;

[[nodiscard]] inline MemoryAccess access_of(const Instr& i) {
  return MemoryAccess::unpacked(i.op[kAccessSlot]);
}

/// The space of a form, or of the variable in its address when it names none; nothing when the two
/// do not agree.
[[nodiscard]] std::optional<Space> space_of(const Match& match);

/// The order that the words .relaxed, .acquire, .release, .acq_rel and the scope give.
[[nodiscard]] MemoryOrder order_of(const Match& match);

/// Puts the access into its slot, and the address into the form that access_lanes() wants. Nothing
/// when this space is not accessed like that.
std::optional<MemoryAccess> put_access(const Match& match,
                                       Access access,
                                       MemoryOrder order,
                                       Instr* out);

/// The same of ld and st, whose operands are a register, an address and the policy of a cache hint.
/// Nothing too where an order is not in a space that has one.
std::optional<MemoryAccess> put_ordered(const Match& match,
                                        Access access,
                                        MemoryOrder order,
                                        Instr* out);

/// Words of shared memory and 32-bit registers, weak: ld and st have a path of their own for them.
[[nodiscard]] bool is_shared_words(const Match& match, MemoryAccess access);

/// Elements of the vector that .v2, .v4 or .v8 names, else 1; 0 when the operand has not as many.
[[nodiscard]] int vector_elements(const Match& match);

/// A handler of a load: `Find` fills LaneBytes.
using FindBytes =
    bool (*)(Warp&, const Instr*, u32 m, u32 address_row, s64 size_bytes, MemoryAccess, LaneBytes*);

/// An element in its register: by the sign if it has one, else by zeros.
template <class Stored, class Element>
Stored extended(Element value) {
  return static_cast<Stored>(value);  // NOLINT(bugprone-signed-char-misuse): as ld.s8 does
}

/// Rows: op[0] and the address in op[1], or Instr::more and the address in op[0].
template <FindBytes Find, class Element, class Stored, int Count>
const Instr* load(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  LaneBytes at;
  const u32 address = i->op[Count == 1 ? 1 : 0];
  if (!Find(w, i, m, address, sizeof(Element) * Count, access_of(*i), &at)) return nullptr;
  if (Count == 1 && at.are_runs) {
    for (int half = 0; half < kLanes; half += kLanes / 2) {
      auto* d = w.row<Stored>(i->op[0]) + half;
      const auto* s = reinterpret_cast<const Element*>(at.host[half]);
      ATTEST_EACH_LANE
      for (int l = 0; l < kLanes / 2; ++l)
        d[l] = extended<Stored>(s[l]);
    }
    return i + 1;
  }
  for (int n = 0; n < Count; ++n) {
    auto* d = w.row<Stored>(Count == 1 ? i->op[0] : i->more[n]);
    if (at.is_same) {
      std::fill_n(d, kLanes, extended<Stored>(reinterpret_cast<const Element*>(at.host[0])[n]));
      continue;
    }
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0)
        d[l] = extended<Stored>(reinterpret_cast<const Element*>(at.host[l])[n]);
    }
  }
  return i + 1;
}

/// Rows: the address in op[0]; op[1] or Instr::more.
template <FindBytes Find, class Element, class Stored, int Count>
const Instr* store(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  LaneBytes at;
  if (!Find(w, i, m, i->op[0], sizeof(Element) * Count, access_of(*i), &at)) return nullptr;
  for (int n = 0; n < Count; ++n) {
    const auto* s = w.row<const Stored>(Count == 1 ? i->op[1] : i->more[n]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) reinterpret_cast<Element*>(at.host[l])[n] = static_cast<Element>(s[l]);
    }
  }
  return i + 1;
}

/// FindBytes of the most frequent space, without a look at which it is.
bool find_global(Warp& w,
                 const Instr* i,
                 u32 m,
                 u32 address_row,
                 s64 size_bytes,
                 MemoryAccess access,
                 LaneBytes* out);

namespace detail {

template <class Element, class Stored, class Pick>
Handler pick_elements(const Match& match, Pick pick) {
  switch (vector_elements(match)) {
    case 1:
      return pick.template operator()<Element, Stored, 1>();
    case 2:
      return pick.template operator()<Element, Stored, 2>();
    case 4:
      return pick.template operator()<Element, Stored, 4>();
    case 8:
      if constexpr (sizeof(Element) == 4) return pick.template operator()<Element, Stored, 8>();
      return nullptr;
    default:
      return nullptr;
  }
}

template <class Signed, class Unsigned, class Pick>
Handler pick_stored(const Match& match, Pick pick) {
  const bool is_wide = match.register_bits() == 64;
  if constexpr (sizeof(Unsigned) == 8) {
    return is_wide ? pick_elements<Unsigned, u64>(match, pick) : nullptr;
  } else if (match.type()[0] == 's') {
    return is_wide ? pick_elements<Signed, u64>(match, pick)
                   : pick_elements<Signed, u32>(match, pick);
  } else {
    return is_wide ? pick_elements<Unsigned, u64>(match, pick)
                   : pick_elements<Unsigned, u32>(match, pick);
  }
}

}  // namespace detail

/// The handler that `pick.operator()<Element, Stored, Count>()` gives for the type, the registers
/// and the vector of a form: bytes are extended by the sign or by zeros, or cut.
template <class Pick>
Handler pick_type(const Match& match, Pick pick) {
  const std::string_view bits = match.type().substr(1);
  if (bits == "8") return detail::pick_stored<s8, u8>(match, pick);
  if (bits == "16") return detail::pick_stored<s16, u16>(match, pick);
  if (bits == "32") return detail::pick_stored<s32, u32>(match, pick);
  return detail::pick_stored<s64, u64>(match, pick);
}

}  // namespace attest::ptx
