// cvt to and from 8-bit and 6-bit floats, and cvt.pack: PTX ISA 9.1, 9.7.9.21, 9.7.9.22.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"

#include <limits>

namespace attest::ptx {
namespace {

/// A sign, exponent and mantissa bits. kLargest: magnitude of the largest finite value; kNan: what
/// a NaN becomes. Source  PTX ISA 9.1, 5.2.3; OCP 8-bit and microscaling formats.
template <int kExponentBits, int kMantissaBits, u32 kLargestCode, u32 kNanCode>
struct SmallFloat {
  static constexpr u32 kLargest = kLargestCode;
  static constexpr u32 kNan = kNanCode;
  static constexpr int kMantissa = kMantissaBits;
  static constexpr u32 kSign = 1U << (kExponentBits + kMantissaBits);
  static constexpr u32 kMinExponent = 127 + 1 - ((1U << (kExponentBits - 1)) - 1);  // f32's bias

  /// To nearest even, beyond the largest value to that.
  static u32 of(float value) {
    const u32 bits = bits_of(value);
    const u32 size = bits & 0x7fffffffU;
    // The sum has the lowest bit of the result as its own.
    const u32 at_least = size >> 23 > kMinExponent ? size >> 23 : kMinExponent;
    const u32 exponent = at_least < 160U ? at_least : 160U;
    const u32 large = (exponent + (23 - kMantissa)) << 23;
    const u32 significand = bits_of(f32_of(size) + f32_of(large)) - large;
    const u32 rounded = ((exponent - kMinExponent) << kMantissa) + significand;
    const u32 magnitude = rounded < kLargest ? rounded : kLargest;
    return size > 0x7f800000U ? kNan : magnitude | (bits >> 31 != 0 ? kSign : 0);
  }

  /// Exact in f16.
  static u16 to_f16(u32 code) {
    const u32 size = code & (kSign - 1);
    const u32 sign = (code & kSign) != 0 ? 0x80000000U : 0;
    const float subnormal = static_cast<float>(static_cast<s32>(size)) * kUlp;
    const u32 normal = (size << (23 - kMantissa)) + ((kMinExponent - 1) << 23);
    u32 value = size < 1U << kMantissa ? bits_of(subnormal) : normal;
    if constexpr (kHasNan) value = size >= kLargest + 1 ? kNanF32 : value;
    if constexpr (kHasInf) value = size == kLargest + 1 ? 0x7f800000U : value;
    return narrow<F16, Rounding::rn>(f32_of(value | sign));
  }

