// and: PTX ISA 9.0, 9.7.8.1.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 and32(u32 a, u32 b) {
  return a & b;
}
u64 and64(u64 a, u64 b) {
  return a & b;
}

const Instr* and_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u32& d = w.predicates[i->op[0]];
  d = (d & ~m) | (w.predicates[i->op[1]] & w.predicates[i->op[2]] & m);
  return i + 1;
}

}  // namespace

Insn insn_and();
Insn insn_and() {
  return {
      .opcode = "and",
      .forms =
          {
              {"and.pred p:p, a:p, b:p", always<and_predicate>, Propagation::bitwise_and},
              {"and.b16 d:16, a:16, b:16",
               always<lift<and32, u32, u32, u32>>,
               Propagation::bitwise_and},
              {"and.b32 d:32, a:32, b:32",
               always<lift<and32, u32, u32, u32>>,
               Propagation::bitwise_and},
              {"and.b64 d:64, a:64, b:64",
               always<lift<and64, u64, u64, u64>>,
               Propagation::bitwise_and},
          },
      .examples =
          {
              {"and.b16 d:16, a:16, b:16", {0xff0f, 0x0ff0}, {0x0f00}, "bitwise"},
              {"and.b32 d:32, a:32, b:32", {0xff00ff00u, 0x0ff00ff0u}, {0x0f000f00u}, "bitwise"},
              {"and.b64 d:64, a:64, b:64",
               {0xff00ff00ff00ff00u, 0x0ff00ff00ff00ff0u},
               {0x0f000f000f000f00u},
               "bitwise"},
              {"and.pred p:p, a:p, b:p", {1, 1}, {1}, "both"},
              {"and.pred p:p, a:p, b:p", {1, 0}, {0}, "one is not enough"},
          },
  };
}

}  // namespace attest::ptx
