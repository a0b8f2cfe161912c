// add: PTX ISA 9.0, 9.7.1.1 (integer) and 9.7.3.3 (floating point).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u16 add16(u16 a, u16 b) {
  return static_cast<u16>(a + b);
}
u32 add32(u32 a, u32 b) {
  return a + b;
}
u64 add64(u64 a, u64 b) {
  return a + b;
}

}  // namespace

Insn insn_add();
Insn insn_add() {
  return {
      .opcode = "add",
      .forms =
          {
              {"add.(u16|s16) d:16, a:16, b:16", always<lift<add16, u16, u16, u16>>},
              {"add.(u32|s32) d:32, a:32, b:32", always<lift<add32, u32, u32, u32>>},
              {"add.(u64|s64) d:64, a:64, b:64", always<lift<add64, u64, u64, u64>>},
          },
      .examples =
          {
              {"add.u32 d:32, a:32, b:32", {0xffffffffu, 2}, {1}, "wraps modulo 2^32"},
          },
  };
}

}  // namespace attest::ptx
