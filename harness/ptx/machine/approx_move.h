// Moving a correctly rounded result within an error: to the lower or the upper end, or by a hash.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/approx_mode.h"
#include "harness/ptx/machine/round.h"
#include "harness/ptx/machine/round_half.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace attest::ptx {

/// What a result may be: within `error` of `centre`, and in [least, most]. An error of 0 allows the
/// correctly rounded result alone.
struct Allowed {
  double centre = 0;
  double error = 0;
  float least = -std::numeric_limits<float>::max();
  float most = std::numeric_limits<float>::max();
};

/// Spread over all 32 bits; no state, so that a function of the operands it stays.
[[nodiscard]] inline std::uint32_t hash_operand(std::uint32_t bits, std::uint32_t tag) {
  std::uint32_t h = bits * 0x9e3779b1U + tag;
  h = (h ^ h >> 16) * 0x85ebca6bU;
  h = (h ^ h >> 13) * 0xc2b2ae35U;
  return h ^ h >> 16;
}

/// Distance between neighbouring f32 at a finite value.
[[nodiscard]] inline double ulp_f32(double value) {
  const std::uint64_t power = std::bit_cast<std::uint64_t>(value) & 0x7ff0000000000000U;
  return std::max(std::bit_cast<double>(power), 0x1p-126) * 0x1p-23;
}

/// f32 as a number format: integers in the order of its values (-0 just below +0), and directed
/// conversions to them. Without branches, so that loops over lanes vectorise.
struct OrderF32 {
  static std::int32_t of(float value) {
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits ^ (bits >> 31 & 0x7fffffff);
  }
  static float value(std::int32_t order) {
    return std::bit_cast<float>(order ^ (order >> 31 & 0x7fffffff));
  }
  /// The least one that is not below, and the greatest that is not above.
  static std::int32_t above(double value) {
    const auto near = static_cast<float>(value);
    return of(near) + static_cast<std::int32_t>(static_cast<double>(near) < value);
  }
  static std::int32_t below(double value) {
    const auto near = static_cast<float>(value);
    return of(near) - static_cast<std::int32_t>(static_cast<double>(near) > value);
  }
};

/// The same of f16 and bf16.
template <class Half>
struct OrderHalf {
  static std::int32_t of(std::uint16_t half) {
    const auto size = static_cast<std::int32_t>(half & 0x7fffU);
    return (half & 0x8000U) != 0 ? ~size : size;
  }
  static std::uint16_t value(std::int32_t order) {
    return static_cast<std::uint16_t>(order < 0 ? 0x8000 | ~order : order);
  }
  static std::int32_t above(double value) {
    return of(narrow<Half, Rounding::rp>(OrderF32::value(OrderF32::above(value))));
  }
  static std::int32_t below(double value) {
    return of(narrow<Half, Rounding::rm>(OrderF32::value(OrderF32::below(value))));
  }
};

/// The result instead of the correctly rounded one, as orders. That one is always allowed, even
/// where the error is less than half the distance of two neighbours.
template <class Order, ApproxMode kMode>
[[nodiscard]] inline std::int32_t moved(std::int32_t nearest,
                                        const Allowed& allowed,
                                        std::uint32_t hash) {
  const std::int32_t down = std::min(Order::above(allowed.centre - allowed.error), nearest);
  const std::int32_t up = std::max(Order::below(allowed.centre + allowed.error), nearest);
  const std::int32_t low = std::max(down, Order::above(static_cast<double>(allowed.least)));
  const std::int32_t high = std::min(up, Order::below(static_cast<double>(allowed.most)));
  if constexpr (kMode == ApproxMode::low) return low;
  if constexpr (kMode == ApproxMode::high) return high;
  const std::uint64_t choices =
      std::uint64_t{static_cast<std::uint32_t>(high) - static_cast<std::uint32_t>(low)} + 1;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(low) +
                                   static_cast<std::uint32_t>(hash * choices >> 32));
}

[[nodiscard]] inline bool is_special(float value) {
  return (value == 0) | !(std::fabs(value) <= std::numeric_limits<float>::max());
}

template <ApproxMode kMode>
[[nodiscard]] inline float moved_f32(float nearest, const Allowed& allowed, std::uint32_t hash) {
  const std::int32_t order = moved<OrderF32, kMode>(OrderF32::of(nearest), allowed, hash);
  const bool is_kept = is_special(nearest) | (allowed.error == 0);
  return f32_of(select(is_kept, bits_of(nearest), bits_of(OrderF32::value(order))));
}

template <class Half, ApproxMode kMode>
[[nodiscard]] inline std::uint16_t moved_half(std::uint16_t nearest,
                                              const Allowed& allowed,
                                              std::uint32_t hash) {
  using Order = OrderHalf<Half>;
  const std::int32_t order = moved<Order, kMode>(Order::of(nearest), allowed, hash);
  const bool is_kept = is_special(Half::widen(nearest)) | (allowed.error == 0);
  return static_cast<std::uint16_t>(select(is_kept, nearest, Order::value(order)));
}

/// Moves a row of correctly rounded results; does nothing for ApproxMode::nearest. Function names
/// the documented error: see approx_error.h. The operands are copied, since rows may alias.
template <class Function, bool kFtz>
class RowMover {
 public:
  static constexpr std::size_t kLanes = 32;

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): operands_ is not read by `nearest`
  RowMover(const float* in, ApproxMode mode) : mode_(mode) {
    if (mode == ApproxMode::nearest) return;
    for (std::size_t i = 0; i < kLanes; ++i)
      operands_[i] = operand<kFtz>(in[i]);
  }

  /// `exact`: the values before rounding, off by a small part of an f32 ulp. `out`: rounded.
  void move(const double* exact, float* out) const {
    if (mode_ == ApproxMode::low) move_as<ApproxMode::low>(exact, out);
    if (mode_ == ApproxMode::high) move_as<ApproxMode::high>(exact, out);
    if (mode_ == ApproxMode::random) move_as<ApproxMode::random>(exact, out);
  }

 private:
  template <ApproxMode kMode>
  void move_as(const double* exact, float* out) const {
    for (std::size_t i = 0; i < kLanes; ++i) {
      Allowed allowed = Function::allowed(operands_[i], out[i], exact[i]);
      // A normal result stays one.
      if (kFtz) allowed.least = allowed.least == 0 ? kSmallestNormalF32 : allowed.least;
      if (kFtz) allowed.most = allowed.most == 0 ? -kSmallestNormalF32 : allowed.most;
      const std::uint32_t hash = hash_operand(bits_of(operands_[i]), Function::kTag);
      out[i] = operand<kFtz>(moved_f32<kMode>(out[i], allowed, hash));
    }
  }

  ApproxMode mode_;
  float operands_[kLanes];
};

}  // namespace attest::ptx
