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

}  // namespace attest::ptx
