// Matrix products on plain matrices: the model in integers, eight columns at a time; and the rest.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_tile.h"

#include "harness/base/check.h"
#include "harness/ptx/machine/round_half.h"
#include "harness/ptx/machine/simd.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <immintrin.h>
#include <limits>

namespace attest::ptx {
namespace {

constexpr int kColumns = 8;    // computed at a time
constexpr int kMostK = 32;     // of the floating formats
constexpr int kMostRows = 32;  // of wmma

/// Exponent of a zero: so low that a sum with any other one shows it.
constexpr std::int32_t kNoExponent = -100'000;

/// value = significand * 2^(exponent - fraction bits); the significand has the sign.
struct Element {
  std::int32_t significand = 0;
  std::int32_t exponent = kNoExponent;
  bool is_special = false;  // Inf or NaN
};

Element unpack(const MmaFields& fields, std::uint32_t bits) {
  bits >>= fields.shift;
  const int size_bits = fields.exponent_bits + fields.fraction_bits;
  const std::uint32_t size = bits & ((1U << size_bits) - 1U);
  const std::uint32_t field = size >> fields.fraction_bits;
  const std::uint32_t hidden = field != 0 ? 1U << fields.fraction_bits : 0U;
  const std::uint32_t top = (1U << fields.exponent_bits) - 1U;
  const auto significand =
      static_cast<std::int32_t>((size & ((1U << fields.fraction_bits) - 1U)) | hidden);
  Element e;
  e.significand = (bits >> size_bits & 1U) != 0 ? -significand : significand;
  e.exponent = size == 0 ? kNoExponent
                         : static_cast<std::int32_t>(std::max(field, 1U)) -
                               static_cast<std::int32_t>(top / 2);
  e.is_special = (fields.has_inf && field == top) || (fields.nan != 0 && size == fields.nan);
  return e;
}

/// A matrix, unpacked: of A row by row, of B one vector of columns per k.
struct Unpacked {
  alignas(32) std::int32_t significand[kMostRows * kMostK];
  alignas(32) std::int32_t exponent[kMostRows * kMostK];
  std::uint32_t special = 0;  // bit per row of A, per column of B
};

/// Significands of A are shifted so that a product of exponent 0 is in units of 2^-F.
void unpack_a(MmaFormat format, int shift, const MmaTile& tile, Unpacked& out) {
  const MmaFields& fields = mma_fields(format);
  for (int i = 0; i < tile.m * tile.k; ++i) {
    const Element e = unpack(fields, tile.a[i]);
    out.significand[i] = e.significand * (1 << shift);
    out.exponent[i] = e.exponent;
    out.special |= e.is_special ? 1U << (i / tile.k) : 0U;
  }
}

void unpack_b(MmaFormat format, const MmaTile& tile, int first, Unpacked& out) {
  const MmaFields& fields = mma_fields(format);
  out.special = 0;
  for (int n = 0; n < kColumns; ++n) {
    for (int k = 0; k < tile.k; ++k) {
      const Element e = unpack(fields, tile.b[(first + n) * tile.k + k]);
      out.significand[k * kColumns + n] = e.significand;
      out.exponent[k * kColumns + n] = e.exponent;
      out.special |= e.is_special ? 1U << n : 0U;
    }
  }
}

__m256i load(const std::int32_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

/// p / 2^shift, toward zero; 0 <= shift <= 31.
__m256i shift_toward_zero(__m256i p, __m256i shift) {
  const __m256i ones =
      _mm256_sub_epi32(_mm256_sllv_epi32(_mm256_set1_epi32(1), shift), _mm256_set1_epi32(1));
  const __m256i bias = _mm256_and_si256(_mm256_srai_epi32(p, 31), ones);
  return _mm256_srav_epi32(_mm256_add_epi32(p, bias), shift);
}

/// Accumulators of one row, as terms in units of 2^-F at exponent 0.
struct Accumulators {
  alignas(32) std::int32_t term[kColumns];
  alignas(32) std::int32_t exponent[kColumns];
  std::uint32_t irregular = 0;  // Inf, NaN, -0
};

Accumulators unpack_c(const MmaModel& model, const std::uint32_t* c) {
  const bool is_half = model.rounding == MmaRounding::rn_f16;
  const MmaFields& fields = mma_fields(is_half ? MmaFormat::f16 : MmaFormat::f32);
  const std::uint32_t minus_zero = is_half ? 0x8000U : 0x80000000U;
  const int shift = model.fraction_bits - fields.fraction_bits;
  Accumulators out;
  for (int n = 0; n < kColumns; ++n) {
    const Element e = unpack(fields, c[n]);
    out.term[n] = shift >= 0 ? e.significand * (1 << shift) : e.significand / (1 << -shift);
    out.exponent[n] = e.exponent;
    out.irregular |= (e.is_special || c[n] == minus_zero) ? 1U << n : 0U;
  }
  return out;
}

/// Eight sums of `count` products and c, and the exponent of their unit plus F.
struct Sums {
  alignas(32) std::int64_t value[kColumns];
  alignas(32) std::int32_t largest[kColumns];
};

/// Products are below 2^(F + 2) <= 2^27 units: eight of them, and c, fit in 32 bits.
Sums block_sums(const MmaModel& model,
                const Accumulators& c,
                const std::int32_t* a_significand,
                const std::int32_t* a_exponent,
                const std::int32_t* b_significand,
                const std::int32_t* b_exponent,
                int count) {
  __m256i largest = load(c.exponent);
  __m256i least = largest;
  for (int k = 0; k < count; ++k) {
    const __m256i e =
        _mm256_add_epi32(_mm256_set1_epi32(a_exponent[k]), load(b_exponent + k * kColumns));
    largest = _mm256_max_epi32(largest, e);
    least = _mm256_min_epi32(least, e);
  }
  const __m256i any_zero = _mm256_cmpgt_epi32(_mm256_set1_epi32(kNoExponent / 2), least);
  const __m256i with_zero = _mm256_max_epi32(largest, _mm256_set1_epi32(model.zero_exponent));
  largest = _mm256_blendv_epi8(largest, with_zero, any_zero);
  const __m256i most = _mm256_set1_epi32(31);
  const auto distance = [&](__m256i e) {
    return _mm256_min_epi32(_mm256_sub_epi32(largest, e), most);
  };
  __m256i part = shift_toward_zero(load(c.term), distance(load(c.exponent)));
  __m256i low = _mm256_setzero_si256();
  __m256i high = _mm256_setzero_si256();
  const auto widen = [&] {
    low = _mm256_add_epi64(low, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(part)));
    high = _mm256_add_epi64(high, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(part, 1)));
    part = _mm256_setzero_si256();
  };
  for (int k = 0; k < count; ++k) {
    const __m256i e =
        _mm256_add_epi32(_mm256_set1_epi32(a_exponent[k]), load(b_exponent + k * kColumns));
    const __m256i product =
        _mm256_mullo_epi32(_mm256_set1_epi32(a_significand[k]), load(b_significand + k * kColumns));
    part = _mm256_add_epi32(part, shift_toward_zero(product, distance(e)));
    if (k % 8 == 7) {
      widen();
    }
  }
  widen();
  Sums sums;
  _mm256_store_si256(reinterpret_cast<__m256i*>(sums.value), low);
  _mm256_store_si256(reinterpret_cast<__m256i*>(sums.value + 4), high);
  _mm256_store_si256(reinterpret_cast<__m256i*>(sums.largest), largest);
  return sums;
}

/// One row of d for eight columns, in place; bit n of the result is set where column n is not to be
/// trusted.
std::uint32_t row_exact(const MmaModel& model,
                        const Unpacked& a,
                        const Unpacked& b,
                        int row,
                        int length,
                        std::uint32_t* c) {
  std::uint32_t irregular = (a.special >> row & 1U) != 0 ? 0xffU : b.special;
  for (int k = 0; k < length; k += model.block) {
    const Accumulators in = unpack_c(model, c);
    irregular |= in.irregular;
    const Sums sums = block_sums(model,
                                 in,
                                 a.significand + row * length + k,
                                 a.exponent + row * length + k,
                                 b.significand + k * kColumns,
                                 b.exponent + k * kColumns,
                                 std::min(model.block, length - k));
    for (int n = 0; n < kColumns; ++n) {
      c[n] = mma_round(sums.value[n], sums.largest[n] - model.fraction_bits, model.rounding);
    }
  }
  return irregular;
}

/// Every output by the specification.
int one_by_one(MmaFactors factors, const MmaModel& model, const MmaTile& tile) {
  for (int i = 0; i < tile.m * tile.n; ++i) {
    tile.c[i] = mma_dot_exact(factors,
                              model,
                              tile.a + i / tile.n * tile.k,
                              tile.b + i % tile.n * tile.k,
                              tile.k,
                              tile.c[i]);
  }
  return tile.m * tile.n;
}

/// fp8 through f16: the low pairs of all registers from zero, the high pairs on top, then c.
int emulate(MmaFactors factors, const MmaModel& model, const MmaTile& tile) {
  ATTEST_CHECK(tile.k % 4 == 0);
  const int half_k = tile.k / 2;
  std::array<std::uint32_t, kMostElements> a;  // NOLINT: filled for each half
  std::array<std::uint32_t, kMostElements> b;  // NOLINT
  std::array<std::uint32_t, kMostElements> sum{};
  MmaModel datapath = model;
  datapath.is_emulated = false;
  int redone = 0;
  for (int half = 0; half < 2; ++half) {
    const auto convert = [&](MmaFormat format, const std::uint32_t* from, int rows, auto& to) {
      for (int row = 0; row < rows; ++row) {
        for (int k = 0; k < half_k; ++k) {
          const int of = 4 * (k / 2) + 2 * half + k % 2;
          to[static_cast<std::size_t>(row * half_k + k)] =
              mma_f16_of_fp8(format, from[row * tile.k + of]);
        }
      }
    };
    convert(factors.a, tile.a, tile.m, a);
    convert(factors.b, tile.b, tile.n, b);
    redone += mma_tile_exact({MmaFormat::f16, MmaFormat::f16},
                             datapath,
                             {tile.m, tile.n, half_k, a.data(), b.data(), sum.data()});
  }
  for (int i = 0; i < tile.m * tile.n; ++i) {
    const std::uint32_t x = tile.c[i];
    const std::uint32_t y = sum[static_cast<std::size_t>(i)];
    tile.c[i] = model.rounding == MmaRounding::rn_f16
                    ? add_half<F16>(static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y))
                    : bits_of(add_f32<Rounding::rn>(f32_of(x), f32_of(y)));
  }
  return redone;
}

