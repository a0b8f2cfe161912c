// cvt to and from integers, PTX ISA 9.0, 9.7.9.21.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"
#include "harness/ptx/machine/round_int.h"

#include <limits>
#include <utility>

namespace attest::ptx {
namespace {

template <class D, class S, bool kSat>
Extended<D> integer_lane(S a) {
  if constexpr (kSat) {
    using Limits = std::numeric_limits<D>;
    if (std::cmp_less(a, Limits::min())) return Limits::min();
    if (std::cmp_greater(a, Limits::max())) return Limits::max();
  }
  return static_cast<D>(a);
}

template <class Destinations, class Sources>
Handler integers(const Match& m) {
  return choose_type(Destinations{}, m.index(1), [&m]<class D>() {
    return choose_type(Sources{}, m.index(2), [&m]<class S>() {
      return choose(
          []<bool kSat>() -> Handler { return lift<integer_lane<D, S, kSat>, Extended<D>, S>; },
          m.has("sat"));
    });
  });
}

template <class D, Rounding kMode>
Extended<D> from_f64(double a) {
  return to_int<D, kMode>(a);
}
template <class D, Rounding kMode, bool kFtz>
Extended<D> from_f32(float a) {
  return to_int<D, kMode>(operand<kFtz>(a));
}
template <class D, Rounding kMode, class Half>
Extended<D> from_half(u16 a) {
  return to_int<D, kMode>(Half::widen(a));
}

// A float is clamped with and without .sat.
template <class Destinations>
Handler integer_from_f64(const Match& m) {
  return choose_type(Destinations{}, m.index(3), [&m]<class D>() {
    return choose_rounding(m.index(0), []<Rounding kMode>() -> Handler {
      return lift<from_f64<D, kMode>, Extended<D>, double>;
    });
  });
}
template <class Destinations>
Handler integer_from_f32(const Match& m) {
  return choose_type(Destinations{}, m.index(3), [&m]<class D>() {
    return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
      return choose(
          []<bool kFtz>() -> Handler { return lift<from_f32<D, kMode, kFtz>, Extended<D>, float>; },
          m.has("ftz"));
    });
  });
}
template <class Destinations, class Half>
Handler integer_from_half(const Match& m) {
  return choose_type(Destinations{}, m.index(3), [&m]<class D>() {
    return choose_rounding(m.index(0), []<Rounding kMode>() -> Handler {
      return lift<from_half<D, kMode, Half>, Extended<D>, u16>;
    });
  });
}

template <class S, Rounding kMode, bool kSat>
float to_f32_lane(S a) {
  const float result = int_to_f32<kMode>(a);
  return kSat ? saturate(result) : result;
}
template <class Half, class S, Rounding kMode, bool kSat>
u16 to_half_lane(S a) {
  const float odd = to_f32_odd(to_f64_odd(a));
  return narrow<Half, kMode>(kSat ? saturate(odd) : odd);
}
/// Integers of 64 bits that a double cannot hold are moved one step where the mode asks for it.
template <class S, Rounding kMode>
double to_f64_lane(S a) {
  const auto nearest = static_cast<double>(a);
  if constexpr (sizeof(S) < 8 || kMode == Rounding::rn) {
    return nearest;
  } else {
    const double odd = to_f64_odd(a);  // on the same side of `nearest` as the exact value
    const bool toward_zero = std::fabs(odd) < std::fabs(nearest);
    const bool inward =
        kMode == Rounding::rz || (kMode == Rounding::rm ? nearest > 0 : nearest < 0);
    const auto bits = std::bit_cast<u64>(nearest);
    if (odd == nearest || toward_zero != inward) return nearest;
    return std::bit_cast<double>(inward ? bits - 1 : bits + 1);
  }
}

template <class Sources>
Handler f32_from_integer(const Match& m) {
  return choose_type(Sources{}, m.index(2), [&m]<class S>() {
    return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
      return choose(
          []<bool kSat>() -> Handler { return lift<to_f32_lane<S, kMode, kSat>, float, S>; },
          m.has("sat"));
    });
  });
}
template <class Sources, class Half>
Handler half_from_integer(const Match& m) {
  return choose_type(Sources{}, m.index(2), [&m]<class S>() {
    return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
      return choose(
          []<bool kSat>() -> Handler { return lift<to_half_lane<Half, S, kMode, kSat>, u16, S>; },
          m.has("sat"));
    });
  });
}
template <class Sources>
Handler f64_from_integer(const Match& m) {
  return choose_type(Sources{}, m.index(1), [&m]<class S>() {
    return choose_rounding(m.index(0), []<Rounding kMode>() -> Handler {
      return lift<to_f64_lane<S, kMode>, double, S>;
    });
  });
}

}  // namespace

Handler cvt_narrow_narrow(const Match& m, Instr*) {
  return integers<NarrowIntegers, NarrowIntegers>(m);
}
Handler cvt_narrow_wide(const Match& m, Instr*) {
  return integers<NarrowIntegers, WideIntegers>(m);
}
Handler cvt_wide_narrow(const Match& m, Instr*) {
  return integers<WideIntegers, NarrowIntegers>(m);
}
Handler cvt_wide_wide(const Match& m, Instr*) {
  return integers<WideIntegers, WideIntegers>(m);
}
Handler cvt_narrow_f16(const Match& m, Instr*) {
  return integer_from_half<NarrowIntegers, F16>(m);
}
Handler cvt_narrow_bf16(const Match& m, Instr*) {
  return integer_from_half<NarrowIntegers, Bf16>(m);
}
Handler cvt_narrow_f32(const Match& m, Instr*) {
  return integer_from_f32<NarrowIntegers>(m);
}
Handler cvt_narrow_f64(const Match& m, Instr*) {
  return integer_from_f64<NarrowIntegers>(m);
}
Handler cvt_wide_f16(const Match& m, Instr*) {
  return integer_from_half<WideIntegers, F16>(m);
}
Handler cvt_wide_bf16(const Match& m, Instr*) {
  return integer_from_half<WideIntegers, Bf16>(m);
}
Handler cvt_wide_f32(const Match& m, Instr*) {
  return integer_from_f32<WideIntegers>(m);
}
Handler cvt_wide_f64(const Match& m, Instr*) {
  return integer_from_f64<WideIntegers>(m);
}
Handler cvt_f16_narrow(const Match& m, Instr*) {
  return half_from_integer<NarrowIntegers, F16>(m);
}
Handler cvt_f16_wide(const Match& m, Instr*) {
  return half_from_integer<WideIntegers, F16>(m);
}
Handler cvt_bf16_narrow(const Match& m, Instr*) {
  return half_from_integer<NarrowIntegers, Bf16>(m);
}
Handler cvt_bf16_wide(const Match& m, Instr*) {
  return half_from_integer<WideIntegers, Bf16>(m);
}
Handler cvt_f32_narrow(const Match& m, Instr*) {
  return f32_from_integer<NarrowIntegers>(m);
}
Handler cvt_f32_wide(const Match& m, Instr*) {
  return f32_from_integer<WideIntegers>(m);
}
Handler cvt_f64_narrow(const Match& m, Instr*) {
  return f64_from_integer<NarrowIntegers>(m);
}
Handler cvt_f64_wide(const Match& m, Instr*) {
  return f64_from_integer<WideIntegers>(m);
}

}  // namespace attest::ptx
