// fns: PTX ISA 9.0, 9.7.1.17.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Where the |offset|-th set bit is, from bit `base` on upwards or downwards; ~0 where there is
/// none. offset 0 asks for `base` itself. A base beyond 31, undefined in the manual, finds nothing.
u32 find(u32 mask, u32 base, s32 offset) {
  if (base > 31) return ~u32{0};
  if (offset == 0) return (mask >> base & 1) != 0 ? base : ~u32{0};
  const int step = offset > 0 ? 1 : -1;
  s64 left = offset > 0 ? s64{offset} : -s64{offset};
  for (int at = static_cast<int>(base); at >= 0 && at < 32; at += step) {
    left -= (mask >> at & 1) != 0 ? 1 : 0;
    if (left == 0) return static_cast<u32>(at);
  }
  return ~u32{0};
}

}  // namespace

Insn insn_fns();
Insn insn_fns() {
  return {
      .opcode = "fns",
      .forms = {{"fns.b32 d:32, a:32, b:32, c:32", always<lift<find, u32, u32, u32, s32>>}},
      .examples =
          {
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 3, 1}, {3}, "manual"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 3, 0xffffffffu}, {3}, "manual"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 2, 1}, {3}, "manual"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 2, 0xffffffffu}, {1}, "manual"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 1, 3}, {5}, "the third from bit 1"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 3, 0}, {3}, "bit 3 itself"},
              {"fns.b32 d:32, a:32, b:32, c:32", {0xaaaaaaaau, 2, 0}, {0xffffffffu}, "is clear"},
              {"fns.b32 d:32, a:32, b:32, c:32", {1, 1, 1}, {0xffffffffu}, "none above"},
              {"fns.b32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 31, 0x80000000u},
               {0xffffffffu},
               "fewer than 2^31"},
          },
  };
}

}  // namespace attest::ptx
