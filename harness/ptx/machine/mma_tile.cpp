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

/// Significands and exponents of many elements.
struct Unpacked {
  alignas(32) std::array<std::int32_t, kMostElements> significand;
  alignas(32) std::array<std::int32_t, kMostElements> exponent;
};

__m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
void store(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}
__m256i all(std::int32_t value) {
  return _mm256_set1_epi32(value);
}

/// unpack() of eight elements at a time.
class Unpacker {
 public:
  explicit Unpacker(const MmaFields& fields) : fields_(fields) {}

  /// The bits of `special` are all ones in the lanes of Inf and NaN.
  void operator()(__m256i bits, __m256i& significand, __m256i& exponent, __m256i& special) const {
    const int size_bits = fields_.exponent_bits + fields_.fraction_bits;
    const std::int32_t top = (1 << fields_.exponent_bits) - 1;
    const __m256i zero = _mm256_setzero_si256();
    bits = _mm256_srl_epi32(bits, _mm_cvtsi32_si128(fields_.shift));
    const __m256i size = _mm256_and_si256(bits, all(static_cast<std::int32_t>(mask(size_bits))));
    const __m256i field = _mm256_srl_epi32(size, _mm_cvtsi32_si128(fields_.fraction_bits));
    const __m256i low =
        _mm256_and_si256(size, all(static_cast<std::int32_t>(mask(fields_.fraction_bits))));
    const __m256i is_small = _mm256_cmpeq_epi32(field, zero);
    const __m256i hidden = _mm256_andnot_si256(is_small, all(1 << fields_.fraction_bits));
    const __m256i is_plus = _mm256_cmpeq_epi32(_mm256_and_si256(bits, all(sign(size_bits))), zero);
    const __m256i sign = _mm256_xor_si256(is_plus, all(-1));
    const __m256i positive = _mm256_or_si256(low, hidden);
    significand = _mm256_sub_epi32(_mm256_xor_si256(positive, sign), sign);
    const __m256i is_zero = _mm256_cmpeq_epi32(size, zero);
    exponent = _mm256_sub_epi32(_mm256_max_epi32(field, all(1)), all(top / 2));
    exponent = _mm256_blendv_epi8(exponent, all(kNoExponent), is_zero);
    special = fields_.has_inf ? _mm256_cmpeq_epi32(field, all(top))
              : fields_.nan != 0
                  ? _mm256_cmpeq_epi32(size, all(static_cast<std::int32_t>(fields_.nan)))
                  : zero;
  }

 private:
  static std::uint32_t mask(int bits) { return (1U << bits) - 1U; }
  static std::int32_t sign(int size_bits) {
    return static_cast<std::int32_t>(1U << static_cast<unsigned>(size_bits));
  }
  const MmaFields& fields_;
};

/// `count`: a multiple of 8. Returns whether any is Inf or NaN.
bool unpack_all(const MmaFields& fields, const std::uint32_t* bits, int count, Unpacked& out) {
  const Unpacker unpacker(fields);
  __m256i any = _mm256_setzero_si256();
  for (int i = 0; i < count; i += kColumns) {
    __m256i significand;
    __m256i exponent;
    __m256i special;
    unpacker(load(bits + i), significand, exponent, special);
    store(out.significand.data() + i, significand);
    store(out.exponent.data() + i, exponent);
    any = _mm256_or_si256(any, special);
  }
  return _mm256_testz_si256(any, any) == 0;
}

/// Rows of A, or columns of B, with an Inf or NaN: bit per row.
std::uint32_t special_rows(const MmaFields& fields, const std::uint32_t* bits, int rows, int k) {
  std::uint32_t special = 0;
  for (int i = 0; i < rows * k; ++i) {
    special |= unpack(fields, bits[i]).is_special ? 1U << (i / k) : 0U;
  }
  return special;
}

/// p / 2^shift, toward zero; 0 <= shift <= 31.
__m256i shift_toward_zero(__m256i p, __m256i shift) {
  const __m256i ones = _mm256_sub_epi32(_mm256_sllv_epi32(all(1), shift), all(1));
  const __m256i bias = _mm256_and_si256(_mm256_srai_epi32(p, 31), ones);
  return _mm256_srav_epi32(_mm256_add_epi32(p, bias), shift);
}

/// Eight accumulators, as terms in units of 2^-F at exponent 0.
struct Accumulators {
  __m256i term;
  __m256i exponent;
  std::uint32_t irregular = 0;  // Inf, NaN, -0
};

