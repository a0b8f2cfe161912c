// shr: PTX ISA 9.0, 9.7.8.9. Amounts are clamped to the width; signed types fill with the sign.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

#include <type_traits>

namespace attest::ptx {
namespace {

template <class T>
T shift_right(T a, u32 n) {
  constexpr u32 kBits = sizeof(T) * 8;
  if constexpr (std::is_signed_v<T>) return static_cast<T>(a >> (n < kBits ? n : kBits - 1));
  const u32 within = n < kBits ? n : 0;
  return static_cast<T>(n < kBits ? a >> within : 0);
}

}  // namespace

Insn insn_shr();
Insn insn_shr() {
  return {
      .opcode = "shr",
      .forms =
          {
              {"shr.(b16|u16) d:16, a:16, b:32",
               always<lift<shift_right<u16>, u16, u16, u32>>,
               Propagation::copies,
               1u << 2},
              {"shr.s16 d:16, a:16, b:32",
               always<lift<shift_right<s16>, s16, s16, u32>>,
               Propagation::copies,
               1u << 2},
              {"shr.(b32|u32) d:32, a:32, b:32",
               always<lift<shift_right<u32>, u32, u32, u32>>,
               Propagation::copies,
               1u << 2},
              {"shr.s32 d:32, a:32, b:32",
               always<lift<shift_right<s32>, s32, s32, u32>>,
               Propagation::copies,
               1u << 2},
              {"shr.(b64|u64) d:64, a:64, b:32",
               always<lift<shift_right<u64>, u64, u64, u32>>,
               Propagation::copies,
               1u << 2},
              {"shr.s64 d:64, a:64, b:32",
               always<lift<shift_right<s64>, s64, s64, u32>>,
               Propagation::copies,
               1u << 2},
          },
      .examples =
          {
              {"shr.u16 d:16, a:16, b:32", {0x8001, 1}, {0x4000}, "zeros come in"},
              {"shr.b16 d:16, a:16, b:32", {0xffff, 16}, {0}, "amounts are clamped to the width"},
              {"shr.s16 d:16, a:16, b:32", {0x8000, 3}, {0xf000}, "the sign comes in"},
              {"shr.s16 d:16, a:16, b:32", {0x8000, 40}, {0xffff}, "only the sign is left"},
              {"shr.u32 d:32, a:32, b:32", {0x80000000u, 31}, {1}, "zeros come in"},
              {"shr.u32 d:32, a:32, b:32", {0xffffffffu, 32}, {0}, "clamped, not modulo the width"},
              {"shr.b32 d:32, a:32, b:32", {0x12345678u, 8}, {0x00123456u}, "zeros come in"},
              {"shr.s32 d:32, a:32, b:32", {0x80000000u, 4}, {0xf8000000u}, "the sign comes in"},
              {"shr.s32 d:32, a:32, b:32",
               {0x80000000u, 0xffffffffu},
               {0xffffffffu},
               "the amount is unsigned and clamped"},
              {"shr.s32 d:32, a:32, b:32", {0x7fffffffu, 32}, {0}, "a positive sign"},
              {"shr.u64 d:64, a:64, b:32", {0x8000000000000000u, 63}, {1}, "zeros come in"},
              {"shr.b64 d:64, a:64, b:32", {0xffffffffffffffffu, 64}, {0}, "clamped"},
              {"shr.s64 d:64, a:64, b:32",
               {0x8000000000000000u, 60},
               {0xfffffffffffffff8u},
               "the sign comes in"},
              {"shr.s64 d:64, a:64, b:32",
               {0x8000000000000000u, 64},
               {0xffffffffffffffffu},
               "only the sign is left"},
          },
  };
}

}  // namespace attest::ptx
