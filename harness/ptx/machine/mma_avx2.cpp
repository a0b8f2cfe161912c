// mma.m16n8k16 on AVX2. The model in int32: every product truncated to units of the largest exponent.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx2.h"

#include "harness/ptx/machine/fragment.h"
#include "harness/ptx/machine/mma_operands.h"

#include <cstddef>
#include <cstring>
#include <immintrin.h>

namespace attest::ptx {
namespace {

using namespace mma;

/// Largest biased exponent of a block's products in bits 30..23 (junk below), clamped to [0, 255],
/// and the lanes whose products are all zero.
template <MmaFormat format, std::size_t count>
inline __m256i product_exponent(const std::int32_t* a, const std::int32_t (*b)[8], __m256i& none) {
  __m256i largest = _mm256_setzero_si256();
  for (std::size_t i = 0; i < count; ++i) {
    const __m256i x = _mm256_set1_epi32(a[i]);
    const __m256i y = load(b[i]);
    const __m256i sum = kBytes<format> ? _mm256_subs_epu8(x, y) : _mm256_adds_epi16(x, y);
    largest = i == 0           ? sum
              : kBytes<format> ? _mm256_max_epu8(largest, sum)
                               : _mm256_max_epi16(largest, sum);
  }
  if constexpr (kBytes<format>) {
    largest = _mm256_max_epu8(largest, _mm256_slli_epi32(largest, 16));
    largest = _mm256_max_epu8(largest, _mm256_slli_epi32(largest, 8));
    largest = _mm256_srli_epi32(largest, 1);
    none = _mm256_cmpgt_epi32(_mm256_set1_epi32(1 << 23), largest);
    return largest;
  } else {
    largest = _mm256_max_epi16(largest, _mm256_slli_epi32(largest, 16));
    none = _mm256_cmpgt_epi32(_mm256_set1_epi32(-10000 * 65536), largest);
    return _mm256_slli_epi32(
        _mm256_max_epi16(_mm256_min_epi16(largest, words(255)), _mm256_setzero_si256()), 7);
  }
}

/// Biased exponents between which every step below is exact in f32 and every sum fits in int32:
/// above kLow a product that underflows f32 is less than one unit; up to kHigh none overflows.
constexpr int kLow = 31;
constexpr int kHigh = 247;

/// One block for one row: c and the block's products, and the lanes that are not to be trusted.
template <MmaFormat format, int block, int fraction_bits>
inline __m256 block_row(const Operands<format>& in, std::size_t m, int first, __m256 c, int& bad) {
  constexpr std::size_t kCount = static_cast<std::size_t>(block) * Operands<format>::kDwords / 16;
  const std::size_t dword = static_cast<std::size_t>(first) * Operands<format>::kDwords / 16;
  const __m256i bits = _mm256_castps_si256(c);
  const __m256i low = _mm256_set1_epi32(kLow << 23);
  __m256i none;
  __m256i exponent =
      product_exponent<format, kCount>(in.a_code[m] + dword, in.b_code + dword, none);
  exponent = _mm256_max_epi32(exponent, _mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff)));
  exponent = _mm256_and_si256(_mm256_max_epi32(exponent, low), _mm256_set1_epi32(0x7f800000));
  const __m256 scale = _mm256_castsi256_ps(_mm256_sub_epi32(
      _mm256_set1_epi32(static_cast<int>((254U + fraction_bits) << 23)), exponent));
  const __m256 unit =
      _mm256_castsi256_ps(_mm256_sub_epi32(exponent, _mm256_set1_epi32(fraction_bits << 23)));

  __m256i sum = _mm256_setzero_si256();
  for (int k = first; k < first + block; ++k) {
    const __m256 product = _mm256_mul_ps(_mm256_broadcast_ss(&in.a[m][k]), _mm256_load_ps(in.b[k]));
    sum = _mm256_add_epi32(sum, _mm256_cvttps_epi32(_mm256_mul_ps(product, scale)));
  }
  const __m256i addend = _mm256_cvttps_epi32(_mm256_mul_ps(c, scale));
  const __m256i total = _mm256_add_epi32(sum, addend);
  __m256 result = _mm256_mul_ps(_mm256_cvtepi32_ps(total), unit);  // MXCSR: toward zero

