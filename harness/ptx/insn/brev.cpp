// brev: PTX ISA 9.0, 9.7.1.18.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Swaps neighbouring groups of bits, from single bits up to halves.
template <class T>
T reverse(T a) {
  constexpr T kOnes = static_cast<T>(~T{0});
  a = (a >> 1 & kOnes / 3) | (a & kOnes / 3) << 1;
  a = (a >> 2 & kOnes / 5) | (a & kOnes / 5) << 2;
  a = (a >> 4 & kOnes / 17) | (a & kOnes / 17) << 4;
  a = (a >> 8 & kOnes / 257) | (a & kOnes / 257) << 8;
  a = (a >> 16 & kOnes / 65537) | (a & kOnes / 65537) << 16;
  if constexpr (sizeof(T) == 8) a = a >> 32 | a << 32;
  return a;
}

}  // namespace

Insn insn_brev();
Insn insn_brev() {
  return {
      .opcode = "brev",
      .forms =
          {
              {"brev.b32 d:32, a:32", always<lift<reverse<u32>, u32, u32>>},
              {"brev.b64 d:64, a:64", always<lift<reverse<u64>, u64, u64>>},
          },
      .examples =
          {
              {"brev.b32 d:32, a:32", {0x00000001u}, {0x80000000u}, "bit 0 becomes bit 31"},
              {"brev.b32 d:32, a:32",
               {0x12345678u},
               {0x1e6a2c48u},
               "each hexadecimal digit mirrored, in reverse order"},
              {"brev.b64 d:64, a:64",
               {0x0000000000000002u},
               {0x4000000000000000u},
               "bit 1 becomes bit 62"},
              {"brev.b64 d:64, a:64",
               {0x0123456789abcdefu},
               {0xf7b3d591e6a2c480u},
               "each hexadecimal digit mirrored, in reverse order"},
          },

  };
}

}  // namespace attest::ptx
