// bfi: PTX ISA 9.0, 9.7.1.20. Position and length are the low bytes of their operands.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// `length` low bits of a, put into b at `position`; what would lie beyond the top is dropped.
template <class T>
T insert(T a, T b, u32 position, u32 length) {
  constexpr u32 kBits = sizeof(T) * 8;
  const u32 at = position & 0xff;
  const u32 wanted = length & 0xff;
  const T low = wanted >= kBits ? ~T{0} : (T{1} << (wanted & (kBits - 1))) - 1;
  const T field = at >= kBits ? 0 : low << (at & (kBits - 1));
  return (b & ~field) | (a << (at & (kBits - 1)) & field);
}

}  // namespace

Insn insn_bfi();
Insn insn_bfi() {
  return {
      .opcode = "bfi",
      .forms =
          {
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               always<lift<insert<u32>, u32, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3 | 1u << 4},
              {"bfi.b64 d:64, a:64, b:64, c:32, e:32",
               always<lift<insert<u64>, u64, u64, u64, u32, u32>>,
               Propagation::copies,
               1u << 3 | 1u << 4},
          },
      .examples =
          {
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0xabu, 0x11111111u, 8, 8},
               {0x1111ab11u},
               "8 bits at bit 8"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0xffffffffu, 0x11111111u, 8, 4},
               {0x11111f11u},
               "only the low bits of a"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0xffffffffu, 0x11111111u, 8, 0},
               {0x11111111u},
               "nothing"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0x12345678u, 0xffffffffu, 0, 32},
               {0x12345678u},
               "everything"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0, 0xffffffffu, 28, 8},
               {0x0fffffffu},
               "the rest is dropped"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0, 0xffffffffu, 32, 8},
               {0xffffffffu},
               "beyond the top"},
              {"bfi.b32 d:32, a:32, b:32, c:32, e:32",
               {0xabu, 0x11111111u, 0x108, 0x308},
               {0x1111ab11u},
               "only the low bytes count"},
              {"bfi.b64 d:64, a:64, b:64, c:32, e:32",
               {0xffu, 0, 60, 8},
               {0xf000000000000000u},
               "64 bits wide"},
              {"bfi.b64 d:64, a:64, b:64, c:32, e:32",
               {0xabcdu, 0x1111111111111111u, 24, 16},
               {0x111111abcd111111u},
               "across the halves"},
          },

  };
}

}  // namespace attest::ptx
