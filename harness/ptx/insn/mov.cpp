// mov: PTX ISA 9.0, 9.7.9.3 (register) and 9.7.9.4 (pack and unpack).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

#include <cstring>

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

template <class T>
void write_row(const Warp& w, u32 row, u32 lanes, const T* values) {
  T* d = w.row<T>(row);
  if (lanes == kAllLanes) {
    std::memcpy(d, values, sizeof(T) * kLanes);
    return;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((lanes >> l & 1) != 0) d[l] = values[l];
  }
}

/// {lowest, ..} of Element each -> one Whole.
template <class Whole, class Element>
const Instr* pack(Warp& w, const Instr* i) {
  using Stored = typename Lane<Whole>::Stored;
  constexpr u32 kCount = sizeof(Whole) / sizeof(Element);
  const u32* elements[kCount];
  for (u32 n = 0; n < kCount; ++n)
    elements[n] = w.row<const u32>(i->more[n]);
  Stored packed[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    Stored whole = 0;
    for (u32 n = 0; n < kCount; ++n)
      whole |= static_cast<Stored>(static_cast<Element>(elements[n][l]))
               << (sizeof(Element) * 8 * n);
    packed[l] = whole;
  }
  write_row(w, i->op[0], w.lanes(*i), packed);
  return i + 1;
}

template <class Whole, class Element>
const Instr* unpack(Warp& w, const Instr* i) {
  using Stored = typename Lane<Whole>::Stored;
  const u32 m = w.lanes(*i);
  const auto* a = w.row<const Stored>(i->op[0]);
  for (u32 n = 0; n < sizeof(Whole) / sizeof(Element); ++n) {
    u32 part[kLanes];
    ATTEST_EACH_LANE
    for (int l = 0; l < kLanes; ++l)
      part[l] = static_cast<Element>(a[l] >> (sizeof(Element) * 8 * n));
    write_row(w, i->more[n], m, part);
  }
  return i + 1;
}

}  // namespace

Insn insn_mov();
Insn insn_mov() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "mov",
      .forms =
          {
              {"mov.pred p:p, a:!p", always<copy_predicate>, Propagation::bitwise},
              {"mov.(b16|u16|s16) d:16, a:16", always<lift<copy32, u32, u32>>, Propagation::copies},
              {"mov.(b32|u32|s32|f32) d:32, a:32",
               always<lift<copy32, u32, u32>>,
               Propagation::copies},
              {"mov.(b64|u64|s64|f64) d:64, a:64",
               always<lift<copy64, u64, u64>>,
               Propagation::copies},
              {"mov.b32 d:32, {a:16*2}", always<pack<u32, u16>>, Propagation::copies},
              {"mov.b64 d:64, {a:32*2}", always<pack<u64, u32>>, Propagation::copies},
              {"mov.b64 d:64, {a:16*4}", always<pack<u64, u16>>, Propagation::copies},
              {"mov.b32 {d:16*2}, a:32", always<unpack<u32, u16>>, Propagation::copies},
              {"mov.b64 {d:32*2}, a:64", always<unpack<u64, u32>>, Propagation::copies},
              {"mov.b16 d:16, {a:8*2}", always<pack<u16, u8>>, Propagation::copies},
              {"mov.b32 d:32, {a:8*4}", always<pack<u32, u8>>, Propagation::copies},
              {"mov.b16 {d:8*2}, a:16", always<unpack<u16, u8>>, Propagation::copies},
              {"mov.b32 {d:8*4}, a:32", always<unpack<u32, u8>>, Propagation::copies},
              {"mov.b64 {d:16*4}, a:64", always<unpack<u64, u16>>, Propagation::copies},
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
      .warp_examples =
          {
              {".reg .b8 %e<4>; mov.b32 %a, 0x04030201; mov.b32 {%e0, %e1, %e2, %e3}, %a; mov.b32 "
               "%value, {%e3, %e2, %e1, %e0};",
               std::vector<u32>(32, 0x01020304u),
               "four bytes, lowest first"},
              {".reg .b8 %e<2>; .reg .b16 %h; mov.b16 %h, 0x2211; mov.b16 {%e0, %e1}, %h; mov.b16 "
               "%h, {%e1, %e0}; mov.b32 %value, {%h, 0};",
               std::vector<u32>(32, 0x1122u),
               "two bytes, lowest first"},
              {".shared .align 4 .b8 s[128]; mov.u32 %a, s; mov.u32 %b, s+12; sub.u32 %value, %b, "
               "%a;",
               std::vector<u32>(32, 12),
               "an address inside of a variable"},
          },
  };
}

}  // namespace attest::ptx
