// shfl.sync: PTX ISA 9.0, 9.7.9.6. A shuffle moves registers; it does not order memory.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

#include <cstring>

namespace attest::ptx {
namespace {

enum class Pattern : u8 { up, down, butterfly, index };

/// op: d, p (kNoPredicate when absent), a, b, c, membermask.
template <Pattern P>
const Instr* shuffle(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const Instr* next = nullptr;
  if (!members_have_come(w, i, i->op[5], &next)) return next;
  const auto* b = w.row<const u32>(i->op[3]);
  const auto* c = w.row<const u32>(i->op[4]);
  u32 values[kLanes];
  std::memcpy(values, w.row<const u32>(i->op[2]), sizeof values);
  auto* d = w.row<u32>(i->op[0]);
  u32 in_range = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const u32 segment = c[l] >> 8 & 0x1f;
    const u32 by = b[l] & 0x1f;
    const u32 max_lane = (l & segment) | (c[l] & 0x1f & ~segment);
    const u32 min_lane = l & segment;
    u32 from = l;
    bool is_in = false;
    if constexpr (P == Pattern::up) {
      from = l - by;
      is_in = static_cast<s32>(from) >= static_cast<s32>(max_lane);
    } else if constexpr (P == Pattern::down) {
      from = l + by;
      is_in = from <= max_lane;
    } else if constexpr (P == Pattern::butterfly) {
      from = l ^ by;
      is_in = from <= max_lane;
    } else {
      from = min_lane | (by & ~segment);
      is_in = from <= max_lane;
    }
    if (!is_in) from = l;
    d[l] = values[from];
    in_range |= static_cast<u32>(is_in) << l;
  }
  if (i->op[1] != kNoPredicate) {
    u32& p = w.predicates[i->op[1]];
    p = (p & ~m) | (in_range & m);
  }
  return i + 1;
}

}  // namespace

Insn insn_shfl();
Insn insn_shfl() {
  return {
      .opcode = "shfl",
      .forms =
          {
              {"shfl.sync.up.b32 d:32|q:p, a:32, b:32, c:32, e:32",
               always<shuffle<Pattern::up>>,
               Propagation::exchanges,
               1u << 3 | 1u << 4 | 1u << 5},
              {"shfl.sync.down.b32 d:32|q:p, a:32, b:32, c:32, e:32",
               always<shuffle<Pattern::down>>,
               Propagation::exchanges,
               1u << 3 | 1u << 4 | 1u << 5},
              {"shfl.sync.bfly.b32 d:32|q:p, a:32, b:32, c:32, e:32",
               always<shuffle<Pattern::butterfly>>,
               Propagation::exchanges,
               1u << 3 | 1u << 4 | 1u << 5},
              {"shfl.sync.idx.b32 d:32|q:p, a:32, b:32, c:32, e:32",
               always<shuffle<Pattern::index>>,
               Propagation::exchanges,
               1u << 3 | 1u << 4 | 1u << 5},
          },
      .examples = {},
      .warp_examples =
          {
              {"shfl.sync.bfly.b32 %value, %lane, 1, 31, 0xffffffff;",
               {1,  0,  3,  2,  5,  4,  7,  6,  9,  8,  11, 10, 13, 12, 15, 14,
                17, 16, 19, 18, 21, 20, 23, 22, 25, 24, 27, 26, 29, 28, 31, 30},
               "neighbours swap"},
              {"shfl.sync.up.b32 %value|%p, %lane, 2, 0, 0xffffffff; @!%p add.u32 %value, %value, "
               "100;",
               {100, 101, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                14,  15,  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29},
               "the two lowest lanes have no source: own value, predicate false"},
              {"shfl.sync.down.b32 %value|%p, %lane, 4, 0x1807, 0xffffffff;",
               {4,  5,  6,  7,  4,  5,  6,  7,  12, 13, 14, 15, 12, 13, 14, 15,
                20, 21, 22, 23, 20, 21, 22, 23, 28, 29, 30, 31, 28, 29, 30, 31},
               "segments of 8 lanes: c = (32 - 8) << 8 | 7"},
              {"shfl.sync.idx.b32 %value, %lane, 5, 0x1807, 0xffffffff;",
               {5,  5,  5,  5,  5,  5,  5,  5,  13, 13, 13, 13, 13, 13, 13, 13,
                21, 21, 21, 21, 21, 21, 21, 21, 29, 29, 29, 29, 29, 29, 29, 29},
               "lane 5 of each segment of 8"},
          },
  };
}

}  // namespace attest::ptx