 private:
  static constexpr bool kHasNan = kLargest + 1 < kSign;
  static constexpr bool kHasInf = kLargest + 2 < kSign;
  static constexpr float kUlp = std::bit_cast<float>((kMinExponent - kMantissaBits) << 23);
};

using E4m3 = SmallFloat<4, 3, 0x7e, 0x7f>;
using E5m2 = SmallFloat<5, 2, 0x7b, 0x7f>;
using E2m3 = SmallFloat<2, 3, 0x1f, 0x1f>;
using E3m2 = SmallFloat<3, 2, 0x1f, 0x1f>;

template <class Small, bool kRelu>
u32 small_of(float value) {
  return Small::of(kRelu ? relu(value) : value);
}

/// a goes to the upper byte.
template <class Small, bool kRelu>
u16 pair_of_f32(float a, float b) {
  return static_cast<u16>(small_of<Small, kRelu>(a) << 8 | small_of<Small, kRelu>(b));
}
template <class Small, class Half, bool kRelu>
u16 pair_of_halves(u32 a) {
  return pair_of_f32<Small, kRelu>(Half::widen(static_cast<u16>(a >> 16)),
                                   Half::widen(static_cast<u16>(a)));
}
template <class Small, bool kRelu>
u32 halves_of_pair(u16 a) {
  const auto one = [](u32 code) {
    const u16 half = Small::to_f16(code);
    return u32{kRelu ? narrow<F16, Rounding::rz>(relu(F16::widen(half))) : half};
  };
  return one(a >> 8) << 16 | one(a & 0xffU);
}

/// f.operator()<Small>() for the format of a word.
template <class F>
Handler choose_small(std::string_view name, const F& f) {
  if (name == "e4m3x2") return f.template operator()<E4m3>();
  if (name == "e5m2x2") return f.template operator()<E5m2>();
  if (name == "e2m3x2") return f.template operator()<E2m3>();
  return f.template operator()<E3m2>();
}

/// Operands a and b to a type of kBits, saturated, at the low end of d; c above them.
template <int kBits, bool kSigned>
u32 packed(s32 a, s32 b, u32 c) {
  constexpr s32 kMost = (1 << (kSigned ? kBits - 1 : kBits)) - 1;
  constexpr s32 kLeast = kSigned ? -kMost - 1 : 0;
  constexpr u32 kMask = (1U << kBits) - 1;
  const auto one = [](s32 value) {
    const s32 below = value > kMost ? kMost : value;
    return static_cast<u32>(below < kLeast ? kLeast : below) & kMask;
  };
  const u32 low = one(a) << kBits | one(b);
  if constexpr (kBits == 16) {
    return low;
  } else {
    return low | c << (2 * kBits);
  }
}
template <bool kSigned>
u32 packed_16(s32 a, s32 b) {
  return packed<16, kSigned>(a, b, 0);
}

}  // namespace

Handler cvt_small_f32(const Match& m, Instr*) {
  return choose_small(m.word(1), [&m]<class Small>() {
    return choose(
        []<bool kRelu>() -> Handler { return lift<pair_of_f32<Small, kRelu>, u16, float, float>; },
        m.has("relu"));
  });
}
Handler cvt_small_halves(const Match& m, Instr*) {
  return choose_small(m.word(1), [&m]<class Small>() {
    return choose(
        []<bool kRelu, bool kIsF16>() -> Handler {
          using Half = std::conditional_t<kIsF16, F16, Bf16>;
          return lift<pair_of_halves<Small, Half, kRelu>, u16, u32>;
        },
        m.has("relu"),
        m.has("f16x2"));
  });
}
Handler cvt_f16x2_small(const Match& m, Instr*) {
  return choose_small(m.word(1), [&m]<class Small>() {
    return choose(
        []<bool kRelu>() -> Handler { return lift<halves_of_pair<Small, kRelu>, u32, u16>; },
        m.has("relu"));
  });
}

Handler cvt_pack_16(const Match& m, Instr*) {
  return m.has("s16") ? lift<packed_16<true>, u32, s32, s32>
                      : lift<packed_16<false>, u32, s32, s32>;
}
Handler cvt_pack_small(const Match& m, Instr*) {
  return choose(
      [&m]<bool kSigned>() -> Handler {
        switch (m.word(0)[1]) {
          case '2':
            return lift<packed<2, kSigned>, u32, s32, s32, u32>;
          case '4':
            return lift<packed<4, kSigned>, u32, s32, s32, u32>;
          default:
            return lift<packed<8, kSigned>, u32, s32, s32, u32>;
        }
      },
      m.word(0)[0] == 's');
}

// Worked by hand. e4m3: bias 7, 448 = 0x7e, no Inf, NaN 0x7f. e5m2: bias 15, 57344 = 0x7b.
std::vector<Example> cvt_small_examples() {  // NOLINT(readability-function-size): a table
  constexpr auto kToE4m3 = "cvt.rn.satfinite.e4m3x2.f32 d:16, a:32, b:32";
  constexpr auto kToE5m2 = "cvt.rn.satfinite.e5m2x2.f32 d:16, a:32, b:32";
  return {
      {kToE4m3, {0x3f800000u, 0x40000000u}, {0x3840}, "1 in the upper byte, 2 in the lower"},
      {kToE4m3, {0x80000000u, 0}, {0x8000}, "-0 and +0"},
      {kToE4m3, {0x43e00000u, 0x43e80000u}, {0x7e7e}, "448; 464 would round to 480: saturates"},
      {kToE4m3, {0xff800000u, 0x7f800000u}, {0xfe7e}, "Inf saturates"},
      {kToE4m3, {0x7fc00000u, 0xffc00000u}, {0x7f7f}, "NaN has one code"},
      {kToE4m3, {0x3a800000u, 0x3b000000u}, {0x0001}, "2^-10 ties to 0; 2^-9 is the least value"},
      {kToE4m3, {0x3b400000u, 0x3a800001u}, {0x0201}, "1.5 2^-9 ties to 2; above the tie to 1"},
      {kToE4m3, {0x3c800000u, 0x3c700000u}, {0x0808}, "2^-6 is normal; 7.5 2^-9 ties to it"},
      {kToE4m3, {0x3f880000u, 0x3f980000u}, {0x383a}, "1 + 1/16 and 1 + 3/16 tie to even"},
      {"cvt.rn.satfinite.relu.e4m3x2.f32 d:16, a:32, b:32",
       {0xbf800000u, 0x7fc00000u},
       {0x007f},
       ".relu: negative to 0, NaN stays"},
      {kToE5m2, {0x3f800000u, 0xc0000000u}, {0x3cc0}, "1 and -2"},
      {kToE5m2, {0x47600000u, 0x47700000u}, {0x7b7b}, "57344; 61440 saturates"},
      {kToE5m2, {0xff800000u, 0xffffffffu}, {0xfb7f}, "-Inf saturates; NaN"},
      {kToE5m2, {0x37800000u, 0x37000000u}, {0x0100}, "2^-16 is the least; 2^-17 ties to 0"},
      {"cvt.rn.satfinite.relu.e5m2x2.f32 d:16, a:32, b:32",
       {0xff800000u, 0x3fa00000u},
       {0x003d},
       ".relu: -Inf to 0; 1.25"},
      {"cvt.rn.satfinite.e4m3x2.f16x2 d:16, a:32", {0x3c00c000u}, {0x38c0}, "1 and -2"},
      {"cvt.rn.satfinite.e4m3x2.f16x2 d:16, a:32", {0x7c007e00u}, {0x7e7f}, "Inf and NaN"},
      {"cvt.rn.satfinite.e5m2x2.f16x2 d:16, a:32", {0x7bff0001u}, {0x7b00}, "65504; 2^-24"},
      {"cvt.rn.satfinite.relu.e5m2x2.f16x2 d:16, a:32", {0xbc003c00u}, {0x003c}, ".relu"},
      {"cvt.rn.satfinite.e4m3x2.bf16x2 d:16, a:32", {0x3f80c000u}, {0x38c0}, "1 and -2"},
      {"cvt.rn.f16x2.e4m3x2 d:32, a:16", {0x38c0}, {0x3c00c000u}, "1 and -2"},
      {"cvt.rn.f16x2.e4m3x2 d:32, a:16", {0x7e01}, {0x5f001800u}, "448; 2^-9"},
      {"cvt.rn.f16x2.e4m3x2 d:32, a:16", {0x7fff}, {0x7fff7fffu}, "both NaN: canonical"},
      {"cvt.rn.relu.f16x2.e4m3x2 d:32, a:16", {0xb838}, {0x00003c00u}, ".relu: -1 to 0"},
      {"cvt.rn.f16x2.e5m2x2 d:32, a:16", {0x3cfc}, {0x3c00fc00u}, "1 and -Inf"},
      {"cvt.rn.f16x2.e5m2x2 d:32, a:16", {0x017d}, {0x01007fffu}, "2^-16; NaN"},
      {"cvt.rn.satfinite.e2m3x2.f32 d:16, a:32, b:32",
       {0x40f00000u, 0xc2c80000u},
       {0x1f3f},
       "7.5 is the largest; -100 saturates"},
      {"cvt.rn.satfinite.e2m3x2.f32 d:16, a:32, b:32",
       {0x7fc00000u, 0x3e000000u},
       {0x1f01},
       "NaN to the largest value; 1/8 is the least"},
      {"cvt.rn.satfinite.e3m2x2.f32 d:16, a:32, b:32",
       {0x41e00000u, 0x3d800000u},
       {0x1f01},
       "28 is the largest, 1/16 the least"},
      {"cvt.rn.f16x2.e2m3x2 d:32, a:16", {0x1f28}, {0x4780bc00u}, "7.5 and -1"},
      {"cvt.rn.f16x2.e3m2x2 d:32, a:16", {0x1f2c}, {0x4f00bc00u}, "28 and -1"},
      {"cvt.pack.sat.s16.s32 d:32, a:32, b:32",
       {40000, 0xffff0000u},
       {0x7fff8000u},
       "32767 above -32768"},
      {"cvt.pack.sat.u16.s32 d:32, a:32, b:32", {70000, 0xffffffffu}, {0xffff0000u}, "clamped"},
      {"cvt.pack.sat.u8.s32.b32 d:32, a:32, b:32, c:32",
       {300, 7, 0x12345678u},
       {0x5678ff07u},
       "manual: c moves up by two bytes"},
      {"cvt.pack.sat.s8.s32.b32 d:32, a:32, b:32, c:32",
       {0xffffff00u, 200, 0},
       {0x0000807fu},
       "-128 and 127"},
      {"cvt.pack.sat.u4.s32.b32 d:32, a:32, b:32, c:32", {16, 3, 1}, {0x1f3}, "4 bits"},
      {"cvt.pack.sat.s4.s32.b32 d:32, a:32, b:32, c:32", {8, 0xfffffff0u, 0}, {0x78}, "7 and -8"},
      {"cvt.pack.sat.u2.s32.b32 d:32, a:32, b:32, c:32", {9, 1, 1}, {0x1d}, "3, 1, then c"},
      {"cvt.pack.sat.s2.s32.b32 d:32, a:32, b:32, c:32", {9, 0xfffffff7u, 0}, {0x6}, "1 and -2"},
  };
}

}  // namespace attest::ptx
