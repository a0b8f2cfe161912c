// rem: PTX ISA 9.0, 9.7.1.9. By zero the manual leaves the result open; hardware gives all ones.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

#include <type_traits>

namespace attest::ptx {
namespace {

/// The sign of the dividend, as division truncates.
template <class T>
T remainder(T a, T b) {
  if (b == 0) return static_cast<T>(~T{0});
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;  // the host traps on the smallest value / -1
  }
  return static_cast<T>(a % b);
}

}  // namespace

Insn insn_rem();
Insn insn_rem() {
  return {
      .opcode = "rem",
      .forms =
          {
              {"rem.u16 d:16, a:16, b:16", always<lift<remainder<u16>, u16, u16, u16>>},
              {"rem.s16 d:16, a:16, b:16", always<lift<remainder<s16>, s16, s16, s16>>},
              {"rem.u32 d:32, a:32, b:32", always<lift<remainder<u32>, u32, u32, u32>>},
              {"rem.s32 d:32, a:32, b:32", always<lift<remainder<s32>, s32, s32, s32>>},
              {"rem.u64 d:64, a:64, b:64", always<lift<remainder<u64>, u64, u64, u64>>},
              {"rem.s64 d:64, a:64, b:64", always<lift<remainder<s64>, s64, s64, s64>>},
          },
      .examples =
          {
              {"rem.u16 d:16, a:16, b:16", {0xffff, 10}, {5}, "65535 = 6553 * 10 + 5"},
              {"rem.s16 d:16, a:16, b:16", {0xfff9, 4}, {0xfffd}, "-7 = -1 * 4 - 3"},
              {"rem.u32 d:32, a:32, b:32", {0xffffffffu, 16}, {15}, "unsigned"},
              {"rem.u32 d:32, a:32, b:32", {7, 0}, {0xffffffffu}, "by zero: all ones"},
              {"rem.s32 d:32, a:32, b:32", {0xfffffff9u, 3}, {0xffffffffu}, "-7 = -2 * 3 - 1"},
              {"rem.s32 d:32, a:32, b:32", {7, 0xfffffffdu}, {1}, "7 = -2 * -3 + 1"},
              {"rem.s32 d:32, a:32, b:32", {0x80000000u, 0xffffffffu}, {0}, "no overflow"},
              {"rem.s32 d:32, a:32, b:32", {7, 0}, {0xffffffffu}, "by zero: all ones"},
              {"rem.u64 d:64, a:64, b:64", {0x8000000000000001u, 2}, {1}, "unsigned"},
              {"rem.s64 d:64, a:64, b:64",
               {0x8000000000000001u, 2},
               {0xffffffffffffffffu},
               "the sign of the dividend"},
              {"rem.s64 d:64, a:64, b:64",
               {0x8000000000000000u, 0xffffffffffffffffu},
               {0},
               "no overflow"},
          },
  };
}

}  // namespace attest::ptx
