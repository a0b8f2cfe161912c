// shl: PTX ISA 9.0, 9.7.8.8. Shift amounts above the width give 0.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u16 shl16(u16 a, u32 n) {
  return static_cast<u16>(n < 16 ? a << n : 0);
}
u32 shl32(u32 a, u32 n) {
  return n < 32 ? a << n : 0;
}
u64 shl64(u64 a, u32 n) {
  return n < 64 ? a << n : 0;
}

}  // namespace

Insn insn_shl();
Insn insn_shl() {
  return {
      .opcode = "shl",
      .forms =
          {
              {"shl.b16 d:16, a:16, b:32",
               always<lift<shl16, u16, u16, u32>>,
               Propagation::copies,
               1u << 2},
              {"shl.b32 d:32, a:32, b:32",
               always<lift<shl32, u32, u32, u32>>,
               Propagation::copies,
               1u << 2},
              {"shl.b64 d:64, a:64, b:32",
               always<lift<shl64, u64, u64, u32>>,
               Propagation::copies,
               1u << 2},
          },
      .examples =
          {
              {"shl.b16 d:16, a:16, b:32", {0x8001, 1}, {2}, "bits leave at the top"},
              {"shl.b32 d:32, a:32, b:32", {1, 31}, {0x80000000u}, "to the sign bit"},
              {"shl.b32 d:32, a:32, b:32", {1, 32}, {0}, "amounts are clamped to the width"},
              {"shl.b64 d:64, a:64, b:32", {1, 63}, {0x8000000000000000u}, "to the sign bit"},
              {"shl.b64 d:64, a:64, b:32",
               {1, 0xffffffffu},
               {0},
               "amounts are clamped to the width"},
          },
  };
}

}  // namespace attest::ptx
