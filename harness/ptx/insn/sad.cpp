// sad: PTX ISA 9.0, 9.7.1.7.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// c + |a - b|; difference and sum wrap.
template <class T, class Unsigned>
T add_distance(T a, T b, T c) {
  const auto x = static_cast<Unsigned>(a);
  const auto y = static_cast<Unsigned>(b);
  const auto distance = static_cast<Unsigned>(a < b ? y - x : x - y);
  return static_cast<T>(static_cast<Unsigned>(distance + static_cast<Unsigned>(c)));
}

}  // namespace

Insn insn_sad();
Insn insn_sad() {
  return {
      .opcode = "sad",
      .forms =
          {
              {"sad.u16 d:16, a:16, b:16, c:16",
               always<lift<add_distance<u16, u16>, u16, u16, u16, u16>>},
              {"sad.s16 d:16, a:16, b:16, c:16",
               always<lift<add_distance<s16, u16>, s16, s16, s16, s16>>},
              {"sad.u32 d:32, a:32, b:32, c:32",
               always<lift<add_distance<u32, u32>, u32, u32, u32, u32>>},
              {"sad.s32 d:32, a:32, b:32, c:32",
               always<lift<add_distance<s32, u32>, s32, s32, s32, s32>>},
              {"sad.u64 d:64, a:64, b:64, c:64",
               always<lift<add_distance<u64, u64>, u64, u64, u64, u64>>},
              {"sad.s64 d:64, a:64, b:64, c:64",
               always<lift<add_distance<s64, u64>, s64, s64, s64, s64>>},
          },
      .examples =
          {
              {"sad.u16 d:16, a:16, b:16, c:16", {1, 0xffff, 3}, {1}, "65534 + 3 wraps"},
              {"sad.s16 d:16, a:16, b:16, c:16", {1, 0xffff, 3}, {5}, "|1 - -1| + 3"},
              {"sad.u32 d:32, a:32, b:32, c:32", {0xffffffffu, 1, 0}, {0xfffffffeu}, "unsigned"},
              {"sad.u32 d:32, a:32, b:32, c:32", {3, 10, 100}, {107}, "either order"},
              {"sad.s32 d:32, a:32, b:32, c:32", {0xffffffffu, 1, 0}, {2}, "|-1 - 1|"},
              {"sad.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 0x7fffffffu, 1},
               {0},
               "2^32 - 1 + 1 wraps"},
              {"sad.u64 d:64, a:64, b:64, c:64",
               {0, 0x8000000000000000u, 1},
               {0x8000000000000001u},
               "unsigned"},
              {"sad.s64 d:64, a:64, b:64, c:64",
               {0xfffffffffffffff6u, 10, 5},
               {25},
               "|-10 - 10| + 5"},
          },

  };
}

}  // namespace attest::ptx
