// What the elements of each kind are.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_draw.h"

#include "harness/base/dtype.h"

#include <algorithm>

namespace attest::ptx {
namespace {

struct Layout {
  Dtype dtype;
  std::uint32_t fraction;
  std::uint32_t top;  // the exponent field of Inf and NaN
  [[nodiscard]] std::uint32_t one() const { return (top / 2) << fraction; }
  [[nodiscard]] std::uint32_t sign() const { return dtype == Dtype::f32 ? 0x80000000U : 0x8000U; }
};

Layout layout(MmaFormat format) {
  return format == MmaFormat::f16 ? Layout{Dtype::f16, 10, 31} : Layout{Dtype::bf16, 7, 255};
}

/// Sign and mantissa at random, exponent field in [low, low + width), kept finite and normal.
std::uint32_t in_window(Draw& draw, const Layout& at, int low, int width) {
  const int field =
      std::clamp(low + static_cast<int>(draw.below(static_cast<std::uint32_t>(width))),
                 1,
                 static_cast<int>(at.top) - 1);
  const std::uint32_t mantissa = draw.word() & ((1U << at.fraction) - 1U);
  return (draw.one_in(2) ? at.sign() : 0U) | (static_cast<std::uint32_t>(field) << at.fraction) |
         mantissa;
}

std::uint32_t special(Draw& draw, const Layout& at) {
  const std::uint32_t mantissa = draw.one_in(2) ? 0U : 1U + draw.below((1U << at.fraction) - 1U);
  return (draw.one_in(2) ? at.sign() : 0U) | (at.top << at.fraction) | mantissa;
}

/// What the elements of one mma have in common.
struct Window {
  int low;
  int width;
};

std::uint32_t element(Draw& draw, Data data, const Layout& at, Window window) {
  switch (data) {
    case Data::normal:
    case Data::cancelling:
      return encode(at.dtype, draw.normal());
    case Data::raw:
      return draw.word() & 0xffffU;
    case Data::window:
      return in_window(draw, at, window.low, window.width);
    case Data::tiny:
      return draw.one_in(3)   ? draw.word() & at.sign()
             : draw.one_in(2) ? (draw.word() & at.sign()) | draw.below(1U << at.fraction)
                              : in_window(draw, at, window.low, window.width);
    case Data::all_ones:
      return in_window(draw, at, window.low, window.width) | ((1U << at.fraction) - 1U);
    case Data::rare_special:
      return draw.one_in(200) ? special(draw, at)
             : draw.one_in(2) ? draw.word() & at.sign()
                              : encode(at.dtype, draw.normal());
    case Data::wide_negative:
      return in_window(draw, at, 0, static_cast<int>(at.top) / 2);
    case Data::just_under_two:
      return at.one() | ((1U << at.fraction) - 1U - draw.below(2));
  }
  return 0;
}

}  // namespace

std::uint32_t addend(Draw& draw, Addend kind, std::uint32_t like) {
  constexpr Layout kF32 = {Dtype::f32, 23, 255};
  switch (kind) {
    case Addend::zero:
      return 0;
    case Addend::normal:
      return encode(Dtype::f32, draw.normal());
    case Addend::raw:
      return draw.word();
    case Addend::subnormal:
      return draw.word() & 0x807fffffU;
    case Addend::near_products:
      return in_window(draw, kF32, static_cast<int>((like >> 23) & 0xffU) - 20, 41);
    case Addend::minus_zero:
      return 0x80000000U;
    case Addend::near_one:
      return 0x3fffffffU - draw.below(draw.one_in(2) ? 256U : 1U << 23);
    case Addend::rare_special:
      return draw.one_in(50) ? special(draw, kF32) : 0;
  }
  return 0;
}

Matrices matrices(Draw& draw, Data data, Addend kind, MmaFormat format) {
  const Layout at = layout(format);
  const auto window = [&] {
    return Window{static_cast<int>(draw.below(at.top)), 1 + static_cast<int>(draw.below(40))};
  };
  const Window of_a = window();
  const Window of_b = window();
  Matrices to;
  for (auto& row : to.a) {
    for (auto& value : row) {
      value = static_cast<std::uint16_t>(element(draw, data, at, of_a));
    }
  }
  for (auto& column : to.b) {
    for (auto& value : column) {
      value = static_cast<std::uint16_t>(element(draw, data, at, of_b));
    }
  }
  if (data == Data::cancelling) {  // the last bit may differ
    for (std::size_t k = 0; k < 16; k += 2) {
      for (auto& row : to.a) {
        row[k + 1] = static_cast<std::uint16_t>(row[k] ^ draw.below(2));
      }
      for (auto& column : to.b) {
        column[k + 1] = static_cast<std::uint16_t>(column[k] ^ 0x8000U);
      }
    }
  }
  const auto like = encode(Dtype::f32, decode(at.dtype, to.a[0][0]) * decode(at.dtype, to.b[0][0]));
  for (auto& row : to.c) {
    for (auto& value : row) {
      value = addend(draw, kind, like);
    }
  }
  return to;
}

}  // namespace attest::ptx
