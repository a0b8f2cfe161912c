// szext: PTX ISA 9.0, 9.7.1.21.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// The low n bits of a, extended; 0 for n = 0, and a for n >= 32 with .clamp.
template <bool kSigned, bool kClamp>
u32 extend(u32 a, u32 n) {
  if (kClamp && n >= 32) return a;
  const u32 bits = n & 31;
  const u32 low = a & ~(~u32{0} << bits);
  const bool is_negative = kSigned && bits != 0 && (a >> (bits - 1) & 1) != 0;
  return is_negative ? low | ~u32{0} << bits : low;
}

template <bool kSigned>
Handler pick(const Match& m, Instr*) {
  return m.has("clamp") ? lift<extend<kSigned, true>, u32, u32, u32>
                        : lift<extend<kSigned, false>, u32, u32, u32>;
}

}  // namespace

Insn insn_szext();
Insn insn_szext() {
  return {
      .opcode = "szext",
      .forms =
          {
              {"szext.(clamp|wrap).u32 d:32, a:32, b:32", pick<false>},
              {"szext.(clamp|wrap).s32 d:32, a:32, b:32", pick<true>},
          },
      .examples =
          {
              {"szext.wrap.u32 d:32, a:32, b:32", {0xffffffffu, 0}, {0}, "manual: 0 bits are 0"},
              {"szext.clamp.u32 d:32, a:32, b:32", {0xffffffffu, 8}, {0xff}, "zero-extended"},
              {"szext.clamp.s32 d:32, a:32, b:32", {0x80, 8}, {0xffffff80u}, "sign-extended"},
              {"szext.clamp.s32 d:32, a:32, b:32", {0xf7f, 8}, {0x7f}, "a clear sign"},
              {"szext.clamp.s32 d:32, a:32, b:32", {0x80000001u, 32}, {0x80000001u}, "32: as is"},
              {"szext.clamp.u32 d:32, a:32, b:32", {0x80000001u, 40}, {0x80000001u}, "40: as is"},
              {"szext.wrap.s32 d:32, a:32, b:32", {0x80, 40}, {0xffffff80u}, "40 wraps to 8"},
              {"szext.wrap.u32 d:32, a:32, b:32", {0xffffffffu, 32}, {0}, "32 wraps to 0"},
          },
  };
}

}  // namespace attest::ptx
