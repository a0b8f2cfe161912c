// Lifting: from a function of one lane to a handler of 32, which the compiler vectorises.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/warp.h"

#include <cstdint>
#include <immintrin.h>
#include <tuple>
#include <utility>

// Lanes are independent: a destination row is either the same as a source row or disjoint from it.
#if defined(__clang__)
#define ATTEST_EACH_LANE _Pragma("clang loop vectorize(assume_safety)")
#else
#define ATTEST_EACH_LANE _Pragma("GCC ivdep")
#endif

namespace attest::ptx {

/// How a lane's value of type T lies in its row: 16-bit registers occupy the low half of 32-bit
/// lanes.
template <class T>
struct Lane {
  using Stored = T;
  static T get(Stored s) { return s; }
  static Stored put(T v) { return v; }
};
template <class T>
requires(sizeof(T) < 4) struct Lane<T> {
  using Stored = std::uint32_t;
  static T get(Stored s) { return static_cast<T>(s); }
  static Stored put(T v) { return static_cast<std::uint16_t>(v); }
};

/// Bit l is set where byte l is not 0 (its sign bit, to be exact).
inline std::uint32_t mask_of_bytes(const std::uint8_t* bytes) {
#if defined(ATTEST_PLAIN)
  std::uint32_t mask = 0;
  for (int l = 0; l < kLanes; ++l)
    mask |= static_cast<std::uint32_t>(bytes[l] >> 7) << l;
  return mask;
#else
  return static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_load_si256(reinterpret_cast<const __m256i*>(bytes))));
#endif
}

namespace detail {

template <auto Op, class D, class... S, std::size_t... N>
const Instr* lift(Warp& w, const Instr* i, std::index_sequence<N...>) {
  const std::uint32_t m = w.lanes(*i);
  auto* d = w.row<typename Lane<D>::Stored>(i->op[0]);
  const auto sources = std::make_tuple(w.row<const typename Lane<S>::Stored>(i->op[N + 1])...);
  if (m == kAllLanes) [[likely]] {
    ATTEST_EACH_LANE
    for (int l = 0; l < kLanes; ++l) {
      d[l] = Lane<D>::put(Op(Lane<S>::get(std::get<N>(sources)[l])...));
    }
  } else {
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = Lane<D>::put(Op(Lane<S>::get(std::get<N>(sources)[l])...));
    }
  }
  return i + 1;
}

template <auto Op, class... S, std::size_t... N>
const Instr* lift_predicate(Warp& w, const Instr* i, std::index_sequence<N...>) {
  const std::uint32_t m = w.lanes(*i);
  const auto sources = std::make_tuple(w.row<const typename Lane<S>::Stored>(i->op[N + 1])...);
  alignas(32) std::uint8_t holds[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    holds[l] = Op(Lane<S>::get(std::get<N>(sources)[l])...) ? 0xff : 0;
  }
  const std::uint32_t result = mask_of_bytes(holds);
  std::uint32_t& d = w.predicates[i->op[0]];
  d = (d & ~m) | (result & m);
  return i + 1;
}

}  // namespace detail

/// Handler of `d = Op(s...)`: op[0] is the destination row, op[1..] the sources.
template <auto Op, class D, class... S>
const Instr* lift(Warp& w, const Instr* i) {
  return detail::lift<Op, D, S...>(w, i, std::index_sequence_for<S...>{});
}

/// Handler of `p = Op(s...)`: op[0] is the predicate.
template <auto Op, class... S>
const Instr* lift_predicate(Warp& w, const Instr* i) {
  return detail::lift_predicate<Op, S...>(w, i, std::index_sequence_for<S...>{});
}

/// Handler of a function that computes all 32 lanes from rows of 32, whatever the mask: `Op(in..,
/// out)`. Only executing lanes are written.
template <auto Op, class D, class S>
const Instr* lift_row(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  D* d = w.row<D>(i->op[0]);
  const S* s = w.row<const S>(i->op[1]);
  if (m == kAllLanes) [[likely]] {
    Op(s, d);
  } else {
    alignas(64) D out[kLanes];
    Op(s, out);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = out[l];
    }
  }
  return i + 1;
}

}  // namespace attest::ptx
