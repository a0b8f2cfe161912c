// match.sync: PTX ISA 9.0, 9.7.13.10.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

// op of .any: d, a, membermask; of .all: d, p (kNoPredicate when absent), a, membermask.
constexpr std::size_t kAnyMask = 2;
constexpr std::size_t kAllMask = 3;

/// Lanes of the group whose value is that of `lane`.
template <class T>
u32 equal_lanes(const T* values, u32 group, u32 lane) {
  u32 equal = 0;
  for_each_lane(group, [&](u32 l) { equal |= static_cast<u32>(values[l] == values[lane]) << l; });
  return equal;
}

template <class T>
void match_any(Warp& w, const Instr* i, u32 group) {
  const T* values = w.row<const T>(i->op[1]);
  u32 equal[kLanes];  // first all, since d may be the row of values
  for_each_lane(group, [&](u32 l) { equal[l] = equal_lanes(values, group, l); });
  for_each_lane(group, [&](u32 l) { w.row<u32>(i->op[0])[l] = equal[l]; });
}

template <class T>
void match_all(Warp& w, const Instr* i, u32 group) {
  const T* values = w.row<const T>(i->op[2]);
  const bool is_same =
      equal_lanes(values, group, static_cast<u32>(std::countr_zero(group))) == group;
  for_each_lane(group, [&](u32 l) { w.row<u32>(i->op[0])[l] = is_same ? group : 0; });
  write_predicate(w, i->op[1], group, is_same ? kAllLanes : 0);
}

}  // namespace

Insn insn_match();
Insn insn_match() {
  return {
      .opcode = "match",
      .forms =
          {
              {"match.any.sync.b32 d:32, a:32, b:32",
               always<each_group<match_any<u32>, kAnyMask>>,
               Propagation::gathers},
              {"match.any.sync.b64 d:32, a:64, b:32",
               always<each_group<match_any<u64>, kAnyMask>>,
               Propagation::gathers},
              {"match.all.sync.b32 d:32|q:p, a:32, b:32",
               always<each_group<match_all<u32>, kAllMask>>,
               Propagation::gathers},
              {"match.all.sync.b64 d:32|q:p, a:64, b:32",
               always<each_group<match_all<u64>, kAllMask>>,
               Propagation::gathers},
          },
      .examples = {},
      .warp_examples =
          {
              {"and.b32 %a, %lane, 3; match.any.sync.b32 %value, %a, 0xffffffff;",
               {0x11111111, 0x22222222,  0x44444444, 0x88888888u, 0x11111111, 0x22222222,
                0x44444444, 0x88888888u, 0x11111111, 0x22222222,  0x44444444, 0x88888888u,
                0x11111111, 0x22222222,  0x44444444, 0x88888888u, 0x11111111, 0x22222222,
                0x44444444, 0x88888888u, 0x11111111, 0x22222222,  0x44444444, 0x88888888u,
                0x11111111, 0x22222222,  0x44444444, 0x88888888u, 0x11111111, 0x22222222,
                0x44444444, 0x88888888u},
               "every fourth lane has the same value"},
              {"shr.u32 %a, %lane, 4; mov.b64 %wide, {0, %a}; match.any.sync.b64 %value, %wide, "
               "0xffffffff;",
               {0xffff,      0xffff,      0xffff,      0xffff,      0xffff,      0xffff,
                0xffff,      0xffff,      0xffff,      0xffff,      0xffff,      0xffff,
                0xffff,      0xffff,      0xffff,      0xffff,      0xffff0000u, 0xffff0000u,
                0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u,
                0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u, 0xffff0000u,
                0xffff0000u, 0xffff0000u},
               "all 64 bits"},
              {"setp.lt.u32 %p, %lane, 2; mov.u32 %value, 7; @%p match.any.sync.b32 %value, "
               "%value, 3;",
               {3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7},
               "members only; the result may replace the value"},
              {"match.all.sync.b32 %a|%p, 7, 0xffffffff; selp.b32 %value, %a, 1, %p;",
               std::vector<u32>(32, 0xffffffffu),
               "the same in all: the members, and true"},
              {"match.all.sync.b32 %a|%p, %lane, 0xffffffff; selp.b32 %value, 1, %a, %p;",
               std::vector<u32>(32, 0),
               "not the same: 0, and false"},
              {"setp.eq.u32 %p, %lane, 31; selp.b32 %a, 1, 0, %p; mov.b64 %wide, {0, %a}; "
               "match.all.sync.b64 %value, %wide, 0xffffffff;",
               std::vector<u32>(32, 0),
               "all 64 bits; without the predicate"},
          },
  };
}

}  // namespace attest::ptx
