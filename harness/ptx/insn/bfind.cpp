// bfind: PTX ISA 9.0, 9.7.1.16.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Position of the highest bit that differs from the sign (0 for unsigned types); all ones when
/// there is none.
template <class T, class Unsigned>
u32 find(T a) {
  const auto differing = static_cast<Unsigned>(a < 0 ? ~a : a);
  return static_cast<u32>(sizeof(T) * 8 - 1) - static_cast<u32>(std::countl_zero(differing));
}

/// By how much to shift left to bring that bit to the top.
template <class T, class Unsigned>
u32 shift_amount(T a) {
  const u32 position = find<T, Unsigned>(a);
  return position == 0xffffffffu ? position : static_cast<u32>(sizeof(T) * 8 - 1) - position;
}

}  // namespace

Insn insn_bfind();
Insn insn_bfind() {
  return {
      .opcode = "bfind",
      .forms =
          {
              {"bfind.u32 d:32, a:32", always<lift<find<u32, u32>, u32, u32>>},
              {"bfind.u64 d:32, a:64", always<lift<find<u64, u64>, u32, u64>>},
              {"bfind.s32 d:32, a:32", always<lift<find<s32, u32>, u32, s32>>},
              {"bfind.s64 d:32, a:64", always<lift<find<s64, u64>, u32, s64>>},
              {"bfind.shiftamt.u32 d:32, a:32", always<lift<shift_amount<u32, u32>, u32, u32>>},
              {"bfind.shiftamt.u64 d:32, a:64", always<lift<shift_amount<u64, u64>, u32, u64>>},
              {"bfind.shiftamt.s32 d:32, a:32", always<lift<shift_amount<s32, u32>, u32, s32>>},
              {"bfind.shiftamt.s64 d:32, a:64", always<lift<shift_amount<s64, u64>, u32, s64>>},
          },
      .examples =
          {
              {"bfind.u32 d:32, a:32", {0x00018000u}, {16}, "the highest set bit"},
              {"bfind.u32 d:32, a:32", {0xffffffffu}, {31}, "unsigned: the top bit counts"},
              {"bfind.u32 d:32, a:32", {0}, {0xffffffffu}, "none"},
              {"bfind.s32 d:32, a:32", {0xfffffff0u}, {3}, "negative: the highest 0"},
              {"bfind.s32 d:32, a:32", {0x00000010u}, {4}, "positive: the highest 1"},
              {"bfind.s32 d:32, a:32", {0xffffffffu}, {0xffffffffu}, "-1 has only sign bits"},
              {"bfind.u64 d:32, a:64", {0x0000000100000000u}, {32}, "64 bits wide"},
              {"bfind.s64 d:32, a:64", {0x8000000000000000u}, {62}, "the smallest value"},
              {"bfind.shiftamt.u32 d:32, a:32", {0x00018000u}, {15}, "31 - 16"},
              {"bfind.shiftamt.u32 d:32, a:32", {0}, {0xffffffffu}, "none"},
              {"bfind.shiftamt.s32 d:32, a:32", {0xfffffff0u}, {28}, "31 - 3"},
              {"bfind.shiftamt.u64 d:32, a:64", {1}, {63}, "63 - 0"},
              {"bfind.shiftamt.s64 d:32, a:64", {0xffffffffffffffffu}, {0xffffffffu}, "none"},
          },

  };
}

}  // namespace attest::ptx
