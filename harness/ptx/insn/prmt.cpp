// prmt: PTX ISA 9.0, 9.7.9.7.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Byte n of the result is the byte of b:a (a holds bytes 0 to 3) that selector n names; with bit 3
/// of the selector, its sign in every bit.
u32 permute(u32 a, u32 b, u32 selectors) {
  const u64 bytes = u64{b} << 32 | a;
  u32 d = 0;
  for (u32 n = 0; n < 4; ++n) {
    const u32 selector = selectors >> (4 * n);
    const u32 byte = static_cast<u32>(bytes >> (8 * (selector & 7))) & 0xff;
    const u32 sign = (0u - (byte >> 7)) & 0xff;
    const u32 takes_sign = 0u - (selector >> 3 & 1);
    d |= ((sign & takes_sign) | (byte & ~takes_sign)) << (8 * n);
  }
  return d;
}

/// The four selections of a mode.
struct Mode {
  u32 selectors[4];
};
constexpr Mode kForward4 = {{0x3210, 0x4321, 0x5432, 0x6543}};
constexpr Mode kBackward4 = {{0x5670, 0x6701, 0x7012, 0x0123}};
constexpr Mode kReplicate8 = {{0x0000, 0x1111, 0x2222, 0x3333}};
constexpr Mode kEdgeClampLeft = {{0x3210, 0x3211, 0x3222, 0x3333}};
constexpr Mode kEdgeClampRight = {{0x0000, 0x1110, 0x2210, 0x3210}};
constexpr Mode kReplicate16 = {{0x1010, 0x3232, 0x1010, 0x3232}};

template <const Mode& M>
u32 permute_by_mode(u32 a, u32 b, u32 c) {
  return permute(a, b, M.selectors[c & 3]);
}

}  // namespace

Insn insn_prmt();
Insn insn_prmt() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "prmt",
      .forms =
          {
              {"prmt.b32 d:32, a:32, b:32, c:32",
               always<lift<permute, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.f4e d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kForward4>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.b4e d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kBackward4>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.rc8 d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kReplicate8>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.ecl d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kEdgeClampLeft>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.ecr d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kEdgeClampRight>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
              {"prmt.b32.rc16 d:32, a:32, b:32, c:32",
               always<lift<permute_by_mode<kReplicate16>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 3},
          },
      .examples =
          {
              {"prmt.b32 d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 0x7531},
               {0x77553311u},
               "odd bytes"},
              {"prmt.b32 d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 0x5410},
               {0x55441100u},
               "both low halves"},
              {"prmt.b32 d:32, a:32, b:32, c:32",
               {0x00008000u, 0, 0x0009},
               {0x000000ffu},
               "the sign of byte 1"},
              {"prmt.b32 d:32, a:32, b:32, c:32",
               {0x0000007fu, 0x80000000u, 0x8f80},
               {0x00ff007fu},
               "signs of bytes 0, 7, 0"},
              {"prmt.b32 d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 0xffff3210u},
               {0x33221100u},
               "only the low half of c counts"},
              {"prmt.b32.f4e d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 1},
               {0x44332211u},
               "four from byte 1, upwards"},
              {"prmt.b32.f4e d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 7},
               {0x66554433u},
               "only the low two bits of c count"},
              {"prmt.b32.b4e d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 1},
               {0x66770011u},
               "four from byte 1, downwards"},
              {"prmt.b32.rc8 d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 2},
               {0x22222222u},
               "one byte"},
              {"prmt.b32.ecl d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 2},
               {0x33222222u},
               "not below byte 2"},
              {"prmt.b32.ecr d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 2},
               {0x22221100u},
               "not above byte 2"},
              {"prmt.b32.rc16 d:32, a:32, b:32, c:32",
               {0x33221100u, 0x77665544u, 1},
               {0x33223322u},
               "the upper half"},
          },

  };
}

}  // namespace attest::ptx