Accumulators unpack_c(const MmaModel& model, const std::uint32_t* c) {
  const bool is_half = model.rounding == MmaRounding::rn_f16;
  const MmaFields& fields = mma_fields(is_half ? MmaFormat::f16 : MmaFormat::f32);
  const int shift = model.fraction_bits - fields.fraction_bits;
  Accumulators out;
  __m256i special;
  const __m256i bits = load(c);
  Unpacker{fields}(bits, out.term, out.exponent, special);
  out.term = shift >= 0 ? _mm256_sll_epi32(out.term, _mm_cvtsi32_si128(shift))
                        : shift_toward_zero(out.term, all(-shift));
  const __m256i minus_zero = all(is_half ? 0x8000 : std::numeric_limits<std::int32_t>::min());
  special = _mm256_or_si256(special, _mm256_cmpeq_epi32(bits, minus_zero));
  out.irregular = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(special)));
  return out;
}

/// Eight sums of `count` products and c, and the largest exponent: the sums are in units of 2^-F
/// below it. Four sums of 64 bits in each half.
struct Sums {
  __m256i low;
  __m256i high;
  __m256i largest;
};

/// Products are below 2^(F + 2) <= 2^27 units: eight of them, and c, fit in 32 bits. `b_*` have
/// eight columns for each k.
Sums block_sums(const MmaModel& model,
                const Accumulators& c,
                const std::int32_t* a_significand,
                const std::int32_t* a_exponent,
                const std::int32_t* b_significand,
                const std::int32_t* b_exponent,
                int count) {
  __m256i largest = c.exponent;
  __m256i least = largest;
  for (int k = 0; k < count; ++k) {
    const __m256i e = _mm256_add_epi32(all(a_exponent[k]), load(b_exponent + k * kColumns));
    largest = _mm256_max_epi32(largest, e);
    least = _mm256_min_epi32(least, e);
  }
  const __m256i any_zero = _mm256_cmpgt_epi32(all(kNoExponent / 2), least);
  const __m256i with_zero = _mm256_max_epi32(largest, all(model.zero_exponent));
  Sums sums;
  sums.largest = _mm256_blendv_epi8(largest, with_zero, any_zero);
  sums.low = sums.high = _mm256_setzero_si256();
  const auto distance = [&](__m256i e) {
    return _mm256_min_epi32(_mm256_sub_epi32(sums.largest, e), all(31));
  };
  __m256i part = shift_toward_zero(c.term, distance(c.exponent));
  const auto widen = [&] {
    sums.low = _mm256_add_epi64(sums.low, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(part)));
    sums.high =
        _mm256_add_epi64(sums.high, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(part, 1)));
    part = _mm256_setzero_si256();
  };
  for (int k = 0; k < count; ++k) {
    const __m256i e = _mm256_add_epi32(all(a_exponent[k]), load(b_exponent + k * kColumns));
    const __m256i product =
        _mm256_mullo_epi32(all(a_significand[k]), load(b_significand + k * kColumns));
    part = _mm256_add_epi32(part, shift_toward_zero(product, distance(e)));
    if (k % 8 == 7) {
      widen();
    }
  }
  widen();
  return sums;
}

/// Four sums times 2^unit as doubles, exactly.
__m256d exact_value(__m256i sum, __m128i unit) {
  // 1.5 * 2^52 in floating bits, whose low bits are an integer of its own.
  const __m256i magic = _mm256_set1_epi64x(0x4338000000000000);
  const __m256d value =
      _mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(sum, magic)), _mm256_castsi256_pd(magic));
  const __m256i exponent = _mm256_slli_epi64(
      _mm256_add_epi64(_mm256_cvtepi32_epi64(unit), _mm256_set1_epi64x(1023)), 52);
  return _mm256_mul_pd(value, _mm256_castsi256_pd(exponent));
}

/// Four values, rounded once; MXCSR rounds toward zero.
__m128i rounded(__m256d value, MmaRounding rounding) {
  const __m128 toward_zero = _mm256_cvtpd_ps(value);
  __m128i bits = _mm_castps_si128(toward_zero);
  if (rounding == MmaRounding::rn_f16) {
    // To odd first: the last bit says that there was more.
    const __m256d rest = _mm256_cmp_pd(_mm256_cvtps_pd(toward_zero), value, _CMP_NEQ_OQ);
    const __m256i wide = _mm256_permutevar8x32_epi32(_mm256_castpd_si256(rest),
                                                     _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0));
    bits = _mm_or_si128(bits, _mm_srli_epi32(_mm256_castsi256_si128(wide), 31));
    return _mm_cvtepu16_epi32(_mm_cvtps_ph(_mm_castsi128_ps(bits), _MM_FROUND_TO_NEAREST_INT));
  }
  // Toward zero a value too large is the largest finite one: it is Inf here.
  const __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), value);
  const __m256d too_large = _mm256_cmp_pd(size, _mm256_set1_pd(0x1p128), _CMP_GE_OQ);
  const __m256i wide = _mm256_permutevar8x32_epi32(_mm256_castpd_si256(too_large),
                                                   _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0));
  const __m128i is_inf = _mm256_castsi256_si128(wide);
  const __m128i sign =
      _mm_and_si128(bits, _mm_set1_epi32(std::numeric_limits<std::int32_t>::min()));
  const __m128i inf = _mm_or_si128(sign, _mm_set1_epi32(0x7f800000));
  if (rounding == MmaRounding::rz_e8m13) {
    bits = _mm_and_si128(bits, _mm_set1_epi32(~0x3ff));
  }
  return _mm_blendv_epi8(bits, inf, is_inf);
}