/// Exact value of an element, as f32; the NaN comes out canonical.
float value(const MmaFields& fields, std::uint32_t bits) {
  const Element e = unpack(fields, bits);
  if (e.is_special) {
    const std::uint32_t low = (bits >> fields.shift) & ((1U << fields.fraction_bits) - 1U);
    if (!fields.has_inf || low != 0) {
      return f32_of(kNanF32);
    }
    const float inf = std::numeric_limits<float>::infinity();
    return e.significand < 0 ? -inf : inf;
  }
  const int sign_at = fields.shift + fields.exponent_bits + fields.fraction_bits;
  const float size = e.significand == 0 ? 0.0F
                                        : std::ldexp(static_cast<float>(std::abs(e.significand)),
                                                     e.exponent - fields.fraction_bits);
  return (bits >> sign_at & 1U) != 0 ? -size : size;
}

std::int32_t integer(MmaFormat format, std::uint32_t bits) {
  switch (format) {
    case MmaFormat::int8:
      return static_cast<std::int8_t>(bits);
    case MmaFormat::int4:
      return static_cast<std::int32_t>(bits << 28) >> 28;
    default:
      return static_cast<std::int32_t>(bits);
  }
}

/// fma(x, y, z) rounded as MXCSR says at this moment: the compiler may not move it away from there.
double fma_as_mxcsr(double x, double y, double z) {
  asm volatile("" : "+x"(z));  // NOLINT(hicpp-no-assembler)
  return _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(x), _mm_set_sd(y), _mm_set_sd(z)));
}

