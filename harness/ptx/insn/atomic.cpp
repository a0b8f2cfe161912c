// Atomic operations: PTX ISA 9.0, 9.7.13.5 (atom) and 9.7.13.7 (red). The lanes of a warp are applied
// one after another.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/atomic.h"

#include "harness/ptx/machine/round.h"
#include "harness/ptx/machine/round_half.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

/// Value that an operation leaves at an address in global memory or elsewhere: of what it finds
/// there and the operands.
template <class T>
using Operation = T (*)(T old, T b, T c, bool is_global);

template <class T>
T op_and(T old, T b, T, bool) {
  return old & b;
}
template <class T>
T op_or(T old, T b, T, bool) {
  return old | b;
}
template <class T>
T op_xor(T old, T b, T, bool) {
  return old ^ b;
}
template <class T>
T op_exch(T, T b, T, bool) {
  return b;
}
template <class T>
T op_cas(T old, T b, T c, bool) {
  return old == b ? c : old;
}
template <class T>
T op_add(T old, T b, T, bool) {
  return old + b;
}
template <class T>
T op_min(T old, T b, T, bool) {
  return std::min(old, b);
}
template <class T>
T op_max(T old, T b, T, bool) {
  return std::max(old, b);
}
u32 op_inc(u32 old, u32 b, u32, bool) {
  return old >= b ? 0 : old + 1;
}
u32 op_dec(u32 old, u32 b, u32, bool) {
  return old == 0 || old > b ? b : old - 1;
}

/// Global memory flushes subnormal operands and results, shared memory keeps them.
float op_add_f32(float old, float b, float, bool is_global) {
  return is_global ? add_f32<Rounding::rn, true>(old, b) : add_f32<Rounding::rn>(old, b);
}

/// .noftz
template <class Half>
u16 op_add_half(u16 old, u16 b, u16, bool) {
  return add_half<Half>(old, b);
}
template <class Half>
u16 op_min_half(u16 old, u16 b, u16, bool) {
  return min_half<Half>(old, b);
}
template <class Half>
u16 op_max_half(u16 old, u16 b, u16, bool) {
  return max_half<Half>(old, b);
}
/// The same on both halves of a word.
template <Operation<u16> kOp>
u32 op_halves(u32 old, u32 b, u32, bool is_global) {
  const u16 low = kOp(static_cast<u16>(old), static_cast<u16>(b), 0, is_global);
  const u16 high = kOp(static_cast<u16>(old >> 16), static_cast<u16>(b >> 16), 0, is_global);
  return static_cast<u32>(high) << 16 | low;
}

/// Rows: {d,} [a], b {, c} in op slots; of vectors the address in op[0] and d, b in Instr::more.
template <class T, Operation<T> kOp, AtomicResult kResult, int Count, bool HasThird = false>
const Instr* atomic(Warp& w, const Instr* i) {
  using Stored = typename Lane<T>::Stored;
  constexpr u32 kFirst = kResult == AtomicResult::none ? 0 : 1;
  const u32 m = w.lanes(*i);
  LaneBytes at;
  const u32 address = i->op[Count == 1 ? kFirst : 0];
  if (!access_lanes(w, i, m, address, s64{sizeof(T)} * Count, access_of(*i), &at)) return nullptr;
  const u32* rows = Count == 1 ? i->op.data() : i->more;
  const u32* sources = rows + (Count == 1 ? kFirst + 1 : kFirst * Count);
  bool is_changed = false;
  for (const int l : lane_order(w, i, m)) {
    T b[Count];
    for (int n = 0; n < Count; ++n)
      b[n] = Lane<T>::get(w.row<const Stored>(sources[n])[l]);
    const T c = HasThird ? Lane<T>::get(w.row<const Stored>(sources[1])[l]) : T{};
    T* place = reinterpret_cast<T*>(at.host[l]);
    for (int n = 0; n < Count; ++n) {
      const T old = place[n];
      const T now = kOp(old, b[n], c, (at.in_global >> l & 1) != 0);
      // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): bits, not what floats they are
      is_changed |= std::memcmp(&now, &old, sizeof now) != 0;
      place[n] = now;
      if (kResult == AtomicResult::old_value) w.row<Stored>(rows[n])[l] = Lane<T>::put(old);
    }
  }
  if (is_changed) w.note_change();
  return i + 1;
}

/// Checks what all forms have in common, and sets the access. False: not implemented.
template <class T>
bool put_atomic(const Match& match, std::size_t operands, Instr* out) {
  if (match.operands() != operands + (match.has("L2::cache_hint") ? 1 : 0)) return false;
  if ((match.register_bits() == 64) != (sizeof(T) == 8)) return false;
  MemoryOrder order = order_of(match);  // .relaxed where nothing else is said
  order.is_strong = true;
  const auto access = put_access(match, Access::atomic, order, out);
  return access && (access->space() == Space::global || access->space() == Space::shared ||
                    access->space() == Space::generic);
}

