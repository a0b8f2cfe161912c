// mov: PTX ISA 9.0, 9.7.9.3 (register) and 9.7.9.4 (pack and unpack).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 copy32(u32 a) {
  return a;
}
u64 copy64(u64 a) {
  return a;
}

const Instr* copy_predicate(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u32& d = w.predicates[i->op[0]];
  d = (d & ~m) | ((w.predicates[i->op[1]] ^ i->op[2]) & m);
  return i + 1;
}

/// {lo, hi} of Half each -> one Whole.
template <class Whole, class Half>
const Instr* pack2(Warp& w, const Instr* i) {
  constexpr int kBits = static_cast<int>(sizeof(Whole)) * 4;
  const u32 m = w.lanes(*i);
  auto* d = w.row<Whole>(i->op[0]);
  const auto* lo = w.row<const u32>(i->more[0]);
  const auto* hi = w.row<const u32>(i->more[1]);
  for (int l = 0; l < kLanes; ++l) {
    const Whole packed = static_cast<Whole>(static_cast<Half>(lo[l])) |
                         static_cast<Whole>(static_cast<Whole>(static_cast<Half>(hi[l])) << kBits);
    if ((m >> l & 1) != 0) d[l] = packed;
  }
  return i + 1;
}

template <class Whole, class Half>
const Instr* unpack2(Warp& w, const Instr* i) {
  constexpr int kBits = static_cast<int>(sizeof(Whole)) * 4;
  const u32 m = w.lanes(*i);
  const auto* a = w.row<const Whole>(i->op[0]);
  auto* lo = w.row<u32>(i->more[0]);
  auto* hi = w.row<u32>(i->more[1]);
  for (int l = 0; l < kLanes; ++l) {
    const Whole whole = a[l];
    if ((m >> l & 1) == 0) continue;
    lo[l] = static_cast<Half>(whole);
    hi[l] = static_cast<Half>(whole >> kBits);
  }
  return i + 1;
}

const Instr* pack4x16(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  auto* d = w.row<u64>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    u64 packed = 0;
    for (int n = 0; n < 4; ++n)
      packed |= u64{static_cast<u16>(w.row<const u32>(i->more[n])[l])} << (16 * n);
    d[l] = packed;
  }
  return i + 1;
}

const Instr* unpack4x16(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  const auto* a = w.row<const u64>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const u64 whole = a[l];
    for (int n = 0; n < 4; ++n)
      w.row<u32>(i->more[n])[l] = static_cast<u16>(whole >> (16 * n));
  }
  return i + 1;
}

}  // namespace

Insn insn_mov();
Insn insn_mov() {
  return {
      .opcode = "mov",
      .forms =
          {
              {"mov.pred p:p, a:!p", always<copy_predicate>},
              {"mov.(b16|u16|s16) d:16, a:16", always<lift<copy32, u32, u32>>},
              {"mov.(b32|u32|s32|f32) d:32, a:32", always<lift<copy32, u32, u32>>},
              {"mov.(b64|u64|s64|f64) d:64, a:64", always<lift<copy64, u64, u64>>},
              {"mov.b32 d:32, {a:16*2}", always<pack2<u32, u16>>},
              {"mov.b64 d:64, {a:32*2}", always<pack2<u64, u32>>},
              {"mov.b64 d:64, {a:16*4}", always<pack4x16>},
              {"mov.b32 {d:16*2}, a:32", always<unpack2<u32, u16>>},
              {"mov.b64 {d:32*2}, a:64", always<unpack2<u64, u32>>},
              {"mov.b64 {d:16*4}, a:64", always<unpack4x16>},
          },
      .examples =
          {
              {"mov.b32 d:32, a:32", {0x7fc12345u}, {0x7fc12345u}, "a NaN keeps its payload"},
              {"mov.b64 d:64, a:64", {0x123456789abcdef0u}, {0x123456789abcdef0u}, "all 64 bits"},
              {"mov.b32 d:32, {a:16, b:16}",
               {0x1111, 0x2222},
               {0x22221111u},
               "the first element is the low half"},
              {"mov.b32 {d:16, d2:16}, a:32", {0x22221111u}, {0x1111, 0x2222}, "low half first"},
              {"mov.b64 d:64, {a:32, b:32}", {1, 2}, {0x0000000200000001u}, "low word first"},
              {"mov.b64 {d:32, d2:32}, a:64", {0x0000000200000001u}, {1, 2}, "low word first"},
              {"mov.b64 d:64, {a:16, b:16, c:16, e:16}",
               {1, 2, 3, 4},
               {0x0004000300020001u},
               "lowest first"},
              {"mov.b64 {d:16, d2:16, d3:16, d4:16}, a:64",
               {0x0004000300020001u},
               {1, 2, 3, 4},
               "lowest first"},
              {"mov.pred p:p, q:p", {1}, {1}, "copies a predicate"},
              {"mov.pred p:p, q:p", {0}, {0}, "copies a predicate"},
              {"mov.pred p:p, -1", {}, {1}, "a constant other than 0 is true"},
          },
  };
}

}  // namespace attest::ptx