  const __m256i at_low = _mm256_cmpeq_epi32(exponent, low);
  __m256i odd =
      _mm256_or_si256(at_low, _mm256_cmpgt_epi32(exponent, _mm256_set1_epi32(kHigh << 23)));
  if constexpr (block * (1LL << (fraction_bits + 2)) + (1LL << (fraction_bits + 1)) >= 1LL << 31) {
    odd = _mm256_or_si256(
        odd, _mm256_and_si256(_mm256_xor_si256(total, sum), _mm256_xor_si256(total, addend)));
  }
  const int found = _mm256_movemask_ps(_mm256_castsi256_ps(odd));
  if (found != 0) [[unlikely]] {
    // No product and a small c: the sum is c itself, but for -0, whose sign the products decide.
    const __m256i is_minus_zero = _mm256_cmpeq_epi32(bits, _mm256_set1_epi32(INT32_MIN));
    const __m256 kept =
        _mm256_castsi256_ps(_mm256_andnot_si256(is_minus_zero, _mm256_and_si256(at_low, none)));
    result = _mm256_blendv_ps(result, c, kept);
    bad |= found & ~_mm256_movemask_ps(kept);
  }
  return result;
}

inline __m256 row_of_c(const std::uint32_t* const c[4], std::size_t m) {
  const std::size_t first = 4 * (m % 8);
  const auto* even = reinterpret_cast<const __m128i*>(c[2 * (m / 8)] + first);
  const auto* odd = reinterpret_cast<const __m128i*>(c[2 * (m / 8) + 1] + first);
  return _mm256_castsi256_ps(_mm256_set_m128i(_mm_load_si128(odd), _mm_load_si128(even)));
}

/// Its own function, so that no instruction moves past the changes of MXCSR around the call.
template <MmaFormat format, int block, int fraction_bits>
[[gnu::noinline]] void all_rows(const Operands<format>& in,
                                const std::uint32_t* const c[4],
                                MmaRows& rows) {
  for (std::size_t m = 0; m < 16; ++m) {
    __m256 sum = row_of_c(c, m);
    int bad = 0;
    for (int k = 0; k < 16; k += block) {
      sum = block_row<format, block, fraction_bits>(in, m, k, sum, bad);
    }
    store(rows.value[m].data(), _mm256_castps_si256(sum));
    rows.irregular[m] = static_cast<std::uint8_t>(bad);
  }
}

/// Rounding toward zero, no exceptions, subnormal results to zero; restores what it found.
/// Subnormal operands count in bf16 (f16 has none in f32; a subnormal c is below one unit where it
/// matters).
class RoundTowardZero {
 public:
  RoundTowardZero() : found_(_mm_getcsr()) {
    _mm_setcsr(0x1f80U | _MM_ROUND_TOWARD_ZERO | _MM_FLUSH_ZERO_ON);
  }
  ~RoundTowardZero() { _mm_setcsr(found_); }
  RoundTowardZero(const RoundTowardZero&) = delete;
  RoundTowardZero& operator=(const RoundTowardZero&) = delete;

 private:
  unsigned found_;
};

/// Marks every output that an Inf or NaN of A or B reaches.
template <MmaFormat format>
[[gnu::noinline, gnu::cold]] void mark_special(const std::uint32_t* const a[4],
                                               const std::uint32_t* const b[2],
                                               MmaRows& rows) {
  const auto is_special = [](std::uint32_t half) {
    return static_cast<int>(half & 0x7fffU) >= kFirstSpecial<format>;
  };
  for (int lane = 0; lane < 32; ++lane) {
    for (int element = 0; element < 2; ++element) {
      for (int reg = 0; reg < 4; ++reg) {
        if (is_special(a[reg][lane] >> (16 * element))) {
          const auto row = static_cast<std::size_t>(fragment_a({reg, lane, element}, 16).row);
          rows.irregular[row] = 0xff;
        }
      }
      for (int reg = 0; reg < 2; ++reg) {
        if (is_special(b[reg][lane] >> (16 * element))) {
          const int n = fragment_b({reg, lane, element}, 16).column;
          const int bit = n % 2 == 0 ? n / 2 : 4 + n / 2;
          for (auto& irregular : rows.irregular) {
            irregular = static_cast<std::uint8_t>(irregular | (1U << bit));
          }
        }
      }
    }
  }
}

