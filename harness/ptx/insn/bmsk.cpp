// bmsk: PTX ISA 9.0, 9.7.1.22.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// `width` ones from bit `first` on; what lies beyond bit 31 is cut off.
template <bool kClamp>
u32 mask(u32 first, u32 width) {
  if (kClamp && first >= 32) return 0;
  const u32 wide = kClamp && width > 32 ? 32 : width;
  const u32 count = kClamp ? wide : width & 31;
  return static_cast<u32>(((u64{1} << count) - 1) << (first & 31));
}

}  // namespace

Insn insn_bmsk();
Insn insn_bmsk() {
  return {
      .opcode = "bmsk",
      .forms =
          {
              {"bmsk.clamp.b32 d:32, a:32, b:32", always<lift<mask<true>, u32, u32, u32>>},
              {"bmsk.wrap.b32 d:32, a:32, b:32", always<lift<mask<false>, u32, u32, u32>>},
          },
      .examples =
          {
              {"bmsk.wrap.b32 d:32, a:32, b:32", {1, 2}, {6}, "manual: bits 1 and 2"},
              {"bmsk.clamp.b32 d:32, a:32, b:32", {0, 32}, {0xffffffffu}, "all"},
              {"bmsk.clamp.b32 d:32, a:32, b:32", {4, 99}, {0xfffffff0u}, "to bit 31"},
              {"bmsk.clamp.b32 d:32, a:32, b:32", {28, 8}, {0xf0000000u}, "cut off"},
              {"bmsk.clamp.b32 d:32, a:32, b:32", {32, 4}, {0}, "beyond bit 31"},
              {"bmsk.clamp.b32 d:32, a:32, b:32", {3, 0}, {0}, "no bits"},
              {"bmsk.wrap.b32 d:32, a:32, b:32", {33, 34}, {6}, "both wrap"},
              {"bmsk.wrap.b32 d:32, a:32, b:32", {0, 32}, {0}, "32 wraps to 0"},
          },
  };
}

}  // namespace attest::ptx
