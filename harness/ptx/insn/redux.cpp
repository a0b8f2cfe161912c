// redux.sync: PTX ISA 9.0, 9.7.13.12 (integers).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

constexpr std::size_t kMask = 2;  // op: d, a, membermask

template <class T>
T sum(T a, T b) {
  return a + b;
}
template <class T>
T least(T a, T b) {
  return a < b ? a : b;
}
template <class T>
T most(T a, T b) {
  return a > b ? a : b;
}
u32 both(u32 a, u32 b) {
  return a & b;
}
u32 either(u32 a, u32 b) {
  return a | b;
}
u32 differing(u32 a, u32 b) {
  return a ^ b;
}

template <class T, T (*Op)(T, T)>
void reduce(Warp& w, const Instr* i, u32 group) {
  const T* a = w.row<const T>(i->op[1]);
  T result = a[std::countr_zero(group)];
  for_each_lane(group & (group - 1), [&](u32 l) { result = Op(result, a[l]); });
  for_each_lane(group, [&](u32 l) { w.row<T>(i->op[0])[l] = result; });
}

template <class T, T (*Op)(T, T)>
Handler reduction(const Match&, Instr*) {
  return each_group<reduce<T, Op>, kMask>;
}

}  // namespace

Insn insn_redux();
Insn insn_redux() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "redux",
      .forms =
          {
              {"redux.sync.add.(u32|s32) d:32, a:32, b:32",
               reduction<u32, sum<u32>>,
               Propagation::gathers},
              {"redux.sync.min.u32 d:32, a:32, b:32",
               reduction<u32, least<u32>>,
               Propagation::gathers},
              {"redux.sync.min.s32 d:32, a:32, b:32",
               reduction<s32, least<s32>>,
               Propagation::gathers},
              {"redux.sync.max.u32 d:32, a:32, b:32",
               reduction<u32, most<u32>>,
               Propagation::gathers},
              {"redux.sync.max.s32 d:32, a:32, b:32",
               reduction<s32, most<s32>>,
               Propagation::gathers},
              {"redux.sync.and.b32 d:32, a:32, b:32", reduction<u32, both>, Propagation::gathers},
              {"redux.sync.or.b32 d:32, a:32, b:32", reduction<u32, either>, Propagation::gathers},
              {"redux.sync.xor.b32 d:32, a:32, b:32",
               reduction<u32, differing>,
               Propagation::gathers},
          },
      .examples = {},
      .warp_examples =
          {
              {"redux.sync.add.s32 %value, %lane, 0xffffffff;",
               std::vector<u32>(32, 496),
               "0 + 1 + .. + 31"},
              {"add.u32 %a, %lane, 0x80000000; redux.sync.add.u32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 496),
               "the sum wraps"},
              {"setp.lt.u32 %p, %lane, 16; selp.b32 %a, 0xffff, 0xffff0000, %p; redux.sync.add.u32 "
               "%value, %lane, %a;",
               {120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120,
                376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376, 376},
               "two tiles add side by side"},
              {"add.u32 %a, %lane, -16; redux.sync.min.s32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 0xfffffff0u),
               "-16"},
              {"add.u32 %a, %lane, -16; redux.sync.min.u32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 0),
               "unsigned"},
              {"add.u32 %a, %lane, -16; redux.sync.max.s32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 15),
               "15"},
              {"add.u32 %a, %lane, -16; redux.sync.max.u32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 0xffffffffu),
               "-1 is the largest unsigned value"},
              {"or.b32 %a, %lane, 0x40; redux.sync.and.b32 %value, %a, 0xffffffff;",
               std::vector<u32>(32, 0x40),
               "the bit that all have"},
              {"redux.sync.or.b32 %value, %lane, 0xffffffff;",
               std::vector<u32>(32, 31),
               "every bit that one has"},
              {"setp.lt.u32 %p, %lane, 6; mov.u32 %value, 9; @%p redux.sync.xor.b32 %value, %lane, "
               "0x3f;",
               {1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
                9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9},
               "0 ^ 1 ^ 2 ^ 3 ^ 4 ^ 5, members only"},
          },
  };
}

}  // namespace attest::ptx