template <MmaFormat format, int block, int fraction_bits>
void run(const std::uint32_t* const a[4],
         const std::uint32_t* const b[2],
         const std::uint32_t* const c[4],
         MmaRows& rows) {
  Operands<format> in;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next two
  __m256i largest = _mm256_setzero_si256();
  prepare_a(a, in, largest);
  prepare_b(b, in, largest);
  {
    const RoundTowardZero mode;
    all_rows<format, block, fraction_bits>(in, c, rows);
  }
  const __m256i special = _mm256_cmpgt_epi16(largest, words(kFirstSpecial<format> - 1));
  if (_mm256_movemask_epi8(special) != 0) [[unlikely]] {
    mark_special<format>(a, b, rows);
  }
}

template <int block, int fraction_bits>
void run(MmaFormat format,
         const std::uint32_t* const a[4],
         const std::uint32_t* const b[2],
         const std::uint32_t* const c[4],
         MmaRows& rows) {
  if (format == MmaFormat::f16) {
    run<MmaFormat::f16, block, fraction_bits>(a, b, c, rows);
  } else {
    run<MmaFormat::bf16, block, fraction_bits>(a, b, c, rows);
  }
}

/// Four rows at once, as the latency of fma asks for.
template <MmaFormat format>
void fast(const std::uint32_t* const a[4],
          const std::uint32_t* const b[2],
          const std::uint32_t* const c[4],
          MmaRows& rows) {
  Operands<format> in;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the next two
  __m256i largest = _mm256_setzero_si256();
  prepare_a<format, false>(a, in, largest);
  prepare_b<format, false>(b, in, largest);
  const __m256 nan = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
  for (std::size_t m = 0; m < 16; m += 4) {
    __m256 sum[4];
    for (std::size_t i = 0; i < 4; ++i) {
      sum[i] = row_of_c(c, m + i);
    }
    for (std::size_t k = 0; k < 16; ++k) {
      const __m256 column = _mm256_load_ps(in.b[k]);
      for (std::size_t i = 0; i < 4; ++i) {
        sum[i] = _mm256_fmadd_ps(_mm256_broadcast_ss(&in.a[m + i][k]), column, sum[i]);
      }
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const __m256 is_nan = _mm256_cmp_ps(sum[i], sum[i], _CMP_UNORD_Q);
      store(rows.value[m + i].data(), _mm256_castps_si256(_mm256_blendv_ps(sum[i], nan, is_nan)));
    }
  }
}

}  // namespace

bool mma_rows_avx2(MmaFormat format,
                   const MmaModel& model,
                   const std::uint32_t* const a[4],
                   const std::uint32_t* const b[2],
                   const std::uint32_t* const c[4],
                   MmaRows& rows) {
  if (model.zero_exponent >= kLow - 127) {
    return false;  // the fast form has no exponent of its own for a zero
  }
  if (model.block == 4 && model.fraction_bits == 23) {
    run<4, 23>(format, a, b, c, rows);
  } else if (model.block == 8 && model.fraction_bits == 24) {
    run<8, 24>(format, a, b, c, rows);
  } else if (model.block == 16 && model.fraction_bits == 25) {
    run<16, 25>(format, a, b, c, rows);
  } else {
    return false;
  }
  return true;
}

void store_rows(const MmaRows& rows, std::uint32_t* const d[4]) {
  for (std::size_t row = 0; row < 16; ++row) {
    const auto& value = rows.value[row];
    const std::size_t first = 4 * (row % 8);
    std::memcpy(d[2 * (row / 8)] + first, value.data(), 16);
    std::memcpy(d[2 * (row / 8) + 1] + first, value.data() + 4, 16);
  }
}

void mma_fast_avx2(MmaFormat format,
                   std::uint32_t* const d[4],
                   const std::uint32_t* const a[4],
                   const std::uint32_t* const b[2],
                   const std::uint32_t* const c[4]) {
  MmaRows rows;
  if (format == MmaFormat::f16) {
    fast<MmaFormat::f16>(a, b, c, rows);
  } else {
    fast<MmaFormat::bf16>(a, b, c, rows);
  }
  store_rows(rows, d);
}

}  // namespace attest::ptx
