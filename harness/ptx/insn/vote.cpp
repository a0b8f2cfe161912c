// vote.sync: PTX ISA 9.0, 9.7.13.9.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

constexpr std::size_t kMask = 3;  // op: d or p, a (index and flip), membermask

u32 votes(const Warp& w, const Instr* i, u32 group) {
  return (w.predicates[i->op[1]] ^ i->op[2]) & group;
}

void ballot(Warp& w, const Instr* i, u32 group) {
  const u32 for_it = votes(w, i, group);
  for_each_lane(group, [&](u32 l) { w.row<u32>(i->op[0])[l] = for_it; });
}

bool all(u32 for_it, u32 group) {
  return for_it == group;
}
bool any(u32 for_it, u32) {
  return for_it != 0;
}
bool uniform(u32 for_it, u32 group) {
  return for_it == 0 || for_it == group;
}

template <bool (*Decide)(u32, u32)>
void decide(Warp& w, const Instr* i, u32 group) {
  const u32 result = Decide(votes(w, i, group), group) ? kAllLanes : 0;
  write_predicate(w, i->op[0], group, result);
}

}  // namespace

Insn insn_vote();
Insn insn_vote() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "vote",
      .forms =
          {
              {"vote.sync.ballot.b32 d:32, a:!p, b:32",
               always<each_group<ballot, kMask>>,
               Propagation::gathers},
              {"vote.sync.all.pred p:p, a:!p, b:32",
               always<each_group<decide<all>, kMask>>,
               Propagation::gathers},
              {"vote.sync.any.pred p:p, a:!p, b:32",
               always<each_group<decide<any>, kMask>>,
               Propagation::gathers},
              {"vote.sync.uni.pred p:p, a:!p, b:32",
               always<each_group<decide<uniform>, kMask>>,
               Propagation::gathers},
          },
      .examples = {},
      .warp_examples =
          {
              {"setp.lt.u32 %p, %lane, 4; vote.sync.ballot.b32 %value, %p, 0xffffffff;",
               std::vector<u32>(32, 0xfu),
               "bit l is lane l's predicate"},
              {"setp.lt.u32 %p, %lane, 4; vote.sync.ballot.b32 %value, !%p, 0xffffffff;",
               std::vector<u32>(32, 0xfffffff0u),
               "negated"},
              {"setp.lt.u32 %p, %lane, 8; mov.u32 %value, 0; @%p vote.sync.ballot.b32 %value, 1, "
               "0xff;",
               {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
                0,    0,    0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0},
               "only members vote"},
              {"setp.lt.u32 %p, %lane, 16; selp.b32 %a, 0xffff, 0xffff0000, %p; and.b32 %b, %lane, "
               "3; "
               "setp.eq.u32 %q, %b, 0; vote.sync.ballot.b32 %value, %q, %a;",
               {0x1111,      0x1111,      0x1111,      0x1111,      0x1111,      0x1111,
                0x1111,      0x1111,      0x1111,      0x1111,      0x1111,      0x1111,
                0x1111,      0x1111,      0x1111,      0x1111,      0x11110000u, 0x11110000u,
                0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u,
                0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u, 0x11110000u,
                0x11110000u, 0x11110000u},
               "two tiles vote side by side"},
              {"setp.lt.u32 %p, %lane, 4; @!%p bra LATER; VOTE: vote.sync.ballot.b32 %value, %p, "
               "0xffffffff; bra OUT; LATER: bra VOTE; OUT:",
               std::vector<u32>(32, 0xfu),
               "the first to come wait for the others"},
              {"setp.lt.u32 %p, %lane, 4; vote.sync.all.pred %q, %p, 0xffffffff; selp.b32 %value, "
               "1, "
               "2, %q;",
               std::vector<u32>(32, 2),
               "some are not all"},
              {"setp.lt.u32 %p, %lane, 32; vote.sync.all.pred %q, %p, 0xffffffff; selp.b32 %value, "
               "1, "
               "2, %q;",
               std::vector<u32>(32, 1),
               "all"},
              {"setp.eq.u32 %p, %lane, 9; vote.sync.any.pred %q, %p, 0xffffffff; selp.b32 %value, "
               "1, "
               "2, %q;",
               std::vector<u32>(32, 1),
               "one is any"},
              {"vote.sync.any.pred %q, 0, 0xffffffff; selp.b32 %value, 1, 2, %q;",
               std::vector<u32>(32, 2),
               "none"},
              {"setp.eq.u32 %p, %lane, 9; vote.sync.uni.pred %q, %p, 0xffffffff; selp.b32 %value, "
               "1, "
               "2, %q;",
               std::vector<u32>(32, 2),
               "one differs"},
              {"vote.sync.uni.pred %q, 0, 0xffffffff; selp.b32 %value, 1, 2, %q;",
               std::vector<u32>(32, 1),
               "the same in all, and false"},
          },
      .fault_examples =
          {
              {"vote.sync.ballot.b32 %value, 1, 0xffffffef;",
               FindingKind::barrier_divergence,
               4,
               "lane 4 votes without being a member: undefined"},
          },
  };
}

}  // namespace attest::ptx
