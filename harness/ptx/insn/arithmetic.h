// From the modifiers of a floating-point instruction to a handler for its type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/round.h"
#include "harness/ptx/machine/round_half.h"

#include <tuple>
#include <utility>

namespace attest::ptx {

/// f.operator()<flag..>() with flags known at decode time.
template <bool... kChosen, class F>
Handler choose(const F& f) {
  return f.template operator()<kChosen...>();
}
template <bool... kChosen, class F, class... Rest>
Handler choose(const F& f, bool flag, Rest... rest) {
  return flag ? choose<kChosen..., true>(f, rest...) : choose<kChosen..., false>(f, rest...);
}

/// f.operator()<mode>() for the index of a group that lists rn, rz, rm, rp; absent is rn.
template <class F>
Handler choose_rounding(int index, const F& f) {
  switch (index) {
    case 1:
      return f.template operator()<Rounding::rz>();
    case 2:
      return f.template operator()<Rounding::rm>();
    case 3:
      return f.template operator()<Rounding::rp>();
    default:
      return f.template operator()<Rounding::rn>();
  }
}

/// T, for each element of a pack.
template <class T, class>
using As = T;

/// Op of both halves of 32-bit words.
template <auto Op, class... S>
u32 each_half(S... s) {
  const u32 low = Op(static_cast<u16>(s)...);
  const u32 high = Op(static_cast<u16>(s >> 16)...);
  return low | high << 16;
}

/// Op of both f32 in 64-bit words.
template <auto Op, class... S>
u64 each_f32(S... s) {
  const u64 low = bits_of(Op(f32_of(static_cast<u32>(s))...));
  const u64 high = bits_of(Op(f32_of(static_cast<u32>(s >> 32))...));
  return low | high << 32;
}

template <class Op, Rounding kMode, bool kFtz, bool kSat, class... S>
float f32_lane(S... s) {
  const float result = Op::template f32<kMode, kFtz>(s...);
  return kSat ? saturate(result) : result;
}

template <class Op, class Half, bool kFtz, bool kSat, bool kRelu, class... S>
u16 half_lane(S... s) {
  const u16 result = Op::template half<Half, kFtz>(s...);
  if constexpr (kSat) return narrow<Half, Rounding::rz>(saturate(Half::widen(result)));
  if constexpr (kRelu) return narrow<Half, Rounding::rz>(relu(Half::widen(result)));
  return result;
}

template <class Op, bool kSat, class... S, std::size_t... N>
const Instr* lift_flushed(Warp& w, const Instr* i, std::index_sequence<N...>) {
  constexpr Handler kExact = lift<f32_lane<Op, Rounding::rn, true, kSat, S...>, float, S...>;
  if (w.lanes(*i) != kAllLanes) return kExact(w, i);
  const auto sources = std::make_tuple(w.row<const S>(i->op[N + 1])...);
  alignas(64) float out[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    out[l] = Op::template f32<Rounding::rn, false>(flush(std::get<N>(sources)[l])...);
  }
  u32 doubtful = 0;
  for (int l = 0; l < kLanes; ++l) {
    const u32 distance = (bits_of(out[l]) & 0x7fffffffU) ^ bits_of(kSmallestNormalF32);
    doubtful |= distance - 1;  // the sign bit is set by 0 alone
  }
  if (doubtful >> 31 != 0) return kExact(w, i);
  auto* d = w.row<float>(i->op[0]);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    d[l] = kSat ? saturate(flush(out[l])) : flush(out[l]);
  return i + 1;
}

/// .ftz to nearest. A result that is flushed after rounding was tiny before it, unless it was
/// rounded up to the smallest normal number: only then is the slower exact way needed. Not for
/// operations whose tiny results are exact (Op::kTinyIsExact).
template <class Op, bool kSat, class... S>
const Instr* lift_flushed(Warp& w, const Instr* i) {
  return lift_flushed<Op, kSat, S...>(w, i, std::index_sequence_for<S...>{});
}

/// `op{.ftz}{.sat}.f32 d, s..` in one rounding mode. S is float, once per source.
template <class Op, Rounding kMode, class... S>
Handler f32_form_in(const Match& m) {
  return choose(
      []<bool kFtz, bool kSat>() -> Handler {
        constexpr bool kIsDoubtful = kFtz && kMode == Rounding::rn && !Op::kTinyIsExact;
        if constexpr (kIsDoubtful) return lift_flushed<Op, kSat, S...>;
        return lift<f32_lane<Op, kMode, kFtz, kSat, S...>, float, S...>;
      },
      m.has("ftz"),
      m.has("sat"));
}
template <class Op, class... S>
Handler f32_nearest_form(const Match& m, Instr*) {
  return f32_form_in<Op, Rounding::rn, S...>(m);
}

/// `op{.rn|.rz|.rm|.rp}{.ftz}{.sat}.f32 d, s..`; group 0 is the rounding.
template <class Op, class... S>
Handler f32_form(const Match& m, Instr*) {
  return choose_rounding(m.index(0),
                         [&m]<Rounding kMode>() { return f32_form_in<Op, kMode, S...>(m); });
}

/// `op{.rn|.rz|.rm|.rp}{.ftz}.f32x2 d, s..`; S is u64, once per source.
template <class Op, class... S>
Handler f32x2_form(const Match& m, Instr*) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kFtz>() -> Handler {
          return lift<each_f32<f32_lane<Op, kMode, kFtz, false, As<float, S>...>, S...>, u64, S...>;
        },
        m.has("ftz"));
  });
}

/// `op{.rn}{.ftz}{.sat}{.relu}.f16 d, s..` and .bf16; S is u16, once per source.
template <class Op, class Half, class... S>
Handler half_form(const Match& m, Instr*) {
  return choose(
      []<bool kFtz, bool kSat, bool kRelu>() -> Handler {
        return lift<half_lane<Op, Half, kFtz, kSat, kRelu, S...>, u16, S...>;
      },
      m.has("ftz"),
      m.has("sat"),
      m.has("relu"));
}

/// The same for .f16x2 and .bf16x2; S is u32, once per source.
template <class Op, class Half, class... S>
Handler half2_form(const Match& m, Instr*) {
  return choose(
      []<bool kFtz, bool kSat, bool kRelu>() -> Handler {
        return lift<each_half<half_lane<Op, Half, kFtz, kSat, kRelu, As<u16, S>...>, S...>,
                    u32,
                    S...>;
      },
      m.has("ftz"),
      m.has("sat"),
      m.has("relu"));
}

}  // namespace attest::ptx
