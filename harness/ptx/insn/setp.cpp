// setp: PTX ISA 9.0, 9.7.6.2 (integers, f32 and f64), 9.7.7.2 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/compare_half.h"

namespace attest::ptx {
namespace {

/// op: p, a, b.
struct Plain {
  template <auto Op, class T>
  static const Instr* handler(Warp& w, const Instr* i) {
    return lift_predicate<Op, T, T>(w, i);
  }
};

/// op: p, q (kNoPredicate when absent), a, b, c (index and flip). q takes the opposite of the
/// comparison, combined with the same c.
struct Combined {
  template <auto Op, class T>
  static const Instr* handler(Warp& w, const Instr* i) {
    const u32 m = w.lanes(*i);
    const u32 holds = compare_rows<Op, T>(w, i->op[2], i->op[3]);
    const u32 c = w.predicates[i->op[4]] ^ i->op[5];
    const auto how = static_cast<Combine>(i->imm);
    write_predicate(w, i->op[0], m, combine(how, holds, c));
    write_predicate(w, i->op[1], m, combine(how, ~holds, c));
    return i + 1;
  }
};

template <class Set>
Handler plain(const Match& match, Instr*) {
  return comparison_handler<Plain, Set>(match.index(0));
}
Handler plain_f32(const Match& match, Instr*) {
  return match.has("ftz") ? comparison_handler<Plain, FlushedComparisons>(match.index(0))
                          : comparison_handler<Plain, FloatComparisons<float>>(match.index(0));
}

/// Group 1 combines; the fourth operand comes with it.
bool read_combination(const Match& match, Instr* out) {
  out->imm = static_cast<s64>(combination(match.index(1)));
  return (match.index(1) >= 0) == (match.operands() == 4);
}
template <class Set>
Handler combined(const Match& match, Instr* out) {
  return read_combination(match, out) ? comparison_handler<Combined, Set>(match.index(0)) : nullptr;
}
Handler combined_f32(const Match& match, Instr* out) {
  return match.has("ftz") ? combined<FlushedComparisons>(match, out)
                          : combined<FloatComparisons<float>>(match, out);
}

/// op: p, q, a, b, c (index and flip), of pairs: p is of the lower halves, q of the upper.
struct Pair {
  template <auto Op, class T>
  static const Instr* handler(Warp& w, const Instr* i) {
    const u32 m = w.lanes(*i);
    const u32 low = compare_rows<Op, T>(w, i->op[2], i->op[3]);
    const u32 high = compare_upper_halves<Op>(w, i->op[2], i->op[3]);
    const u32 c = w.predicates[i->op[4]] ^ i->op[5];
    const auto how = static_cast<Combine>(i->imm);
    write_predicate(w, i->op[0], m, combine(how, low, c));
    write_predicate(w, i->op[1], m, combine(how, high, c));
    return i + 1;
  }
};

template <class Make, class Half>
Handler halves(const Match& match, Instr* out) {
  if (!read_combination(match, out)) return nullptr;
  return match.has("ftz") ? comparison_handler<Make, HalfComparisons<Half, true>>(match.index(0))
                          : comparison_handler<Make, HalfComparisons<Half, false>>(match.index(0));
}

#define ATTEST_COMBINE "{.and|.or|.xor}"
#define ATTEST_OPERANDS(width) " p:p|q:p, a:" width ", b:" width ", c:!p?"

std::vector<Form> forms() {
  return {
      {"setp." ATTEST_UNSIGNED_COMPARISONS ".(u16|b16) p:p, a:16, b:16",
       plain<IntegerComparisons<u16>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ".s16 p:p, a:16, b:16", plain<IntegerComparisons<s16>>},
      {"setp." ATTEST_UNSIGNED_COMPARISONS ".(u32|b32) p:p, a:32, b:32",
       plain<IntegerComparisons<u32>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ".s32 p:p, a:32, b:32", plain<IntegerComparisons<s32>>},
      {"setp." ATTEST_UNSIGNED_COMPARISONS ".(u64|b64) p:p, a:64, b:64",
       plain<IntegerComparisons<u64>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ".s64 p:p, a:64, b:64", plain<IntegerComparisons<s64>>},
      {"setp." ATTEST_FLOAT_COMPARISONS "{.ftz}.f32 p:p, a:32, b:32", plain_f32},
      {"setp." ATTEST_FLOAT_COMPARISONS ".f64 p:p, a:64, b:64", plain<FloatComparisons<double>>},
      {"setp." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ".(u16|b16)" ATTEST_OPERANDS("16"),
       combined<IntegerComparisons<u16>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ".s16" ATTEST_OPERANDS("16"),
       combined<IntegerComparisons<s16>>},
      {"setp." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ".(u32|b32)" ATTEST_OPERANDS("32"),
       combined<IntegerComparisons<u32>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ".s32" ATTEST_OPERANDS("32"),
       combined<IntegerComparisons<s32>>},
      {"setp." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ".(u64|b64)" ATTEST_OPERANDS("64"),
       combined<IntegerComparisons<u64>>},
      {"setp." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ".s64" ATTEST_OPERANDS("64"),
       combined<IntegerComparisons<s64>>},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}.f32" ATTEST_OPERANDS("32"),
       combined_f32},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE ".f64" ATTEST_OPERANDS("64"),
       combined<FloatComparisons<double>>},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}.f16" ATTEST_OPERANDS("16"),
       halves<Combined, F16>},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE ".bf16" ATTEST_OPERANDS("16"),
       halves<Combined, Bf16>},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}.f16x2" ATTEST_OPERANDS("32"),
       halves<Pair, F16>},
      {"setp." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE ".bf16x2" ATTEST_OPERANDS("32"),
       halves<Pair, Bf16>},
  };
}

