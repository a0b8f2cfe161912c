// Sums and differences with carry: CC.CF of each lane is Warp::carry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

/// Whether an instruction takes the carry in, and whether it writes it.
enum class Carry : u8 { out, in, in_and_out };

/// a + b + carry of unsigned T; `carry` becomes the carry out.
template <class T>
T add_with_carry(T a, T b, bool& carry) {
  const T first = a + b;
  const T sum = first + static_cast<T>(carry);
  carry = (first < a) | (sum < first);
  return sum;
}

/// a - (b + borrow).
template <class T>
T sub_with_borrow(T a, T b, bool& borrow) {
  const T first = a - b;
  const T difference = first - static_cast<T>(borrow);
  borrow = (a < b) | (first < static_cast<T>(borrow));
  return difference;
}

/// Handler of `d = Op(s.., carry)`: op[0] is the destination row, op[1..] the sources.
template <auto Op, Carry kCarry, class D, class... S>
struct CarryHandler {
  template <std::size_t... N>
  static const Instr* run(Warp& w, const Instr* i, std::index_sequence<N...>) {
    const u32 m = w.lanes(*i);
    D* d = w.row<D>(i->op[0]);
    const auto sources = std::make_tuple(w.row<const S>(i->op[N + 1])...);
    u32 carries = 0;
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) == 0) continue;
      bool carry = kCarry != Carry::out && (w.carry >> l & 1) != 0;
      d[l] = Op(std::get<N>(sources)[l]..., carry);
      carries |= static_cast<u32>(carry) << l;
    }
    if (kCarry != Carry::in) w.carry = (w.carry & ~m) | carries;
    return i + 1;
  }
  static const Instr* handler(Warp& w, const Instr* i) {
    return run(w, i, std::index_sequence_for<S...>{});
  }
};

/// `op.cc` where `.cc` is always written.
template <auto Op, class T, class... S>
inline constexpr Build kCarryOut = always<CarryHandler<Op, Carry::out, T, S...>::handler>;

/// `opc{.cc}`.
template <auto Op, class T, class... S>
Handler carry_in(const Match& m, Instr*) {
  return m.has("cc") ? CarryHandler<Op, Carry::in_and_out, T, S...>::handler
                     : CarryHandler<Op, Carry::in, T, S...>::handler;
}

/// The low or the upper half of a product, plus c and the carry.
template <class T>
T mad_low_with_carry(T a, T b, T c, bool& carry) {
  return add_with_carry<T>(a * b, c, carry);
}
template <class T, class Signed, class Wide>
T mad_high_with_carry(T a, T b, T c, bool& carry) {
  const Wide product = static_cast<Wide>(static_cast<Signed>(a)) * static_cast<Signed>(b);
  return add_with_carry<T>(static_cast<T>(product >> (8 * sizeof(T))), c, carry);
}

__extension__ using Carry128 = __int128;
__extension__ using UnsignedCarry128 = unsigned __int128;

}  // namespace attest::ptx