/// One row of d for eight columns, in place; bit n of the result is set where column n is not to be
/// trusted.
std::uint32_t row_exact(const MmaModel& model,
                        const Unpacked& a,
                        const Unpacked& b,
                        int row,
                        int length,
                        std::uint32_t* c) {
  std::uint32_t irregular = 0;
  for (int k = 0; k < length; k += model.block) {
    const Accumulators in = unpack_c(model, c);
    irregular |= in.irregular;
    const Sums sums = block_sums(model,
                                 in,
                                 a.significand.data() + row * length + k,
                                 a.exponent.data() + row * length + k,
                                 b.significand.data() + k * kColumns,
                                 b.exponent.data() + k * kColumns,
                                 std::min(model.block, length - k));
    const __m256i unit = _mm256_sub_epi32(sums.largest, all(model.fraction_bits));
    const __m128i low =
        rounded(exact_value(sums.low, _mm256_castsi256_si128(unit)), model.rounding);
    const __m128i high =
        rounded(exact_value(sums.high, _mm256_extracti128_si256(unit, 1)), model.rounding);
    store(c, _mm256_set_m128i(high, low));
  }
  return irregular;
}

/// All rows of eight columns. A function of its own, so that nothing of it moves past the changes of
/// MXCSR around the call.
[[gnu::noinline]] void all_rows(const MmaModel& model,
                                const Unpacked& a,
                                const Unpacked& b,
                                const MmaTile& tile,
                                std::uint32_t* c,
                                std::uint8_t* irregular) {
  for (int row = 0; row < tile.m; ++row) {
    irregular[row] =
        static_cast<std::uint8_t>(row_exact(model, a, b, row, tile.k, c + row * tile.n));
  }
}

/// Rounds toward zero while it lives.
class RoundTowardZero {
 public:
  RoundTowardZero() : found_(_mm_getcsr()) { _mm_setcsr(0x1f80U | _MM_ROUND_TOWARD_ZERO); }
  ~RoundTowardZero() { _mm_setcsr(found_); }
  RoundTowardZero(const RoundTowardZero&) = delete;
  RoundTowardZero& operator=(const RoundTowardZero&) = delete;

 private:
  unsigned found_;
};

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
  const MmaFields& of_a = mma_fields(factors.a);
  const MmaFields& of_b = mma_fields(factors.b);
  Unpacked a;  // NOLINT: filled by the next
  Unpacked b;  // NOLINT: filled for each eight columns
  std::uint32_t special_a = 0;
  if (unpack_all(of_a, tile.a, tile.m * tile.k, a)) {
    special_a = special_rows(of_a, tile.a, tile.m, tile.k);
  }
  for (int i = 0; i < tile.m * tile.k; i += kColumns) {
    std::int32_t* at = a.significand.data() + i;
    store(at, _mm256_sll_epi32(load(at), _mm_cvtsi32_si128(shift)));
  }
  int redone = 0;
  for (int first = 0; first < tile.n; first += kColumns) {
    const std::uint32_t* columns = tile.b + first * tile.k;
    std::array<std::uint32_t, kColumns * kMostK> turned;  // NOLINT: [k][column], filled here
    for (int n = 0; n < kColumns; ++n) {
      for (int k = 0; k < tile.k; ++k) {
        turned[static_cast<std::size_t>(k * kColumns + n)] = columns[n * tile.k + k];
      }
    }
    std::uint32_t special_b = 0;
    if (unpack_all(of_b, turned.data(), kColumns * tile.k, b)) {
      special_b = special_rows(of_b, columns, kColumns, tile.k);
    }
    std::array<std::uint32_t, kMostRows * kColumns> before;  // NOLINT: filled here
    for (int row = 0; row < tile.m; ++row) {
      store(before.data() + row * kColumns, load(tile.c + row * tile.n + first));
    }
    std::array<std::uint8_t, kMostRows> irregular{};
    {
      const RoundTowardZero mode;
      all_rows(model, a, b, tile, tile.c + first, irregular.data());
    }
    for (int row = 0; row < tile.m; ++row) {
      const std::uint32_t of_row = (special_a >> row & 1U) != 0 ? 0xffU : special_b;
      for (std::uint32_t left = of_row | irregular[static_cast<std::size_t>(row)]; left != 0;
           left &= left - 1) {
        const int n = std::countr_zero(left);
        tile.c[row * tile.n + first + n] =
            mma_dot_exact(factors,
                          model,
                          tile.a + row * tile.k,
                          columns + n * tile.k,
                          tile.k,
                          before[static_cast<std::size_t>(row * kColumns + n)]);
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
