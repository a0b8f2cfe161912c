// Comparisons of setp and set, and how their results combine with a predicate.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/round.h"

#include <array>
#include <utility>

namespace attest::ptx {

// In the order of ATTEST_FLOAT_COMPARISONS. On NaN those with "u" are true, the others false.
template <class T>
bool eq(T a, T b) {
  return a == b;
}
template <class T>
bool ne(T a, T b) {
  return a < b || a > b;
}
template <class T>
bool lt(T a, T b) {
  return a < b;
}
template <class T>
bool le(T a, T b) {
  return a <= b;
}
template <class T>
bool gt(T a, T b) {
  return a > b;
}
template <class T>
bool ge(T a, T b) {
  return a >= b;
}
template <class T>
bool equ(T a, T b) {
  return !ne(a, b);
}
template <class T>
bool neu(T a, T b) {
  return !(a == b);
}
template <class T>
bool ltu(T a, T b) {
  return !(a >= b);
}
template <class T>
bool leu(T a, T b) {
  return !(a > b);
}
template <class T>
bool gtu(T a, T b) {
  return !(a <= b);
}
template <class T>
bool geu(T a, T b) {
  return !(a < b);
}
template <class T>
bool num(T a, T b) {
  return a == a && b == b;
}
template <class T>
bool nan(T a, T b) {
  return a != a || b != b;
}

#define ATTEST_SIGNED_COMPARISONS "(eq|ne|lt|le|gt|ge)"
#define ATTEST_UNSIGNED_COMPARISONS "(eq|ne|lt|le|gt|ge|lo|ls|hi|hs)"
#define ATTEST_FLOAT_COMPARISONS "(eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan)"

template <class T>
using Comparison = bool (*)(T, T);

/// Comparisons of integers. lo, ls, hi and hs are lt, le, gt and ge of unsigned types.
template <class T>
struct IntegerComparisons {
  using Type = T;
  static constexpr std::array<Comparison<T>, 10> kAll = {
      eq<T>, ne<T>, lt<T>, le<T>, gt<T>, ge<T>, lt<T>, le<T>, gt<T>, ge<T>};
};

template <class T>
struct FloatComparisons {
  using Type = T;
  static constexpr std::array<Comparison<T>, 14> kAll = {eq<T>,
                                                         ne<T>,
                                                         lt<T>,
                                                         le<T>,
                                                         gt<T>,
                                                         ge<T>,
                                                         equ<T>,
                                                         neu<T>,
                                                         ltu<T>,
                                                         leu<T>,
                                                         gtu<T>,
                                                         geu<T>,
                                                         num<T>,
                                                         nan<T>};
};

/// .ftz: subnormal operands count as zeros of their sign.
template <Comparison<float> Op>
bool flushed(float a, float b) {
  return Op(flush(a), flush(b));
}
struct FlushedComparisons {
  using Type = float;
  static constexpr std::array<Comparison<float>, 14> kAll = {flushed<eq<float>>,
                                                             flushed<ne<float>>,
                                                             flushed<lt<float>>,
                                                             flushed<le<float>>,
                                                             flushed<gt<float>>,
                                                             flushed<ge<float>>,
                                                             flushed<equ<float>>,
                                                             flushed<neu<float>>,
                                                             flushed<ltu<float>>,
                                                             flushed<leu<float>>,
                                                             flushed<gtu<float>>,
                                                             flushed<geu<float>>,
                                                             flushed<num<float>>,
                                                             flushed<nan<float>>};
};

/// Bit l: whether Op holds between lane l of two rows.
template <auto Op, class T>
u32 compare_rows(const Warp& w, u32 row_a, u32 row_b) {
  using Stored = typename Lane<T>::Stored;
  const auto* a = w.row<const Stored>(row_a);
  const auto* b = w.row<const Stored>(row_b);
  alignas(32) u8 holds[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    holds[l] = Op(Lane<T>::get(a[l]), Lane<T>::get(b[l])) ? 0xff : 0;
  return mask_of_bytes(holds);
}

/// In the order of the forms' group {.and|.or|.xor}.
enum class Combine : u8 { with_and, with_or, with_xor };

inline u32 combine(Combine how, u32 holds, u32 c) {
  if (how == Combine::with_or) return holds | c;
  return how == Combine::with_xor ? holds ^ c : holds & c;
}

/// How the instruction combines, from the index of that group: without one, `and` with true (an
/// absent `c:!p?` is predicate 0).
inline Combine combination(int index) {
  return index < 0 ? Combine::with_and : static_cast<Combine>(index);
}

/// Handler number `index` of a set of comparisons: Make::template handler<Op, T>.
template <class Make, class Set, std::size_t... N>
Handler comparison_handler(std::size_t index, std::index_sequence<N...>) {
  constexpr Handler kHandlers[] = {&Make::template handler<Set::kAll[N], typename Set::Type>...};
  return kHandlers[index];
}
template <class Make, class Set>
Handler comparison_handler(int index) {
  return comparison_handler<Make, Set>(static_cast<std::size_t>(index),
                                       std::make_index_sequence<Set::kAll.size()>{});
}

}  // namespace attest::ptx
