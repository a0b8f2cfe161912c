// cnot: PTX ISA 9.0, 9.7.8.5.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

template <class T>
T is_zero(T a) {
  return a == 0 ? 1 : 0;
}

}  // namespace

Insn insn_cnot();
Insn insn_cnot() {
  return {
      .opcode = "cnot",
      .forms =
          {
              {"cnot.b16 d:16, a:16", always<lift<is_zero<u16>, u16, u16>>},
              {"cnot.b32 d:32, a:32", always<lift<is_zero<u32>, u32, u32>>},
              {"cnot.b64 d:64, a:64", always<lift<is_zero<u64>, u64, u64>>},
          },
      .examples =
          {
              {"cnot.b16 d:16, a:16", {0}, {1}, "0 becomes 1"},
              {"cnot.b16 d:16, a:16", {0x8000}, {0}, "anything else becomes 0"},
              {"cnot.b32 d:32, a:32", {0}, {1}, "0 becomes 1"},
              {"cnot.b32 d:32, a:32", {2}, {0}, "anything else becomes 0"},
              {"cnot.b64 d:64, a:64", {0x100000000u}, {0}, "all 64 bits"},
              {"cnot.b64 d:64, a:64", {0}, {1}, "0 becomes 1"},
          },

  };
}

}  // namespace attest::ptx