std::vector<Example> integer_examples() {
  return {
      {"setp.lt.s32 p:p, a:32, b:32", {0xffffffffu, 0}, {1}, "-1 < 0"},
      {"setp.lt.u32 p:p, a:32, b:32", {0xffffffffu, 0}, {0}, "4294967295 > 0"},
      {"setp.lo.u32 p:p, a:32, b:32", {0, 0xffffffffu}, {1}, "lo: unsigned lt"},
      {"setp.hs.u32 p:p, a:32, b:32", {5, 5}, {1}, "hs: unsigned ge"},
      {"setp.ls.u64 p:p, a:64, b:64", {6, 5}, {0}, "ls: unsigned le"},
      {"setp.hi.u16 p:p, a:16, b:16", {0x8000, 0x7fff}, {1}, "hi: unsigned gt"},
      {"setp.gt.s16 p:p, a:16, b:16", {0x8000, 0x7fff}, {0}, "-32768 < 32767"},
      {"setp.eq.s16 p:p, a:16, b:16", {0xffff, 0xffff}, {1}, "equal"},
      {"setp.ne.b16 p:p, a:16, b:16", {0xffff, 0x7fff}, {1}, "one bit differs"},
      {"setp.eq.b32 p:p, a:32, b:32", {0x80000000u, 0}, {0}, "one bit differs"},
      {"setp.ge.u64 p:p, a:64, b:64", {0x100000000u, 0xffffffffu}, {1}, "all 64 bits"},
      {"setp.le.s64 p:p, a:64, b:64", {0x8000000000000000u, 0}, {1}, "the smallest value"},
      {"setp.lt.s32 p:p|p2:p, a:32, b:32", {1, 2}, {1, 0}, "q is the opposite"},
      {"setp.lt.and.s32 p:p|p2:p, a:32, b:32, c:p", {1, 2, 0}, {0, 0}, "both with c"},
      {"setp.lt.or.s32 p:p|p2:p, a:32, b:32, c:p", {1, 2, 1}, {1, 1}, "both with c"},
      {"setp.lt.xor.s32 p:p|p2:p, a:32, b:32, c:p", {1, 2, 1}, {0, 1}, "both with c"},
      {"setp.lt.and.s32 p:p, a:32, b:32, !c:p", {1, 2, 0}, {1}, "c may be negated"},
      {"setp.eq.or.u16 p:p, a:16, b:16, c:p", {1, 2, 0}, {0}, "neither"},
      {"setp.ne.xor.u64 p:p, a:64, b:64, c:p", {1, 2, 0}, {1}, "exactly one"},
      {"setp.gt.and.u32 p:p, a:32, b:32, c:p", {2, 1, 1}, {1}, "both"},
      {"setp.gt.and.s64 p:p, a:64, b:64, c:p", {2, 1, 1}, {1}, "both"},
      {"setp.gt.and.s16 p:p, a:16, b:16, c:p", {1, 0xffff, 1}, {1}, "1 > -1"},
  };
}

