// The tensor-core model: its table, and its specification in exact integers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_model.h"

#include "harness/base/check.h"
#include "harness/ptx/machine/round.h"
#include "harness/ptx/machine/round_half.h"

#include <algorithm>
#include <array>
#include <bit>

namespace attest::ptx {
namespace {

constexpr std::uint32_t kSign = 0x80000000U;
constexpr std::uint32_t kInf = 0x7f800000U;
constexpr std::uint32_t kNan = 0x7fffffffU;
constexpr int kMostProducts = 32;  // of fp8

constexpr std::array<std::string_view, 16> kNames = {"f16",
                                                     "bf16",
                                                     "tf32",
                                                     "e4m3",
                                                     "e5m2",
                                                     "e3m2",
                                                     "e2m3",
                                                     "e2m1",
                                                     "f32",
                                                     "f64",
                                                     "s8",
                                                     "u8",
                                                     "s4",
                                                     "u4",
                                                     "b1",
                                                     "s32"};

constexpr std::array<int, 8> kArchitectures = {70, 75, 80, 86, 89, 90, 100, 120};

/// Formats that share a datapath.
enum class Inputs : std::uint8_t { f16, bf16, tf32, fp8, fp6, other };

Inputs inputs_of(MmaFormat format) {
  switch (format) {
    case MmaFormat::f16:
      return Inputs::f16;
    case MmaFormat::bf16:
      return Inputs::bf16;
    case MmaFormat::tf32:
      return Inputs::tf32;
    case MmaFormat::e4m3:
    case MmaFormat::e5m2:
      return Inputs::fp8;
    case MmaFormat::e3m2:
    case MmaFormat::e2m3:
    case MmaFormat::e2m1:
      return Inputs::fp6;
    default:
      return Inputs::other;
  }
}

struct Datapath {
  int first = 0;  // architectures, both inclusive
  int last = 0;
  MmaUnit unit = MmaUnit::mma;
  Inputs inputs = Inputs::f16;
  MmaFormat accumulator = MmaFormat::f32;
  MmaModel model;
};

constexpr MmaFormat kF32 = MmaFormat::f32;
constexpr MmaFormat kF16 = MmaFormat::f16;
constexpr MmaUnit kMma = MmaUnit::mma;
constexpr MmaUnit kWgmma = MmaUnit::wgmma;
constexpr MmaRounding kRz = MmaRounding::rz_f32;
constexpr MmaRounding kRz13 = MmaRounding::rz_e8m13;
constexpr MmaRounding kRn16 = MmaRounding::rn_f16;

/// Block, fraction bits, exponent of a zero, rounding, emulated.
constexpr Datapath kDatapaths[] = {
    {70, 70, kMma, Inputs::f16, kF32, {4, 23, -131, kRz}},
    {70, 70, kMma, Inputs::f16, kF16, {4, 23, -20, kRn16}},
    {75, 89, kMma, Inputs::f16, kF32, {8, 24, -132, kRz}},
    {75, 89, kMma, Inputs::f16, kF16, {8, 24, -21, kRn16}},
    {80, 89, kMma, Inputs::bf16, kF32, {8, 24, -132, kRz}},
    {80, 89, kMma, Inputs::tf32, kF32, {4, 24, -132, kRz}},
    {89, 89, kMma, Inputs::fp8, kF32, {16, 13, -132, kRz13}},
    {89, 89, kMma, Inputs::fp8, kF16, {16, 13, -21, kRn16}},
    {90, 120, kMma, Inputs::f16, kF32, {16, 25, -133, kRz}},
    {90, 120, kMma, Inputs::f16, kF16, {16, 25, -22, kRn16}},
    {90, 120, kMma, Inputs::bf16, kF32, {16, 25, -133, kRz}},
    {90, 120, kMma, Inputs::tf32, kF32, {8, 25, -133, kRz}},
    {90, 100, kMma, Inputs::fp8, kF32, {16, 25, -133, kRz, true}},
    {90, 100, kMma, Inputs::fp8, kF16, {16, 25, -22, kRn16, true}},
    {120, 120, kMma, Inputs::fp8, kF32, {32, 25, -133, kRz}},
    {120, 120, kMma, Inputs::fp8, kF16, {32, 25, -22, kRn16}},
    {120, 120, kMma, Inputs::fp6, kF32, {32, 25, -133, kRz}},
    {120, 120, kMma, Inputs::fp6, kF16, {32, 25, -22, kRn16}},
    {90, 90, kWgmma, Inputs::f16, kF32, {16, 25, -133, kRz}},
    {90, 90, kWgmma, Inputs::f16, kF16, {16, 25, -133, kRn16}},
    {90, 90, kWgmma, Inputs::bf16, kF32, {16, 25, -133, kRz}},
    {90, 90, kWgmma, Inputs::tf32, kF32, {8, 25, -133, kRz}},
    {90, 90, kWgmma, Inputs::fp8, kF32, {32, 13, -133, kRz13}},
    {90, 90, kWgmma, Inputs::fp8, kF16, {32, 13, -133, kRn16}},
};

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

Term unpack(const MmaFields& fields, std::uint32_t bits) {
  bits >>= fields.shift;
  const std::uint32_t top = (1U << fields.exponent_bits) - 1U;
  const std::uint32_t field = (bits >> fields.fraction_bits) & top;
  const std::uint32_t low = bits & ((1U << fields.fraction_bits) - 1U);
  Term term;
  term.negative = ((bits >> (fields.fraction_bits + fields.exponent_bits)) & 1U) != 0;
  term.fraction = fields.fraction_bits;
  if (fields.has_inf && field == top) {
    term.kind = low != 0 ? Kind::nan : Kind::inf;
  } else if (fields.nan != 0 && ((field << fields.fraction_bits) | low) == fields.nan) {
    term.kind = Kind::nan;
  } else if (field != 0 || low != 0) {
    term.kind = Kind::finite;
    term.exponent = static_cast<int>(std::max(field, 1U)) - static_cast<int>(top / 2);
    term.significand = field != 0 ? low | (1U << fields.fraction_bits) : low;
  }
  return term;
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

/// A format that results are rounded to.
struct Target {
  int fraction = 23;  // bits kept
  int lowest = -126;  // exponent of the smallest normal
  int highest = 127;
  int stored = 23;  // fraction bits of the result's register
  int bias = 127;
  bool to_nearest = false;
};

const Target& target(MmaRounding rounding) {
  static constexpr Target kToF32;
  static constexpr Target kToE8M13 = {.fraction = 13};
  static constexpr Target kToF16 = {
      .fraction = 10, .lowest = -14, .highest = 15, .stored = 10, .bias = 15, .to_nearest = true};
  return rounding == MmaRounding::rz_f32   ? kToF32
         : rounding == MmaRounding::rn_f16 ? kToF16
                                           : kToE8M13;
}

MmaFormat accumulator(MmaRounding rounding) {
  return rounding == MmaRounding::rn_f16 ? MmaFormat::f16 : MmaFormat::f32;
}

std::uint32_t special(MmaRounding rounding, std::uint32_t f32) {
  return rounding == MmaRounding::rn_f16
             ? (f32 & kNan) > kInf ? 0x7fffU
                                   : (f32 >> 16 & 0x8000U) | ((f32 & kInf) >> 13 & 0x7c00U)
             : f32;
}

/// One block: `length` products of elements `step` apart, and c.
template <class Element>
std::uint32_t block_exact(MmaFactors factors,
                          const MmaModel& model,
                          const Element* a,
                          const Element* b,
                          int length,
                          std::uint32_t c) {
  const MmaFields& of_a = mma_fields(factors.a);
  const MmaFields& of_b = mma_fields(factors.b);
  const MmaFields& of_c = mma_fields(accumulator(model.rounding));
  const auto term = [&](int k) {
    return k < 0 ? unpack(of_c, c) : product(unpack(of_a, a[k]), unpack(of_b, b[k]));
  };
  Survey survey;
  for (int k = -1; k < length; ++k) {
    survey.add(term(k));
  }
  if (survey.nan || (survey.plus_inf && survey.minus_inf)) {
    return special(model.rounding, kNan);
  }
  if (survey.plus_inf || survey.minus_inf) {
    return special(model.rounding, survey.minus_inf ? kSign | kInf : kInf);
  }
  if (!survey.any_finite) {
    return special(model.rounding, survey.all_minus_zero ? kSign : 0);
  }
  const int largest =
      survey.any_zero ? std::max(survey.largest, model.zero_exponent) : survey.largest;
  const int unit = largest - model.fraction_bits;
  std::int64_t sum = 0;
  for (int k = -1; k < length; ++k) {
    sum += aligned(term(k), unit);
  }
  return mma_round(sum, unit, model.rounding);
}

template <class Element>
std::uint32_t chain(MmaFactors factors,
                    const MmaModel& model,
                    const Element* a,
                    const Element* b,
                    int length,
                    std::uint32_t c) {
  for (int k = 0; k < length; k += model.block) {
    c = block_exact(factors, model, a + k, b + k, std::min(model.block, length - k), c);
  }
  return c;
}

/// fp8 through f16: the low pairs of all registers from zero, the high pairs on top, then c.
std::uint32_t emulated(MmaFactors factors,
                       const MmaModel& model,
                       const std::uint32_t* a,
                       const std::uint32_t* b,
                       int length,
                       std::uint32_t c) {
  MmaModel datapath = model;
  datapath.is_emulated = false;
  std::uint32_t sum = 0;
  for (int half = 0; half < 2; ++half) {
    std::array<std::uint32_t, kMostProducts> x{};
    std::array<std::uint32_t, kMostProducts> y{};
    int count = 0;
    for (int k = 0; k < length; ++k) {
      if (k / 2 % 2 == half) {
        x[static_cast<std::size_t>(count)] = mma_f16_of_fp8(factors.a, a[k]);
        y[static_cast<std::size_t>(count)] = mma_f16_of_fp8(factors.b, b[k]);
        ++count;
      }
    }
    sum = chain({MmaFormat::f16, MmaFormat::f16}, datapath, x.data(), y.data(), count, sum);
  }
  return model.rounding == MmaRounding::rn_f16
             ? add_half<F16>(static_cast<std::uint16_t>(c), static_cast<std::uint16_t>(sum))
             : bits_of(add_f32<Rounding::rn>(f32_of(c), f32_of(sum)));
}

}  // namespace

std::optional<MmaFormat> mma_format(std::string_view word) {
  const auto* found = std::find(kNames.begin(), kNames.end(), word);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<MmaFormat>(found - kNames.begin());
}

int mma_width(MmaFormat format) {
  switch (format) {
    case MmaFormat::f64:
      return 64;
    case MmaFormat::f32:
    case MmaFormat::int32:
    case MmaFormat::tf32:
      return 32;
    case MmaFormat::f16:
    case MmaFormat::bf16:
      return 16;
    case MmaFormat::int4:
    case MmaFormat::uint4:
      return 4;
    case MmaFormat::b1:
      return 1;
    default:
      return 8;
  }
}

const MmaFields& mma_fields(MmaFormat format) {
  static constexpr MmaFields kOfF16 = {.exponent_bits = 5, .fraction_bits = 10, .has_inf = true};
  static constexpr MmaFields kOfBf16 = {.exponent_bits = 8, .fraction_bits = 7, .has_inf = true};
  static constexpr MmaFields kOfTf32 = {
      .exponent_bits = 8, .fraction_bits = 10, .shift = 13, .has_inf = true};
  static constexpr MmaFields kOfE4m3 = {.exponent_bits = 4, .fraction_bits = 3, .nan = 0x7f};
  static constexpr MmaFields kOfE5m2 = {.exponent_bits = 5, .fraction_bits = 2, .has_inf = true};
  static constexpr MmaFields kOfE3m2 = {.exponent_bits = 3, .fraction_bits = 2};
  static constexpr MmaFields kOfE2m3 = {.exponent_bits = 2, .fraction_bits = 3};
  static constexpr MmaFields kOfE2m1 = {.exponent_bits = 2, .fraction_bits = 1, .shift = 2};
  static constexpr MmaFields kOfF32 = {.exponent_bits = 8, .fraction_bits = 23, .has_inf = true};
  switch (format) {
    case MmaFormat::f16:
      return kOfF16;
    case MmaFormat::bf16:
      return kOfBf16;
    case MmaFormat::tf32:
      return kOfTf32;
    case MmaFormat::e4m3:
      return kOfE4m3;
    case MmaFormat::e5m2:
      return kOfE5m2;
    case MmaFormat::e3m2:
      return kOfE3m2;
    case MmaFormat::e2m3:
      return kOfE2m3;
    case MmaFormat::e2m1:
      return kOfE2m1;
    default:
      ATTEST_CHECK(format == MmaFormat::f32);
      return kOfF32;
  }
}

const MmaModel* mma_model(int sm, MmaFormat input, MmaFormat accumulator, MmaUnit unit) {
  const auto* known = std::find(kArchitectures.begin(), kArchitectures.end(), sm);
  if (known == kArchitectures.end()) {
    return nullptr;
  }
  for (const Datapath& row : kDatapaths) {
    if (sm >= row.first && sm <= row.last && unit == row.unit && accumulator == row.accumulator &&
        row.inputs == inputs_of(input)) {
      return &row.model;
    }
  }
  return nullptr;
}

std::uint32_t mma_f16_of_fp8(MmaFormat format, std::uint32_t bits) {
  if (format == MmaFormat::e5m2) {
    return bits << 8;
  }
  const std::uint32_t sign = (bits & 0x80U) << 8;
  const std::uint32_t size = bits & 0x7fU;
  if (size == 0x7fU) {
    return 0x7fffU;
  }
  if (size >= 8) {
    return sign | ((size + (8U << 3)) << 7);  // the bias of f16 is 8 more
  }
  if (size == 0) {
    return sign;
  }
  // size * 2^-9, a normal f16: its highest bit moves out of the fraction.
  const auto top = static_cast<std::uint32_t>(std::bit_width(size)) - 1U;
  return sign | ((top + 6U) << 10) | ((size << (10U - top)) & 0x3ffU);
}

std::uint32_t mma_round(std::int64_t sum, int unit, MmaRounding rounding) {
  if (sum == 0) {
    return 0;
  }
  const Target& to = target(rounding);
  const std::uint32_t sign = sum < 0 ? 1U << (to.stored == 23 ? 31 : 15) : 0;
  const std::uint32_t inf = static_cast<std::uint32_t>(to.highest + to.bias + 1) << to.stored;
  const auto size = static_cast<std::uint64_t>(sum < 0 ? -sum : sum);
  const int exponent = unit + static_cast<int>(std::bit_width(size)) - 1;
  if (exponent > to.highest) {
    return sign | inf;
  }
  const int floor = std::max(exponent, to.lowest);
  const int shift = floor - to.fraction - unit;  // of the lowest bit that is kept
  std::uint64_t kept = shift > 63 ? 0 : shift > 0 ? size >> shift : size << -shift;
  if (to.to_nearest && shift > 0 && shift < 64) {
    const std::uint64_t rest = size & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    kept += (rest > half || (rest == half && (kept & 1) != 0)) ? 1 : 0;
  }
  // A carry out of the fraction, or of the subnormals, is one more in the field, as it should be.
  const auto base = static_cast<std::uint32_t>(floor + to.bias - 1) << to.stored;
  const auto fraction = static_cast<std::uint32_t>(kept) << (to.stored - to.fraction);
  return sign | std::min(base + fraction, inf);
}

std::uint32_t mma_dot_exact(MmaFactors factors,
                            const MmaModel& model,
                            const std::uint32_t* a,
                            const std::uint32_t* b,
                            int length,
                            std::uint32_t c) {
  return model.is_emulated ? emulated(factors, model, a, b, length, c)
                           : chain(factors, model, a, b, length, c);
}

std::uint32_t mma_dot_exact(MmaFormat format,
                            const MmaModel& model,
                            const std::uint16_t* a,
                            const std::uint16_t* b,
                            int length,
                            std::uint32_t c) {
  return chain({format, format}, model, a, b, length, c);
}

}  // namespace attest::ptx
