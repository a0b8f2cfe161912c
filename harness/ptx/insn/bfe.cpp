// bfe: PTX ISA 9.0, 9.7.1.19. Position and length are the low bytes of their operands.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

#include <type_traits>

namespace attest::ptx {
namespace {

/// Bits of the field that lie in the value come from it. Those above are 0, or for a signed type
/// the sign of the field: its highest bit, or the highest bit of the value when the field ends
/// beyond it.
template <class T, class Unsigned>
T extract(T a, u32 position, u32 length) {
  constexpr u32 kBits = sizeof(T) * 8;
  const u32 from = position & 0xff;
  const u32 wanted = length & 0xff;
  const u32 left = from < kBits ? kBits - from : 0;
  const u32 valid = wanted < left ? wanted : left;
  const auto bits = static_cast<Unsigned>(a);
  const Unsigned field = left == 0 ? 0 : bits >> (from & (kBits - 1));
  const Unsigned mask = valid == kBits ? ~Unsigned{0} : (Unsigned{1} << (valid & (kBits - 1))) - 1;
  Unsigned above = 0;
  if constexpr (std::is_signed_v<T>) {
    const u32 last = from + wanted - 1;
    const u32 sign_at = last < kBits ? last : kBits - 1;
    if (wanted != 0 && (bits >> sign_at & 1) != 0) above = ~mask;
  }
  return static_cast<T>((field & mask) | above);
}

}  // namespace

Insn insn_bfe();
Insn insn_bfe() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "bfe",
      .forms =
          {
              {"bfe.u32 d:32, a:32, b:32, c:32",
               always<lift<extract<u32, u32>, u32, u32, u32, u32>>,
               Propagation::copies,
               1u << 2 | 1u << 3},
              {"bfe.u64 d:64, a:64, b:32, c:32",
               always<lift<extract<u64, u64>, u64, u64, u32, u32>>,
               Propagation::copies,
               1u << 2 | 1u << 3},
              {"bfe.s32 d:32, a:32, b:32, c:32",
               always<lift<extract<s32, u32>, s32, s32, u32, u32>>,
               Propagation::copies,
               1u << 2 | 1u << 3},
              {"bfe.s64 d:64, a:64, b:32, c:32",
               always<lift<extract<s64, u64>, s64, s64, u32, u32>>,
               Propagation::copies,
               1u << 2 | 1u << 3},
          },
      .examples =
          {
              {"bfe.u32 d:32, a:32, b:32, c:32",
               {0x12345678u, 8, 12},
               {0x456},
               "12 bits from bit 8"},
              {"bfe.u32 d:32, a:32, b:32, c:32", {0xffffffffu, 0, 32}, {0xffffffffu}, "all of it"},
              {"bfe.u32 d:32, a:32, b:32, c:32", {0xffffffffu, 4, 0}, {0}, "an empty field is 0"},
              {"bfe.u32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 28, 8},
               {0xf},
               "zeros beyond the value"},
              {"bfe.u32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 32, 8},
               {0},
               "zeros beyond the value"},
              {"bfe.u32 d:32, a:32, b:32, c:32",
               {0x12345678u, 0x108, 0x20c},
               {0x456},
               "only the low bytes count"},
              {"bfe.s32 d:32, a:32, b:32, c:32",
               {0x00000f00u, 8, 4},
               {0xffffffffu},
               "the field's top bit is its sign"},
              {"bfe.s32 d:32, a:32, b:32, c:32",
               {0x00000f00u, 8, 5},
               {0x0000000fu},
               "the field's top bit is its sign"},
              {"bfe.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 28, 8},
               {0xfffffff8u},
               "beyond the value: its sign"},
              {"bfe.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 40, 8},
               {0xffffffffu},
               "wholly beyond the value: its sign"},
              {"bfe.s32 d:32, a:32, b:32, c:32", {0x80000000u, 40, 0}, {0}, "an empty field is 0"},
              {"bfe.u64 d:64, a:64, b:32, c:32",
               {0x123456789abcdef0u, 36, 16},
               {0x4567},
               "across the halves"},
              {"bfe.s64 d:64, a:64, b:32, c:32",
               {0x8000000000000000u, 63, 1},
               {0xffffffffffffffffu},
               "one bit"},
              {"bfe.s64 d:64, a:64, b:32, c:32",
               {0x4000000000000000u, 0, 255},
               {0x4000000000000000u},
               "a longer field"},
          },

  };
}

}  // namespace attest::ptx
