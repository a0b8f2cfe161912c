// set: PTX ISA 9.0, 9.7.6.1 (integers, f32 and f64), 9.7.7.1 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/compare_half.h"

namespace attest::ptx {
namespace {

/// op: d, a, b, c (index and flip). imm: what a true lane gets, and the Combine above bit 32.
struct Set {
  template <auto Op, class T>
  static const Instr* handler(Warp& w, const Instr* i) {
    const u32 m = w.lanes(*i);
    const u32 c = w.predicates[i->op[3]] ^ i->op[4];
    const u32 holds =
        combine(static_cast<Combine>(i->imm >> 32), compare_rows<Op, T>(w, i->op[1], i->op[2]), c);
    const auto when_true = static_cast<u32>(i->imm);
    u32* d = w.row<u32>(i->op[0]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = (holds >> l & 1) != 0 ? when_true : 0;
    }
    return i + 1;
  }
};

/// What a comparison that holds gives: 1.0 of a floating type, all ones of an integer.
u32 when_true(std::string_view type) {
  if (type == "f32") return 0x3f800000;
  if (type == "f16") return 0x3c00;
  return type == "bf16" ? 0x3f80 : 0xffffffff;
}

/// Group 1 combines and brings the fourth operand; `type` is the group of the result's type.
bool read_result(const Match& match, std::size_t type, Instr* out) {
  out->imm = static_cast<s64>(combination(match.index(1))) << 32 | when_true(match.word(type));
  return (match.index(1) >= 0) == (match.operands() == 4);
}

template <class Comparisons>
Handler pick(const Match& match, Instr* out) {
  return read_result(match, 2, out) ? comparison_handler<Set, Comparisons>(match.index(0))
                                    : nullptr;
}
Handler pick_f32(const Match& match, Instr* out) {
  if (!read_result(match, 3, out)) return nullptr;
  return match.has("ftz") ? comparison_handler<Set, FlushedComparisons>(match.index(0))
                          : comparison_handler<Set, FloatComparisons<float>>(match.index(0));
}

/// op: d, a, b, c (index and flip), of pairs. imm: what a half that holds gets, and the Combine.
struct SetPair {
  template <auto Op, class T>
  static const Instr* handler(Warp& w, const Instr* i) {
    const u32 m = w.lanes(*i);
    const u32 c = w.predicates[i->op[3]] ^ i->op[4];
    const auto how = static_cast<Combine>(i->imm >> 32);
    const u32 low = combine(how, compare_rows<Op, T>(w, i->op[1], i->op[2]), c);
    const u32 high = combine(how, compare_upper_halves<Op>(w, i->op[1], i->op[2]), c);
    const auto when_true = static_cast<u32>(i->imm);
    u32* d = w.row<u32>(i->op[0]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) == 0) continue;
      d[l] = ((low >> l & 1) != 0 ? when_true : 0) | ((high >> l & 1) != 0 ? when_true << 16 : 0);
    }
    return i + 1;
  }
};

/// A half that holds: 1.0 of its type, all ones of an integer result.
u32 half_when_true(std::string_view type, bool is_pair) {
  if (type == "f16" || type == "f16x2") return 0x3c00;
  if (type == "bf16" || type == "bf16x2") return 0x3f80;
  return is_pair || type == "u16" || type == "s16" ? 0xffff : 0xffffffff;
}

/// Groups: comparison, combination, .ftz, the result's type.
template <class Make, class Half>
Handler pick_half(const Match& match, Instr* out) {
  constexpr bool kIsPair = std::is_same_v<Make, SetPair>;
  out->imm =
      static_cast<s64>(combination(match.index(1))) << 32 | half_when_true(match.word(3), kIsPair);
  if ((match.index(1) >= 0) != (match.operands() == 4)) return nullptr;
  if (std::is_same_v<Half, Bf16> && match.has("ftz")) return nullptr;
  return match.has("ftz") ? comparison_handler<Make, HalfComparisons<Half, true>>(match.index(0))
                          : comparison_handler<Make, HalfComparisons<Half, false>>(match.index(0));
}

