// shf: PTX ISA 9.0, 9.7.8.7. The funnel: a is the low word, b the high one.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u64 joined(u32 a, u32 b) {
  return u64{b} << 32 | a;
}
u32 clamped(u32 n) {
  return n < 32 ? n : 32;
}

/// .l gives the high word of the shifted pair, .r the low one.
u32 left_clamped(u32 a, u32 b, u32 n) {
  return static_cast<u32>(joined(a, b) >> (32 - clamped(n)));
}
u32 left_wrapped(u32 a, u32 b, u32 n) {
  return static_cast<u32>(joined(a, b) >> (32 - (n & 31)));
}
u32 right_clamped(u32 a, u32 b, u32 n) {
  return static_cast<u32>(joined(a, b) >> clamped(n));
}
u32 right_wrapped(u32 a, u32 b, u32 n) {
  return static_cast<u32>(joined(a, b) >> (n & 31));
}

}  // namespace

Insn insn_shf();
Insn insn_shf() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "shf",
      .forms =
          {
              {"shf.l.clamp.b32 d:32, a:32, b:32, c:32",
               always<lift<left_clamped, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"shf.l.wrap.b32 d:32, a:32, b:32, c:32",
               always<lift<left_wrapped, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"shf.r.clamp.b32 d:32, a:32, b:32, c:32",
               always<lift<right_clamped, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"shf.r.wrap.b32 d:32, a:32, b:32, c:32",
               always<lift<right_wrapped, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
          },
      .examples =
          {
              {"shf.l.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 8},
               {0xbcdef012u},
               "high word of 0x9abcdef012345678 << 8"},
              {"shf.l.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 0},
               {0x9abcdef0u},
               "b"},
              {"shf.l.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 33},
               {0x12345678u},
               "at most 32: a"},
              {"shf.l.wrap.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 36},
               {0xabcdef01u},
               "36 modulo 32 is 4"},
              {"shf.l.wrap.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 32},
               {0x9abcdef0u},
               "32 modulo 32 is 0: b"},
              {"shf.r.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 8},
               {0xf0123456u},
               "low word of 0x9abcdef012345678 >> 8"},
              {"shf.r.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 32},
               {0x9abcdef0u},
               "b"},
              {"shf.r.clamp.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 0xffffffffu},
               {0x9abcdef0u},
               "at most 32: b"},
              {"shf.r.wrap.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 32},
               {0x12345678u},
               "32 modulo 32 is 0: a"},
              {"shf.r.wrap.b32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x9abcdef0u, 4},
               {0x01234567u},
               "low word of 0x9abcdef012345678 >> 4"},
          },

  };
}

}  // namespace attest::ptx
