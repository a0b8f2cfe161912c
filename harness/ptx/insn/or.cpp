// or: PTX ISA 9.0, 9.7.8.2.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 or32(u32 a, u32 b) {
  return a | b;
}
u64 or64(u64 a, u64 b) {
  return a | b;
}

const Instr* or_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u32& d = w.predicates[i->op[0]];
  d = (d & ~m) | ((w.predicates[i->op[1]] | w.predicates[i->op[2]]) & m);
  return i + 1;
}

}  // namespace

Insn insn_or();
Insn insn_or() {
  return {
      .opcode = "or",
      .forms =
          {
              {"or.pred p:p, a:p, b:p", always<or_predicate>, Propagation::bitwise_or},
              {"or.b16 d:16, a:16, b:16",
               always<lift<or32, u32, u32, u32>>,
               Propagation::bitwise_or},
              {"or.b32 d:32, a:32, b:32",
               always<lift<or32, u32, u32, u32>>,
               Propagation::bitwise_or},
              {"or.b64 d:64, a:64, b:64",
               always<lift<or64, u64, u64, u64>>,
               Propagation::bitwise_or},
          },
      .examples =
          {
              {"or.b16 d:16, a:16, b:16", {0xf00f, 0x00f0}, {0xf0ff}, "bitwise"},
              {"or.b32 d:32, a:32, b:32", {0xf000000fu, 0x0f0000f0u}, {0xff0000ffu}, "bitwise"},
              {"or.b64 d:64, a:64, b:64",
               {0xf00000000000000fu, 0x0f000000000000f0u},
               {0xff000000000000ffu},
               "bitwise"},
              {"or.pred p:p, a:p, b:p", {0, 0}, {0}, "neither"},
              {"or.pred p:p, a:p, b:p", {1, 0}, {1}, "one is enough"},
              {"or.pred p:p, a:p, b:p", {0, 1}, {1}, "one is enough"},
              {"or.pred p:p, a:p, b:p", {1, 1}, {1}, "both"},
          },
  };
}

}  // namespace attest::ptx
