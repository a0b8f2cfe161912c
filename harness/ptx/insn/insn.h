// What an instruction file includes: forms, lifting, lane types.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form.h"
#include "harness/ptx/insn/lift.h"

#include <bit>
#include <cstdint>

namespace attest::ptx {

using u8 = std::uint8_t;
using s8 = std::int8_t;
using u16 = std::uint16_t;
using s16 = std::int16_t;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

/// A builder that always gives the same handler.
template <Handler H>
Handler always(const Match&, Instr*) {
  return H;
}

/// Sets a predicate in some lanes; nothing when it is absent (kNoPredicate).
inline void write_predicate(Warp& w, u32 index, u32 lanes, u32 value) {
  if (index == kNoPredicate) return;
  u32& p = w.predicates[index];
  p = (p & ~lanes) | (value & lanes);
}

/// Handler of an instruction that hints or orders and changes no value.
inline const Instr* no_effect(Warp&, const Instr* i) {
  return i + 1;
}

}  // namespace attest::ptx