std::vector<Example> float_examples() {
  return {
      {"setp.eq.f32 p:p, a:32, b:32", {0x80000000u, 0}, {1}, "-0 == +0"},
      {"setp.ne.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {0}, "ordered: false on NaN"},
      {"setp.neu.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "unordered: true on NaN"},
      {"setp.ltu.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "unordered: true on NaN"},
      {"setp.ltu.f32 p:p, a:32, b:32", {0x3f800000u, 0x3f800000u}, {0}, "1 is not below 1"},
      {"setp.equ.f32 p:p, a:32, b:32", {0x3f800000u, 0x40000000u}, {0}, "1 is not 2"},
      {"setp.geu.f32 p:p, a:32, b:32", {0x3f800000u, 0x40000000u}, {0}, "1 is below 2"},
      {"setp.leu.f32 p:p, a:32, b:32", {0x40000000u, 0x3f800000u}, {0}, "2 is above 1"},
      {"setp.gtu.f32 p:p, a:32, b:32", {0x40000000u, 0x3f800000u}, {1}, "2 is above 1"},
      {"setp.ge.f32 p:p, a:32, b:32",
       {0x7f800000u, 0x7f7fffffu},
       {1},
       "Inf is above every finite value"},
      {"setp.gt.f32 p:p, a:32, b:32", {1, 0}, {1}, "a subnormal is above 0 without .ftz"},
      {"setp.gt.ftz.f32 p:p, a:32, b:32", {1, 0}, {0}, "and is 0 with it"},
      {"setp.eq.ftz.f32 p:p, a:32, b:32",
       {0x807fffffu, 0x007fffffu},
       {1},
       "both flush to a zero, whatever the sign"},
      {"setp.lt.ftz.f32 p:p, a:32, b:32", {0x007fffffu, 0x00800000u}, {1}, "the smallest normal"},
      {"setp.leu.ftz.f32 p:p, a:32, b:32", {0x7fc00000u, 1}, {1}, "NaN is not flushed"},
      {"setp.nan.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "either is NaN"},
      {"setp.num.f32 p:p, a:32, b:32", {0, 0xffffffffu}, {0}, "either is NaN"},
      {"setp.num.f32 p:p, a:32, b:32", {0xff800000u, 0}, {1}, "-Inf is a number"},
      {"setp.lt.f32 p:p|p2:p, a:32, b:32",
       {0x7fc00000u, 0},
       {0, 1},
       "q is the opposite of the result, on NaN too"},
      {"setp.gt.and.ftz.f32 p:p|p2:p, a:32, b:32, c:p", {1, 0, 1}, {0, 1}, "flushed"},
      {"setp.lt.f64 p:p, a:64, b:64", {0x8000000000000001u, 0}, {1}, "a negative subnormal"},
      {"setp.gt.or.f64 p:p, a:64, b:64, c:p", {0x7ff8000000000000u, 0, 0}, {0}, "ordered"},
      {"setp.gtu.or.f64 p:p, a:64, b:64, c:p", {0x7ff8000000000000u, 0, 0}, {1}, "unordered"},
      {"setp.lt.f16 p:p, a:16, b:16", {0xbc00, 0}, {1}, "-1 < 0"},
      {"setp.eq.f16 p:p, a:16, b:16", {0x8000, 0}, {1}, "-0 == +0"},
      {"setp.le.f16 p:p, a:16, b:16", {0x7e00, 0x3c00}, {0}, "NaN: ordered"},
      {"setp.leu.f16 p:p, a:16, b:16", {0x7e00, 0x3c00}, {1}, "NaN: unordered"},
      {"setp.gt.f16 p:p, a:16, b:16", {1, 0}, {1}, "a subnormal is above 0"},
      {"setp.gt.ftz.f16 p:p, a:16, b:16", {1, 0}, {0}, "and is 0 with .ftz"},
      {"setp.ge.and.f16 p:p, a:16, b:16, !c:p", {0x7c00, 0x7bff, 0}, {1}, "Inf >= 65504, and !c"},
      {"setp.gt.f16x2 p:p|p2:p, a:32, b:32",
       {0x3c003c00u, 0x00004000u},
       {0, 1},
       "p of the lower halves, q of the upper"},
      {"setp.lt.or.f16x2 p:p|p2:p, a:32, b:32, c:p", {0, 0, 1}, {1, 1}, "c is enough"},
      {"setp.neu.bf16 p:p, a:16, b:16", {0x7fc0, 0x7fc0}, {1}, "NaN is unordered"},
      {"setp.lt.bf16 p:p, a:16, b:16", {0x0001, 0x0002}, {1}, "subnormals"},
      {"setp.eq.bf16x2 p:p|p2:p, a:32, b:32",
       {0x3f807fc0u, 0x3f807fc0u},
       {0, 1},
       "a NaN below, 1 above"},
  };
}

}  // namespace

Insn insn_setp();
Insn insn_setp() {
  std::vector<Example> examples = integer_examples();
  for (Example& e : float_examples())
    examples.push_back(std::move(e));
  return {.opcode = "setp", .forms = forms(), .examples = std::move(examples)};
}

}  // namespace attest::ptx
