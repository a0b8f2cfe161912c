// clz: PTX ISA 9.0, 9.7.1.15.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 zeros32(u32 a) {
  return static_cast<u32>(std::countl_zero(a));
}
u32 zeros64(u64 a) {
  return static_cast<u32>(std::countl_zero(a));
}

}  // namespace

Insn insn_clz();
Insn insn_clz() {
  return {
      .opcode = "clz",
      .forms =
          {
              {"clz.b32 d:32, a:32", always<lift<zeros32, u32, u32>>},
              {"clz.b64 d:32, a:64", always<lift<zeros64, u32, u64>>},
          },
      .examples =
          {
              {"clz.b32 d:32, a:32", {0x00010000u}, {15}, "zeros above the highest set bit"},
              {"clz.b32 d:32, a:32", {0xffffffffu}, {0}, "none"},
              {"clz.b32 d:32, a:32", {0}, {32}, "the width for 0"},
              {"clz.b64 d:32, a:64", {1}, {63}, "64 bits wide"},
              {"clz.b64 d:32, a:64", {0}, {64}, "the width for 0"},
          },

  };
}

}  // namespace attest::ptx