template <AtomicResult kResult>
constexpr std::size_t kOperands = kResult == AtomicResult::none ? 2 : 3;

template <class T, Operation<T> kOp, AtomicResult kResult>
Handler scalar(const Match& match, Instr* out) {
  if (match.elements() != 1 || !put_atomic<T>(match, kOperands<kResult>, out)) return nullptr;
  return atomic<T, kOp, kResult, 1>;
}

template <class T, Operation<T> kOp, AtomicResult kResult>
Handler vector(const Match& match, Instr* out) {
  if (space_of(match) == Space::shared || !put_atomic<T>(match, kOperands<kResult>, out))
    return nullptr;
  switch (vector_elements(match)) {
    case 2:
      return atomic<T, kOp, kResult, 2>;
    case 4:
      return atomic<T, kOp, kResult, 4>;
    case 8:
      if constexpr (sizeof(T) == 2) return atomic<T, kOp, kResult, 8>;
      return nullptr;
    default:
      return nullptr;
  }
}

template <class T, AtomicResult kResult>
Handler bits(const Match& match, Instr* out) {
  if (match.has("and")) return scalar<T, op_and<T>, kResult>(match, out);
  if (match.has("or")) return scalar<T, op_or<T>, kResult>(match, out);
  if (match.has("xor")) return scalar<T, op_xor<T>, kResult>(match, out);
  return scalar<T, op_exch<T>, kResult>(match, out);
}

template <class T, AtomicResult kResult>
Handler cas(const Match& match, Instr* out) {
  if (match.elements() != 1 || !put_atomic<T>(match, kOperands<kResult> + 1, out)) return nullptr;
  return atomic<T, op_cas<T>, kResult, 1, true>;
}

template <class T, AtomicResult kResult>
Handler extreme(const Match& match, Instr* out) {
  return match.has("min") ? scalar<T, op_min<T>, kResult>(match, out)
                          : scalar<T, op_max<T>, kResult>(match, out);
}

template <class Half, AtomicResult kResult>
Handler half_vector(const Match& match, Instr* out) {
  const bool is_packed = match.type().ends_with("x2");
  const auto pick = [&]<Operation<u16> kOp>() {
    return is_packed ? vector<u32, op_halves<kOp>, kResult>(match, out)
                     : vector<u16, kOp, kResult>(match, out);
  };
  if (match.has("min")) return pick.template operator()<op_min_half<Half>>();
  if (match.has("max")) return pick.template operator()<op_max_half<Half>>();
  return pick.template operator()<op_add_half<Half>>();
}

}  // namespace

template <AtomicResult kResult>
Handler atomic_bits(const Match& match, Instr* out) {
  return match.type() == "b64" ? bits<u64, kResult>(match, out) : bits<u32, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_cas(const Match& match, Instr* out) {
  if (match.type() == "b16") return cas<u16, kResult>(match, out);
  return match.type() == "b64" ? cas<u64, kResult>(match, out) : cas<u32, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_add(const Match& match, Instr* out) {
  if (match.type() == "f32") return scalar<float, op_add_f32, kResult>(match, out);
  if (match.type() == "f64") return scalar<double, op_add<double>, kResult>(match, out);
  if (match.type() == "u64") return scalar<u64, op_add<u64>, kResult>(match, out);
  return scalar<u32, op_add<u32>, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_count(const Match& match, Instr* out) {
  return match.has("inc") ? scalar<u32, op_inc, kResult>(match, out)
                          : scalar<u32, op_dec, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_extreme(const Match& match, Instr* out) {
  if (match.type() == "s32") return extreme<s32, kResult>(match, out);
  if (match.type() == "s64") return extreme<s64, kResult>(match, out);
  return match.type() == "u64" ? extreme<u64, kResult>(match, out)
                               : extreme<u32, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_half(const Match& match, Instr* out) {
  if (match.type() == "f16") return scalar<u16, op_add_half<F16>, kResult>(match, out);
  if (match.type() == "bf16") return scalar<u16, op_add_half<Bf16>, kResult>(match, out);
  return match.type() == "f16x2" ? scalar<u32, op_halves<op_add_half<F16>>, kResult>(match, out)
                                 : scalar<u32, op_halves<op_add_half<Bf16>>, kResult>(match, out);
}

template <AtomicResult kResult>
Handler atomic_vector(const Match& match, Instr* out) {
  if (match.type() == "f32") return vector<float, op_add_f32, kResult>(match, out);
  return match.type().starts_with("bf") ? half_vector<Bf16, kResult>(match, out)
                                        : half_vector<F16, kResult>(match, out);
}

template Handler atomic_bits<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_cas<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_add<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_count<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_extreme<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_half<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_vector<AtomicResult::none>(const Match&, Instr*);
template Handler atomic_bits<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_cas<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_add<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_count<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_extreme<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_half<AtomicResult::old_value>(const Match&, Instr*);
template Handler atomic_vector<AtomicResult::old_value>(const Match&, Instr*);

}  // namespace attest::ptx