unsigned mxcsr_of(Rounding mode) {
  switch (mode) {
    case Rounding::rz:
      return _MM_ROUND_TOWARD_ZERO;
    case Rounding::rm:
      return _MM_ROUND_DOWN;
    case Rounding::rp:
      return _MM_ROUND_UP;
    default:
      return _MM_ROUND_NEAREST;
  }
}

}  // namespace

int mma_tile_exact(MmaFactors factors, const MmaModel& model, const MmaTile& tile) {
  ATTEST_CHECK(tile.n % kColumns == 0 && tile.k <= kMostK && tile.m <= kMostRows &&
               tile.m * tile.n <= kMostElements);
  if (model.is_emulated) {
    return emulate(factors, model, tile);
  }
  const int shift = model.fraction_bits - mma_fields(factors.a).fraction_bits -
                    mma_fields(factors.b).fraction_bits;
  ATTEST_CHECK(shift >= 0);
  if (active_simd() == Simd::scalar) {
    return one_by_one(factors, model, tile);
  }
  Unpacked a;  // NOLINT: filled by the next
  Unpacked b;  // NOLINT: filled for each eight columns
  unpack_a(factors.a, shift, tile, a);
  int redone = 0;
  for (int first = 0; first < tile.n; first += kColumns) {
    unpack_b(factors.b, tile, first, b);
    for (int row = 0; row < tile.m; ++row) {
      std::uint32_t* c = tile.c + row * tile.n + first;
      std::array<std::uint32_t, kColumns> before{};
      std::copy_n(c, kColumns, before.begin());
      for (std::uint32_t left = row_exact(model, a, b, row, tile.k, c); left != 0;
           left &= left - 1) {
        const int n = std::countr_zero(left);
        c[n] = mma_dot_exact(factors,
                             model,
                             tile.a + row * tile.k,
                             tile.b + (first + n) * tile.k,
                             tile.k,
                             before[static_cast<std::size_t>(n)]);
        ++redone;
      }
    }
  }
  return redone;
}

