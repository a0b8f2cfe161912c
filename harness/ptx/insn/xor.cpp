// xor: PTX ISA 9.0, 9.7.8.3.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 xor32(u32 a, u32 b) {
  return a ^ b;
}
u64 xor64(u64 a, u64 b) {
  return a ^ b;
}

const Instr* xor_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u32& d = w.predicates[i->op[0]];
  d = (d & ~m) | ((w.predicates[i->op[1]] ^ w.predicates[i->op[2]]) & m);
  return i + 1;
}

}  // namespace

Insn insn_xor();
Insn insn_xor() {
  return {
      .opcode = "xor",
      .forms =
          {
              {"xor.pred p:p, a:p, b:p", always<xor_predicate>, Propagation::bitwise},
              {"xor.b16 d:16, a:16, b:16",
               always<lift<xor32, u32, u32, u32>>,
               Propagation::bitwise},
              {"xor.b32 d:32, a:32, b:32",
               always<lift<xor32, u32, u32, u32>>,
               Propagation::bitwise},
              {"xor.b64 d:64, a:64, b:64",
               always<lift<xor64, u64, u64, u64>>,
               Propagation::bitwise},
          },
      .examples =
          {
              {"xor.b16 d:16, a:16, b:16", {0xff0f, 0x0ff0}, {0xf0ff}, "bitwise"},
              {"xor.b32 d:32, a:32, b:32", {0xff00ff00u, 0x0ff00ff0u}, {0xf0f0f0f0u}, "bitwise"},
              {"xor.b64 d:64, a:64, b:64",
               {0xff00ff00ff00ff00u, 0x0ff00ff00ff00ff0u},
               {0xf0f0f0f0f0f0f0f0u},
               "bitwise"},
              {"xor.pred p:p, a:p, b:p", {1, 1}, {0}, "both"},
              {"xor.pred p:p, a:p, b:p", {1, 0}, {1}, "exactly one"},
          },
  };
}

}  // namespace attest::ptx
