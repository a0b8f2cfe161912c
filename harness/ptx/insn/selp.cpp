// selp: PTX ISA 9.0, 9.7.6.3.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// The bits pass unchanged, so a type is only a width.
template <class T>
const Instr* select_by_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  const u32 chosen = w.predicates[i->op[3]];
  T* d = w.row<T>(i->op[0]);
  const T* a = w.row<const T>(i->op[1]);
  const T* b = w.row<const T>(i->op[2]);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    const T from_a = T{0} - static_cast<T>(chosen >> l & 1);
    const T written = T{0} - static_cast<T>(m >> l & 1);
    const T value = (a[l] & from_a) | (b[l] & ~from_a);
    d[l] = (value & written) | (d[l] & ~written);
  }
  return i + 1;
}

}  // namespace

Insn insn_selp();
Insn insn_selp() {
  return {
      .opcode = "selp",
      .forms =
          {
              {"selp.(b16|u16|s16) d:16, a:16, b:16, c:p",
               always<select_by_predicate<u32>>,
               Propagation::copies},
              {"selp.(b32|u32|s32|f32) d:32, a:32, b:32, c:p",
               always<select_by_predicate<u32>>,
               Propagation::copies},
              {"selp.(b64|u64|s64|f64) d:64, a:64, b:64, c:p",
               always<select_by_predicate<u64>>,
               Propagation::copies},
          },
      .examples =
          {
              {"selp.b16 d:16, a:16, b:16, c:p", {0x1234, 0xabcd, 1}, {0x1234}, "true: the first"},
              {"selp.u16 d:16, a:16, b:16, c:p", {0x1234, 0xabcd, 0}, {0xabcd}, "false: the other"},
              {"selp.s32 d:32, a:32, b:32, c:p", {1, 2, 1}, {1}, "true: the first"},
              {"selp.b32 d:32, a:32, b:32, c:p", {1, 2, 0}, {2}, "false: the other"},
              {"selp.f32 d:32, a:32, b:32, c:p",
               {0x7f812345u, 0x3f800000u, 1},
               {0x7f812345u},
               "a signalling NaN passes unchanged"},
              {"selp.f32 d:32, a:32, b:32, c:p",
               {0x3f800000u, 0x80000001u, 0},
               {0x80000001u},
               "a subnormal passes unchanged"},
              {"selp.b64 d:64, a:64, b:64, c:p",
               {0x0123456789abcdefu, 0xfedcba9876543210u, 1},
               {0x0123456789abcdefu},
               "all 64 bits"},
              {"selp.f64 d:64, a:64, b:64, c:p",
               {0x0123456789abcdefu, 0xfedcba9876543210u, 0},
               {0xfedcba9876543210u},
               "all 64 bits"},
          },
      .warp_examples =
          {
              {"setp.lt.u32 %p, %lane, 4; selp.b32 %value, 7, %lane, %p;",
               {7,  7,  7,  7,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "each lane has its own predicate"},
          },
  };
}

}  // namespace attest::ptx
