// The tensor-core model: its table, and its specification in exact integers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_model.h"

#include <algorithm>
#include <bit>

namespace attest::ptx {
namespace {

constexpr std::uint32_t kSign = 0x80000000U;
constexpr std::uint32_t kInf = 0x7f800000U;
constexpr std::uint32_t kNan = 0x7fffffffU;

enum class Kind : std::uint8_t { finite, zero, inf, nan };

/// Value (-1)^negative * significand * 2^(exponent - fraction). The exponent of a subnormal is the
/// format's smallest; significands are never normalised.
struct Term {
  Kind kind = Kind::zero;
  bool negative = false;
  int exponent = 0;
  int fraction = 0;
  std::int64_t significand = 0;
};

Term unpack(std::uint32_t bits, int exponent_bits, int fraction) {
  const std::uint32_t top = (1U << exponent_bits) - 1U;
  const std::uint32_t field = (bits >> fraction) & top;
  const std::uint32_t low = bits & ((1U << fraction) - 1U);
  Term term;
  term.negative = ((bits >> (fraction + exponent_bits)) & 1U) != 0;
  term.fraction = fraction;
  if (field == top) {
    term.kind = low != 0 ? Kind::nan : Kind::inf;
  } else if (field != 0 || low != 0) {
    term.kind = Kind::finite;
    term.exponent = static_cast<int>(std::max(field, 1U)) - static_cast<int>(top / 2);
    term.significand = field != 0 ? low | (1U << fraction) : low;
  }
  return term;
}

Term unpack(MmaFormat format, std::uint16_t bits) {
  return format == MmaFormat::f16 ? unpack(bits, 5, 10) : unpack(bits, 8, 7);
}

Term product(const Term& x, const Term& y) {
  Term term;
  term.negative = x.negative != y.negative;
  const bool any_zero = x.kind == Kind::zero || y.kind == Kind::zero;
  const bool any_inf = x.kind == Kind::inf || y.kind == Kind::inf;
  if (x.kind == Kind::nan || y.kind == Kind::nan || (any_zero && any_inf)) {
    term.kind = Kind::nan;
  } else if (any_inf) {
    term.kind = Kind::inf;
  } else if (!any_zero) {
    term.kind = Kind::finite;
    term.exponent = x.exponent + y.exponent;
    term.fraction = x.fraction + y.fraction;
    term.significand = x.significand * y.significand;
  }
  return term;
}

/// What the terms of one block have in common.
struct Survey {
  bool nan = false;
  bool plus_inf = false;
  bool minus_inf = false;
  bool all_minus_zero = true;
  bool any_zero = false;
  bool any_finite = false;
  int largest = 0;

  void add(const Term& term) {
    nan |= term.kind == Kind::nan;
    plus_inf |= term.kind == Kind::inf && !term.negative;
    minus_inf |= term.kind == Kind::inf && term.negative;
    all_minus_zero &= term.kind == Kind::zero && term.negative;
    any_zero |= term.kind == Kind::zero;
    if (term.kind == Kind::finite) {
      largest = any_finite ? std::max(largest, term.exponent) : term.exponent;
      any_finite = true;
    }
  }
};

/// The term in units of 2^unit, truncated toward zero.
std::int64_t aligned(const Term& term, int unit) {
  if (term.kind != Kind::finite) {
    return 0;
  }
  const int shift = term.exponent - term.fraction - unit;
  const std::int64_t size = shift >= 0    ? term.significand << shift
                            : shift > -63 ? term.significand >> -shift
                                          : 0;
  return term.negative ? -size : size;
}

/// sum * 2^unit in f32, toward zero, but Inf beyond the largest finite value.
std::uint32_t round_toward_zero(std::int64_t sum, int unit) {
  if (sum == 0) {
    return 0;
  }
  const std::uint32_t sign = sum < 0 ? kSign : 0;
  const auto size = static_cast<std::uint64_t>(sum < 0 ? -sum : sum);
  const int exponent = unit + static_cast<int>(std::bit_width(size)) - 1;
  if (exponent > 127) {
    return sign | kInf;
  }
  const int shift = std::max(exponent, -126) - 23 - unit;
  const std::uint64_t kept = shift > 63 ? 0 : shift > 0 ? size >> shift : size << -shift;
  const int field = kept >> 23 != 0 ? exponent + 127 : 0;
  return sign | (static_cast<std::uint32_t>(field) << 23) |
         static_cast<std::uint32_t>(kept & 0x7fffffU);
}

std::uint32_t block_exact(MmaFormat format,
                          const MmaModel& model,
                          const std::uint16_t* a,
                          const std::uint16_t* b,
                          int length,
                          std::uint32_t c) {
  const auto term = [&](int k) {
    return k < 0 ? unpack(c, 8, 23) : product(unpack(format, a[k]), unpack(format, b[k]));
  };
  Survey survey;
  for (int k = -1; k < length; ++k) {
    survey.add(term(k));
  }
  if (survey.nan || (survey.plus_inf && survey.minus_inf)) {
    return kNan;
  }
  if (survey.plus_inf || survey.minus_inf) {
    return survey.minus_inf ? kSign | kInf : kInf;
  }
  if (!survey.any_finite) {
    return survey.all_minus_zero ? kSign : 0;
  }
  const int largest =
      survey.any_zero ? std::max(survey.largest, model.zero_exponent) : survey.largest;
  const int unit = largest - model.fraction_bits;
  std::int64_t sum = 0;
  for (int k = -1; k < length; ++k) {
    sum += aligned(term(k), unit);
  }
  return round_toward_zero(sum, unit);
}

}  // namespace

const MmaModel* mma_model(int sm) {
  static constexpr MmaModel kVolta = {.block = 4, .fraction_bits = 23, .zero_exponent = -131};
  static constexpr MmaModel kAmpere = {.block = 8, .fraction_bits = 24, .zero_exponent = -132};
  static constexpr MmaModel kHopper = {.block = 16, .fraction_bits = 25, .zero_exponent = -133};
  switch (sm) {
    case 70:
      return &kVolta;
    case 75:
    case 80:
    case 86:
    case 89:
      return &kAmpere;
    case 90:
    case 100:
    case 120:
      return &kHopper;
    default:
      return nullptr;
  }
}

std::uint32_t mma_dot_exact(MmaFormat format,
                            const MmaModel& model,
                            const std::uint16_t* a,
                            const std::uint16_t* b,
                            int length,
                            std::uint32_t c) {
  for (int k = 0; k < length; k += model.block) {
    c = block_exact(format, model, a + k, b + k, std::min(model.block, length - k), c);
  }
  return c;
}

}  // namespace attest::ptx