void mma_tile_fast(MmaFactors factors, bool to_f16, const MmaTile& tile) {
  ATTEST_CHECK(tile.m * tile.k <= kMostElements && tile.n * tile.k <= kMostElements);
  std::array<float, kMostElements> a;  // NOLINT: the used part is filled
  std::array<float, kMostElements> b;  // NOLINT
  const MmaFields& of_a = mma_fields(factors.a);
  const MmaFields& of_b = mma_fields(factors.b);
  std::transform(tile.a, tile.a + tile.m * tile.k, a.begin(), [&](std::uint32_t bits) {
    return value(of_a, bits);
  });
  std::transform(tile.b, tile.b + tile.n * tile.k, b.begin(), [&](std::uint32_t bits) {
    return value(of_b, bits);
  });
  for (int i = 0; i < tile.m * tile.n; ++i) {
    const float* x = a.data() + i / tile.n * tile.k;
    const float* y = b.data() + i % tile.n * tile.k;
    float sum = to_f16 ? F16::widen(static_cast<std::uint16_t>(tile.c[i])) : f32_of(tile.c[i]);
    for (int k = 0; k < tile.k; ++k) {
      sum = std::fma(x[k], y[k], sum);
    }
    tile.c[i] = to_f16 ? narrow<F16, Rounding::rn>(sum) : bits_of(canonical_nan(sum));
  }
}

void mma_tile_integer(MmaFactors factors, bool saturates, const MmaTile& tile) {
  ATTEST_CHECK(tile.m * tile.k <= kMostElements && tile.n * tile.k <= kMostElements);
  std::array<std::int32_t, kMostElements> a;  // NOLINT: the used part is filled
  std::array<std::int32_t, kMostElements> b;  // NOLINT
  std::transform(tile.a, tile.a + tile.m * tile.k, a.begin(), [&](std::uint32_t bits) {
    return integer(factors.a, bits);
  });
  std::transform(tile.b, tile.b + tile.n * tile.k, b.begin(), [&](std::uint32_t bits) {
    return integer(factors.b, bits);
  });
  for (int i = 0; i < tile.m * tile.n; ++i) {
    const std::int32_t* x = a.data() + i / tile.n * tile.k;
    const std::int32_t* y = b.data() + i % tile.n * tile.k;
    std::int32_t products = 0;  // at most 64 products below 2^16
    for (int k = 0; k < tile.k; ++k) {
      products += x[k] * y[k];
    }
    std::int64_t sum = std::int64_t{products} + static_cast<std::int32_t>(tile.c[i]);
    if (saturates) {
      sum = std::clamp<std::int64_t>(sum, INT32_MIN, INT32_MAX);
    }
    tile.c[i] = static_cast<std::uint32_t>(sum);
  }
}

void mma_tile_bits(bool is_xor, const MmaTile& tile) {
  for (int i = 0; i < tile.m * tile.n; ++i) {
    const std::uint32_t* x = tile.a + i / tile.n * tile.k;
    const std::uint32_t* y = tile.b + i % tile.n * tile.k;
    for (int k = 0; k < tile.k; ++k) {
      tile.c[i] += static_cast<std::uint32_t>(std::popcount(is_xor ? x[k] ^ y[k] : x[k] & y[k]));
    }
  }
}

void mma_tile_f64(Rounding mode, const MmaTileF64& tile) {
  const unsigned found = _mm_getcsr();
  _mm_setcsr((found & ~static_cast<unsigned>(_MM_ROUND_MASK)) | mxcsr_of(mode));
  for (int i = 0; i < tile.m * tile.n; ++i) {
    const double* x = tile.a + i / tile.n * tile.k;
    const double* y = tile.b + i % tile.n * tile.k;
    double sum = tile.c[i];
    for (int k = 0; k < tile.k; ++k) {
      sum = fma_as_mxcsr(x[k], y[k], sum);
    }
    asm volatile("" : "+x"(sum));  // NOLINT(hicpp-no-assembler)
    tile.c[i] = sum;
  }
  _mm_setcsr(found);
}

}  // namespace attest::ptx
