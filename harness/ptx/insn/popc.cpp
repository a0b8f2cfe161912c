// popc: PTX ISA 9.0, 9.7.1.14.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 count32(u32 a) {
  return static_cast<u32>(std::popcount(a));
}
u32 count64(u64 a) {
  return static_cast<u32>(std::popcount(a));
}

}  // namespace

Insn insn_popc();
Insn insn_popc() {
  return {
      .opcode = "popc",
      .forms =
          {
              {"popc.b32 d:32, a:32", always<lift<count32, u32, u32>>},
              {"popc.b64 d:32, a:64", always<lift<count64, u32, u64>>},
          },
      .examples =
          {
              {"popc.b32 d:32, a:32", {0}, {0}, "no bit"},
              {"popc.b32 d:32, a:32", {0x80000101u}, {3}, "counts set bits"},
              {"popc.b32 d:32, a:32", {0xffffffffu}, {32}, "every bit"},
              {"popc.b64 d:32, a:64", {0x8000000000000001u}, {2}, "both halves"},
              {"popc.b64 d:32, a:64", {0xffffffffffffffffu}, {64}, "every bit"},
          },

  };
}

}  // namespace attest::ptx
