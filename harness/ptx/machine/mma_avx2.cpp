// The tensor-core model in int32 on AVX2: every product truncated to units of the largest exponent.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx2.h"

#include "harness/ptx/machine/fragment.h"

#include <cstddef>
#include <immintrin.h>

namespace attest::ptx {
namespace {

// A lane is one column n, in the order 0 2 4 6 1 3 5 7; a step is one row m. That is the order of
// C's registers (low half from the even one, high half from the odd one), and B takes it for free
// in the transposition that it needs anyway; A is broadcast.

template <MmaFormat format>
constexpr bool kBytes = format == MmaFormat::f16;

/// Exponent codes, so arranged that one saturating operation on the codes of a and b gives the
/// biased f32 exponent 127 + e_a + e_b, or something below every exponent if a factor is zero.
///   f16   bytes, 4 k in a dword:  a: e + 157, zero 0;       b: 30 - e, zero 255;      subtract,
///   floor 0 bf16  words, 2 k in a dword:  a: e + 127, zero -20000;  b: e, zero -20000;        add
template <MmaFormat format>
struct Operands {
  static constexpr std::size_t kDwords = kBytes<format> ? 4 : 8;
  alignas(32) float a[16][16];                   // [m][k]
  alignas(32) float b[16][8];                    // [k][lane]
  alignas(32) std::int32_t a_code[16][kDwords];  // [m][dword]
  alignas(32) std::int32_t b_code[kDwords][8];   // [dword][lane]
};

/// Magnitude bits from which a value is Inf or NaN.
template <MmaFormat format>
constexpr int kFirstSpecial = kBytes<format> ? 0x7c00 : 0x7f80;

inline __m256i load(const void* at) {
  return _mm256_load_si256(static_cast<const __m256i*>(at));
}
inline void store(void* at, __m256i value) {
  _mm256_store_si256(static_cast<__m256i*>(at), value);
}
inline __m256i words(int value) {
  return _mm256_set1_epi16(static_cast<short>(value));
}

/// Codes of 16 elements as words. `largest` collects the magnitudes, for the Inf and NaN test.
template <MmaFormat format, bool is_a>
inline __m256i codes(__m256i bits, __m256i& largest) {
  const __m256i size = _mm256_and_si256(bits, words(0x7fff));
  largest = _mm256_max_epi16(largest, size);
  const __m256i is_zero = _mm256_cmpeq_epi16(size, _mm256_setzero_si256());
  const __m256i field =
      _mm256_max_epi16(_mm256_srli_epi16(size, kBytes<format> ? 10 : 7), words(1));
  if constexpr (kBytes<format>) {
    return is_a ? _mm256_andnot_si256(is_zero, _mm256_add_epi16(field, words(157 - 15)))
                : _mm256_blendv_epi8(_mm256_sub_epi16(words(30 + 15), field), words(255), is_zero);
  } else {
    const __m256i code = is_a ? field : _mm256_sub_epi16(field, words(127));
    return _mm256_blendv_epi8(code, words(-20000), is_zero);
  }
}

/// Transposes the 4 x 4 dwords in each 128-bit half.
inline void transpose(__m256i x[4]) {
  const __m256i lo01 = _mm256_unpacklo_epi32(x[0], x[1]);
  const __m256i hi01 = _mm256_unpackhi_epi32(x[0], x[1]);
  const __m256i lo23 = _mm256_unpacklo_epi32(x[2], x[3]);
  const __m256i hi23 = _mm256_unpackhi_epi32(x[2], x[3]);
  x[0] = _mm256_unpacklo_epi64(lo01, lo23);
  x[1] = _mm256_unpackhi_epi64(lo01, lo23);
  x[2] = _mm256_unpacklo_epi64(hi01, hi23);
  x[3] = _mm256_unpackhi_epi64(hi01, hi23);
}

template <MmaFormat format>
inline void widen(const __m128i bits, float* out) {
  if constexpr (kBytes<format>) {
    _mm256_store_ps(out, _mm256_cvtph_ps(bits));
  } else {
    store(out, _mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
}

template <MmaFormat format>
inline void prepare_a(const std::uint32_t* const a[4], Operands<format>& to, __m256i& largest) {
  for (std::size_t half = 0; half < 2; ++half) {  // rows 0-7, rows 8-15
    for (std::size_t v = 0; v < 4; ++v) {         // two rows in a vector
      const std::size_t m = 8 * half + 2 * v;
      const __m256i left = load(a[half] + 8 * v);       // k 0-7
      const __m256i right = load(a[half + 2] + 8 * v);  // k 8-15
      widen<format>(_mm256_castsi256_si128(left), to.a[m]);
      widen<format>(_mm256_castsi256_si128(right), to.a[m] + 8);
      widen<format>(_mm256_extracti128_si256(left, 1), to.a[m + 1]);
      widen<format>(_mm256_extracti128_si256(right, 1), to.a[m + 1] + 8);
      const __m256i left_code = codes<format, true>(left, largest);
      const __m256i right_code = codes<format, true>(right, largest);
      if constexpr (kBytes<format>) {
        store(to.a_code[m], _mm256_packus_epi16(left_code, right_code));
      } else {
        store(to.a_code[m], _mm256_permute2x128_si256(left_code, right_code, 0x20));
        store(to.a_code[m + 1], _mm256_permute2x128_si256(left_code, right_code, 0x31));
      }
    }
  }
}

/// Four transposed registers (lane n; dword k, k+1) to eight rows of B in f32.
template <MmaFormat format>
inline void widen_b(const __m256i pair[4], float (*out)[8]) {
  const __m256i low_half = _mm256_set1_epi32(0xffff);
  for (int t = 0; t < 4; t += 2) {
    if constexpr (kBytes<format>) {
      const __m256i even =
          _mm256_permute4x64_epi64(_mm256_packus_epi32(_mm256_and_si256(pair[t], low_half),
                                                       _mm256_and_si256(pair[t + 1], low_half)),
                                   0xd8);
      const __m256i odd = _mm256_permute4x64_epi64(
          _mm256_packus_epi32(_mm256_srli_epi32(pair[t], 16), _mm256_srli_epi32(pair[t + 1], 16)),
          0xd8);
      widen<format>(_mm256_castsi256_si128(even), out[2 * t]);
      widen<format>(_mm256_castsi256_si128(odd), out[2 * t + 1]);
      widen<format>(_mm256_extracti128_si256(even, 1), out[2 * t + 2]);
      widen<format>(_mm256_extracti128_si256(odd, 1), out[2 * t + 3]);
    } else {
      for (int i = t; i < t + 2; ++i) {
        store(out[2 * i], _mm256_slli_epi32(pair[i], 16));
        store(out[2 * i + 1], _mm256_andnot_si256(low_half, pair[i]));
      }
    }
  }
}

template <MmaFormat format>
inline void prepare_b(const std::uint32_t* const b[2], Operands<format>& to, __m256i& largest) {
  __m256i code[2][4];
  for (std::size_t r = 0; r < 2; ++r) {
    __m256i pair[4];
    for (std::size_t v = 0; v < 4; ++v) {
      pair[v] = load(b[r] + 8 * v);
      code[r][v] = codes<format, false>(pair[v], largest);
    }
    transpose(pair);
    widen_b<format>(pair, to.b + 8 * r);
  }
  if constexpr (kBytes<format>) {
    for (std::size_t v = 0; v < 4; ++v) {
      code[0][v] = _mm256_packus_epi16(code[0][v], code[1][v]);
    }
  }
  for (std::size_t r = 0; r < to.kDwords / 4; ++r) {
    transpose(code[r]);
    for (std::size_t t = 0; t < 4; ++t) {
      store(to.b_code[4 * r + t], code[r][t]);
    }
  }
}

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
  constexpr std::size_t kCount = static_cast<std::size_t>(block) * in.kDwords / 16;
  const std::size_t dword = static_cast<std::size_t>(first) * in.kDwords / 16;
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

/// Its own function, so that no instruction moves past the changes of MXCSR around the call.
template <MmaFormat format, int block, int fraction_bits>
[[gnu::noinline]] void all_rows(const Operands<format>& in,
                                const std::uint32_t* const c[4],
                                MmaRows& rows) {
  for (std::size_t m = 0; m < 16; ++m) {
    const std::size_t first = 4 * (m % 8);
    const auto* even = reinterpret_cast<const __m128i*>(c[2 * (m / 8)] + first);
    const auto* odd = reinterpret_cast<const __m128i*>(c[2 * (m / 8) + 1] + first);
    __m256 sum = _mm256_castsi256_ps(_mm256_set_m128i(_mm_load_si128(odd), _mm_load_si128(even)));
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
  Operands<format> in;
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

}  // namespace attest::ptx