#define ATTEST_COMBINE "{.and|.or|.xor}"
#define ATTEST_RESULT ".(u32|s32|f32)"
#define ATTEST_OPERANDS(width) " d:32, a:" width ", b:" width ", c:!p?"
#define ATTEST_HALF_OF(width) " d:16, a:" width ", b:" width ", c:!p?"
#define ATTEST_HALVES(d) " d:" d ", a:16, b:16, c:!p?"
#define ATTEST_HALF "set." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}"

}  // namespace

Insn insn_set();
Insn insn_set() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "set",
      .forms =
          {
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".(u16|b16)" ATTEST_OPERANDS("16"),
               pick<IntegerComparisons<u16>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".s16" ATTEST_OPERANDS("16"),
               pick<IntegerComparisons<s16>>},
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".(u32|b32)" ATTEST_OPERANDS("32"),
               pick<IntegerComparisons<u32>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".s32" ATTEST_OPERANDS("32"),
               pick<IntegerComparisons<s32>>},
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".(u64|b64)" ATTEST_OPERANDS("64"),
               pick<IntegerComparisons<u64>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".s64" ATTEST_OPERANDS("64"),
               pick<IntegerComparisons<s64>>},
              {"set." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}" ATTEST_RESULT
               ".f32" ATTEST_OPERANDS("32"),
               pick_f32},
              {"set." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE ATTEST_RESULT
               ".f64" ATTEST_OPERANDS("64"),
               pick<FloatComparisons<double>>},
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).(u16|b16)" ATTEST_HALF_OF("16"),
               pick<IntegerComparisons<u16>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).s16" ATTEST_HALF_OF("16"),
               pick<IntegerComparisons<s16>>},
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).(u32|b32)" ATTEST_HALF_OF("32"),
               pick<IntegerComparisons<u32>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).s32" ATTEST_HALF_OF("32"),
               pick<IntegerComparisons<s32>>},
              {"set." ATTEST_UNSIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).(u64|b64)" ATTEST_HALF_OF("64"),
               pick<IntegerComparisons<u64>>},
              {"set." ATTEST_SIGNED_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).s64" ATTEST_HALF_OF("64"),
               pick<IntegerComparisons<s64>>},
              {"set." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE "{.ftz}"
               ".(f16|bf16).f32" ATTEST_HALF_OF("32"),
               pick_f32},
              {"set." ATTEST_FLOAT_COMPARISONS ATTEST_COMBINE
               ".(f16|bf16).f64" ATTEST_HALF_OF("64"),
               pick<FloatComparisons<double>>},
              {ATTEST_HALF ".(f16|u16|s16).f16" ATTEST_HALVES("16"), pick_half<Set, F16>},
              {ATTEST_HALF ".(u32|s32).f16" ATTEST_HALVES("32"), pick_half<Set, F16>},
              {ATTEST_HALF ".(f16x2|u32|s32).f16x2" ATTEST_OPERANDS("32"), pick_half<SetPair, F16>},
              {ATTEST_HALF ".(bf16|u16|s16).bf16" ATTEST_HALVES("16"), pick_half<Set, Bf16>},
              {ATTEST_HALF ".(u32|s32).bf16" ATTEST_HALVES("32"), pick_half<Set, Bf16>},
              {ATTEST_HALF ".(bf16x2|u32|s32).bf16x2" ATTEST_OPERANDS("32"),
               pick_half<SetPair, Bf16>},
          },
      .examples =
          {
              {"set.lt.u32.s32 d:32, a:32, b:32", {0xffffffffu, 0}, {0xffffffffu}, "-1 < 0"},
              {"set.lt.s32.u32 d:32, a:32, b:32", {0xffffffffu, 0}, {0}, "4294967295 > 0"},
              {"set.hi.u32.u16 d:32, a:16, b:16", {0x8000, 1}, {0xffffffffu}, "unsigned gt"},
              {"set.gt.f32.s16 d:32, a:16, b:16", {0x8000, 1}, {0}, "-32768 < 1"},
              {"set.eq.f32.b64 d:32, a:64, b:64",
               {0x100000000u, 0x100000000u},
               {0x3f800000u},
               "1.0 when the result is f32"},
              {"set.le.u32.s64 d:32, a:64, b:64",
               {0xffffffffffffffffu, 0},
               {0xffffffffu},
               "-1 <= 0"},
              {"set.eq.u32.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0xffffffffu}, "-0 == +0"},
              {"set.gt.u32.f32 d:32, a:32, b:32", {1, 0}, {0xffffffffu}, "a subnormal is above 0"},
              {"set.gt.ftz.u32.f32 d:32, a:32, b:32", {1, 0}, {0}, "and is 0 with .ftz"},
              {"set.nan.f32.f32 d:32, a:32, b:32", {0x7fc00000u, 0}, {0x3f800000u}, "a NaN"},
              {"set.ne.f32.f64 d:32, a:64, b:64", {0x7ff8000000000000u, 0}, {0}, "ordered"},
              {"set.neu.f32.f64 d:32, a:64, b:64",
               {0x7ff8000000000000u, 0},
               {0x3f800000u},
               "unordered"},
              {"set.lt.and.u32.s32 d:32, a:32, b:32, c:p", {1, 2, 0}, {0}, "not both"},
              {"set.lt.and.u32.s32 d:32, a:32, b:32, !c:p", {1, 2, 0}, {0xffffffffu}, "negated"},
              {"set.gt.or.f32.f32 d:32, a:32, b:32, c:p",
               {0, 0x3f800000u, 1},
               {0x3f800000u},
               "c is enough"},
              {"set.lt.xor.ftz.s32.f32 d:32, a:32, b:32, c:p",
               {0, 0x3f800000u, 1},
               {0},
               "exactly one of two that hold: no"},
              {"set.lt.f16.s32 d:16, a:32, b:32", {0xffffffffu, 0}, {0x3c00}, "-1 < 0: 1.0"},
              {"set.lt.bf16.u16 d:16, a:16, b:16", {0xffff, 0}, {0}, "65535 > 0"},
              {"set.eq.f16.b64 d:16, a:64, b:64", {5, 5}, {0x3c00}, "equal"},
              {"set.gt.ftz.bf16.f32 d:16, a:32, b:32", {1, 0}, {0}, "flushed"},
              {"set.geu.and.f16.f64 d:16, a:64, b:64, c:p",
               {0x7ff8000000000000u, 0, 1},
               {0x3c00},
               "unordered, and c"},
              {"set.lt.f16.f16 d:16, a:16, b:16", {0xbc00, 0}, {0x3c00}, "-1 < 0 gives 1.0"},
              {"set.eq.u16.f16 d:16, a:16, b:16", {0x8000, 0}, {0xffff}, "-0 == +0"},
              {"set.gt.u32.f16 d:32, a:16, b:16", {1, 0}, {0xffffffffu}, "a subnormal is above 0"},
              {"set.gt.ftz.u32.f16 d:32, a:16, b:16", {1, 0}, {0}, "and is 0 with .ftz"},
              {"set.eq.f16x2.f16x2 d:32, a:32, b:32",
               {0x7e003c00u, 0x7e003c00u},
               {0x00003c00u},
               "NaN is not equal to itself; 1 is"},
              {"set.le.u32.f16x2 d:32, a:32, b:32",
               {0x3c004000u, 0x40003c00u},
               {0xffff0000u},
               "each half gets its own ones"},
              {"set.neu.or.s32.f16x2 d:32, a:32, b:32, c:p",
               {0x7e003c00u, 0x7e003c00u, 0},
               {0xffff0000u},
               "unordered"},
              {"set.lt.and.u32.f16x2 d:32, a:32, b:32, !c:p",
               {0, 0x3c003c00u, 1},
               {0},
               "c may be negated"},
              {"set.ge.bf16.bf16 d:16, a:16, b:16", {0x3f80, 0x3f80}, {0x3f80}, "1 >= 1"},
              {"set.num.s32.bf16 d:32, a:16, b:16", {0x7fc0, 0}, {0}, "a NaN is no number"},
              {"set.gtu.bf16x2.bf16x2 d:32, a:32, b:32",
               {0xff807fc0u, 0xff800000u},
               {0x00003f80u},
               "-Inf is not above itself; NaN is unordered"},
          },
  };
}

}  // namespace attest::ptx
