// not: PTX ISA 9.0, 9.7.8.4.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

template <class T>
T complement(T a) {
  return static_cast<T>(~a);
}

const Instr* not_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u32& d = w.predicates[i->op[0]];
  d = (d & ~m) | (~w.predicates[i->op[1]] & m);
  return i + 1;
}

}  // namespace

Insn insn_not();
Insn insn_not() {
  return {
      .opcode = "not",
      .forms =
          {
              {"not.pred p:p, a:p", always<not_predicate>},
              {"not.b16 d:16, a:16", always<lift<complement<u16>, u16, u16>>, Propagation::bitwise},
              {"not.b32 d:32, a:32", always<lift<complement<u32>, u32, u32>>, Propagation::bitwise},
              {"not.b64 d:64, a:64", always<lift<complement<u64>, u64, u64>>, Propagation::bitwise},
          },
      .examples =
          {
              {"not.b16 d:16, a:16", {0x00ff}, {0xff00}, "every bit"},
              {"not.b32 d:32, a:32", {0x0000ffffu}, {0xffff0000u}, "every bit"},
              {"not.b64 d:64, a:64", {0x00000000ffffffffu}, {0xffffffff00000000u}, "every bit"},
              {"not.pred p:p, a:p", {0}, {1}, "false becomes true"},
              {"not.pred p:p, a:p", {1}, {0}, "true becomes false"},
          },
  };
}

}  // namespace attest::ptx
