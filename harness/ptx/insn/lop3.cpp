// lop3: PTX ISA 9.0, 9.7.8.6. Bit n of the table is the result where 4a + 2b + c = n.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// op: d, a, b, c. imm: the table.
void write_result(Warp& w, const Instr* i, u32 m, u32* result) {
  u32* d = w.row<u32>(i->op[0]);
  const u32* a = w.row<const u32>(i->op[1]);
  const u32* b = w.row<const u32>(i->op[2]);
  const u32* c = w.row<const u32>(i->op[3]);
  u32 holds[8];  // all ones for each entry of the table that is 1
  for (u32 n = 0; n < 8; ++n)
    holds[n] = 0u - (static_cast<u32>(i->imm) >> n & 1);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    const u32 without_a = (~b[l] & ((~c[l] & holds[0]) | (c[l] & holds[1]))) |
                          (b[l] & ((~c[l] & holds[2]) | (c[l] & holds[3])));
    const u32 with_a = (~b[l] & ((~c[l] & holds[4]) | (c[l] & holds[5]))) |
                       (b[l] & ((~c[l] & holds[6]) | (c[l] & holds[7])));
    result[l] = (~a[l] & without_a) | (a[l] & with_a);
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0) d[l] = result[l];
  }
}

const Instr* by_table(Warp& w, const Instr* i) {
  u32 result[kLanes];
  write_result(w, i, w.lanes(*i), result);
  return i + 1;
}

/// op: d, p, a, b, c, q. p takes (d != 0) combined with q. imm bit 8: with and.
const Instr* by_table_with_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  Instr table = *i;
  table.op = {i->op[0], i->op[2], i->op[3], i->op[4], 0, 0};
  u32 result[kLanes];
  write_result(w, &table, m, result);
  u32 is_set = 0;
  for (u32 l = 0; l < kLanes; ++l)
    is_set |= static_cast<u32>(result[l] != 0) << l;
  const u32 q = w.predicates[i->op[5]];
  const u32 value = (i->imm & 0x100) != 0 ? is_set & q : is_set | q;
  write_predicate(w, i->op[1], m, value);
  return i + 1;
}

Handler read_table(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 && out->imm <= 255 ? by_table : nullptr;
}
Handler read_table_and_combination(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  if (out->imm < 0 || out->imm > 255) return nullptr;
  if (match.has("and")) out->imm |= 0x100;
  return by_table_with_predicate;
}

}  // namespace

Insn insn_lop3();
Insn insn_lop3() {
  return {
      .opcode = "lop3",
      .forms =
          {
              {"lop3.b32 d:32, a:32, b:32, c:32, #n", read_table, Propagation::bitwise},
              {"lop3.(or|and).b32 d:32|p:p, a:32, b:32, c:32, #n, e:p", read_table_and_combination},
          },
      .examples =
          {
              {"lop3.b32 d:32, a:32, b:32, c:32, 0xf0", {0x12345678u, 1, 2}, {0x12345678u}, "a"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0xcc", {1, 0x12345678u, 2}, {0x12345678u}, "b"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0xaa", {1, 2, 0x12345678u}, {0x12345678u}, "c"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0x80",
               {0xfffffff0u, 0xffffff0fu, 0xfffff0ffu},
               {0xfffff000u},
               "a & b & c"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0xfe", {1, 2, 4}, {7}, "a | b | c"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0x96",
               {0xff00ff00u, 0xf0f0f0f0u, 0xccccccccu},
               {0xc33cc33cu},
               "a ^ b ^ c"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0xca",
               {0x0000ffffu, 0x12345678u, 0x9abcdef0u},
               {0x9abc5678u},
               "a ? b : c"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0x01", {1, 2, 4}, {0xfffffff8u}, "none of them"},
              {"lop3.b32 d:32, a:32, b:32, c:32, 0", {1, 2, 4}, {0}, "never"},
              {"lop3.or.b32 d:32|p:p, a:32, b:32, c:32, 0x80, e:p",
               {1, 2, 4, 0},
               {0, 0},
               "d is 0, q false"},
              {"lop3.or.b32 d:32|p:p, a:32, b:32, c:32, 0x80, e:p",
               {1, 2, 4, 1},
               {0, 1},
               "q is enough"},
              {"lop3.and.b32 d:32|p:p, a:32, b:32, c:32, 0xfe, e:p", {1, 2, 4, 1}, {7, 1}, "both"},
              {"lop3.and.b32 d:32|p:p, a:32, b:32, c:32, 0xfe, e:p",
               {1, 2, 4, 0},
               {7, 0},
               "q is false"},
              {"lop3.or.b32 _|p:p, a:32, b:32, c:32, 0xfe, e:p",
               {1, 2, 4, 0},
               {1},
               "only the predicate"},
          },

  };
}

}  // namespace attest::ptx
