// Expected results of cvt to and from integers, worked by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"

namespace attest::ptx {
namespace {

std::vector<Example> between_integers() {
  return {
      {"cvt.s64.s32 d:64, a:32", {0xffffffffu}, {0xffffffffffffffffu}, "-1: sign-extended"},
      {"cvt.u64.u32 d:64, a:32", {0xffffffffu}, {0xffffffffu}, "zero-extended"},
      {"cvt.u64.s32 d:64, a:32", {0xffffffffu}, {0xffffffffffffffffu}, "by the source's sign"},
      {"cvt.u32.u64 d:32, a:64", {0x123456789abcdef0u}, {0x9abcdef0u}, "low half"},
      {"cvt.u16.u32 d:16, a:32", {0x12345678u}, {0x5678}, "low half"},
      {"cvt.u16.u64 d:16, a:64", {0x123456789abcdef0u}, {0xdef0}, "low bits"},
      {"cvt.u64.u16 d:64, a:16", {0xffff}, {0xffff}, "zero-extended"},
      {"cvt.u32.u16 d:32, a:16", {0xffff}, {0xffff}, "zero-extended"},
      {"cvt.s32.s16 d:32, a:16", {0x8000}, {0xffff8000u}, "sign-extended"},
      {"cvt.u32.s16 d:32, a:16", {0x8000}, {0xffff8000u}, "by the source's sign"},
      {"cvt.s16.s8 d:16, a:16", {0x1280}, {0xff80}, "sign-extended from 8 bits"},
      {"cvt.s32.s8 d:32, a:32", {0x12345680u}, {0xffffff80u}, "sign-extended from 8 bits"},
      {"cvt.s32.u8 d:32, a:32", {0x12345680u}, {0x80}, "zero-extended from 8 bits"},
      {"cvt.s8.s32 d:32, a:32", {0x12345680u}, {0xffffff80u}, "extended to the register"},
      {"cvt.u8.s32 d:32, a:32", {0xffffffffu}, {0xff}, "low 8 bits"},
      {"cvt.s64.s8 d:64, a:32", {0x80}, {0xffffffffffffff80u}, "sign-extended from 8 bits"},
      {"cvt.sat.s8.s32 d:32, a:32", {300}, {127}, "clamped above"},
      {"cvt.sat.s8.s32 d:32, a:32", {0xfffffed4u}, {0xffffff80u}, "-300 to -128"},
      {"cvt.sat.u8.s32 d:32, a:32", {0xffffffffu}, {0}, "-1 to 0"},
      {"cvt.sat.u8.s32 d:32, a:32", {300}, {255}, "clamped above"},
      {"cvt.sat.u32.s32 d:32, a:32", {0x80000000u}, {0}, "negative to 0"},
      {"cvt.sat.s32.u32 d:32, a:32", {0x80000000u}, {0x7fffffffu}, "2^31 to 2^31 - 1"},
      {"cvt.sat.s32.s64 d:32, a:64", {0xffffffff00000000u}, {0x80000000u}, "-2^32 to -2^31"},
      {"cvt.sat.u32.s64 d:32, a:64", {0x100000000u}, {0xffffffffu}, "2^32 to 2^32 - 1"},
      {"cvt.sat.s16.s32 d:16, a:32", {0xffff0000u}, {0x8000}, "-65536 to -32768"},
      {"cvt.sat.u64.s64 d:64, a:64", {0xffffffffffffffffu}, {0}, "-1 to 0"},
      {"cvt.sat.s64.u64 d:64, a:64", {0x8000000000000000u}, {0x7fffffffffffffffu}, "2^63"},
      {"cvt.sat.u64.s32 d:64, a:32", {0xffffffffu}, {0}, "-1 to 0"},
  };
}

std::vector<Example> to_integers() {
  return {
      {"cvt.rni.s32.f32 d:32, a:32", {0x40200000u}, {2}, "2.5 to even"},
      {"cvt.rni.s32.f32 d:32, a:32", {0x40600000u}, {4}, "3.5 to even"},
      {"cvt.rzi.s32.f32 d:32, a:32", {0xc0300000u}, {0xfffffffeu}, "-2.75 toward 0"},
      {"cvt.rmi.s32.f32 d:32, a:32", {0xc0100000u}, {0xfffffffdu}, "-2.25 down"},
      {"cvt.rpi.s32.f32 d:32, a:32", {0x40100000u}, {3}, "2.25 up"},
      {"cvt.rzi.s32.f32 d:32, a:32", {0x4f000000u}, {0x7fffffffu}, "2^31 is clamped"},
      {"cvt.rzi.s32.f32 d:32, a:32", {0xff800000u}, {0x80000000u}, "-Inf is clamped"},
      {"cvt.rzi.s32.f32 d:32, a:32", {0x7fc00000u}, {0}, "manual: NaN gives 0"},
      {"cvt.rzi.u32.f32 d:32, a:32", {0xbf800000u}, {0}, "-1 is clamped"},
      {"cvt.rzi.u32.f32 d:32, a:32", {0x4f7fffffu}, {0xffffff00u}, "2^32 - 2^8"},
      {"cvt.rzi.u32.f32 d:32, a:32", {0x4f800000u}, {0xffffffffu}, "2^32 is clamped"},
      {"cvt.rpi.s32.f32 d:32, a:32", {1}, {1}, "a subnormal up"},
      {"cvt.rpi.ftz.s32.f32 d:32, a:32", {1}, {0}, "a flushed subnormal up"},
      {"cvt.rmi.ftz.u32.f32 d:32, a:32", {0x40700000u}, {3}, "3.75 down"},
      {"cvt.rni.sat.s8.f32 d:32, a:32", {0x43960000u}, {127}, "300 is clamped"},
      {"cvt.rni.sat.s8.f32 d:32, a:32", {0xc3960000u}, {0xffffff80u}, "-300: in the register"},
      {"cvt.rni.s8.f32 d:16, a:32", {0xbfc00000u}, {0xfffe}, "-1.5 to even"},
      {"cvt.rni.u8.f32 d:16, a:32", {0x7f800000u}, {0xff}, "Inf is clamped"},
      {"cvt.rzi.u16.f32 d:16, a:32", {0x47800000u}, {0xffff}, "65536 is clamped"},
      {"cvt.rzi.s64.f32 d:64, a:32", {0xdf000000u}, {0x8000000000000000u}, "-2^63"},
      {"cvt.rzi.s64.f32 d:64, a:32", {0x5f000000u}, {0x7fffffffffffffffu}, "2^63 is clamped"},
      {"cvt.rzi.u64.f32 d:64, a:32", {0x5f000000u}, {0x8000000000000000u}, "2^63"},
      {"cvt.rzi.s64.f32 d:64, a:32", {0x7fc00000u}, {0x8000000000000000u}, "manual: NaN, 64 bits"},
      {"cvt.rzi.s32.f64 d:32, a:64", {0xc1e0000000000000u}, {0x80000000u}, "-2^31"},
      {"cvt.rzi.s32.f64 d:32, a:64", {0x7ff8000000000000u}, {0x80000000u}, "manual: NaN of f64"},
      {"cvt.rni.s64.f64 d:64, a:64", {0x3fe0000000000000u}, {0}, "0.5 to even"},
      {"cvt.rpi.u64.f64 d:64, a:64", {0x3fe0000000000000u}, {1}, "0.5 up"},
      {"cvt.rzi.s32.f16 d:32, a:16", {0xc580}, {0xfffffffbu}, "-5.5 toward 0"},
      {"cvt.rni.s16.f16 d:16, a:16", {0x7c00}, {0x7fff}, "Inf is clamped"},
      {"cvt.rzi.u64.f16 d:64, a:16", {0x7bff}, {65504}, "the largest f16"},
      {"cvt.rmi.s32.bf16 d:32, a:16", {0xbf00}, {0xffffffffu}, "-0.5 down"},
      {"cvt.rzi.s64.bf16 d:64, a:16", {0xc0e0}, {0xfffffffffffffff9u}, "-7"},
  };
}

std::vector<Example> from_integers() {
  return {
      {"cvt.rn.f32.s32 d:32, a:32", {0xffffffffu}, {0xbf800000u}, "-1"},
      {"cvt.rn.f32.s32 d:32, a:32", {0x01000001u}, {0x4b800000u}, "2^24 + 1 to even"},
      {"cvt.rz.f32.s32 d:32, a:32", {0x7fffffffu}, {0x4effffffu}, "2^31 - 1 toward 0"},
      {"cvt.rm.f32.s32 d:32, a:32", {0x80000001u}, {0xcf000000u}, "-(2^31 - 1) down"},
      {"cvt.rp.f32.s32 d:32, a:32", {0x01000001u}, {0x4b800001u}, "2^24 + 1 up"},
      {"cvt.rn.f32.u32 d:32, a:32", {0xffffffffu}, {0x4f800000u}, "2^32 - 1"},
      {"cvt.rn.f32.s16 d:32, a:16", {0xfffd}, {0xc0400000u}, "-3"},
      {"cvt.rn.f32.u8 d:32, a:32", {0x1ff}, {0x437f0000u}, "255: only 8 bits are read"},
      {"cvt.rn.f32.s8 d:32, a:32", {0x180}, {0xc3000000u}, "-128: only 8 bits are read"},
      {"cvt.rn.f32.s64 d:32, a:64", {0x8000000000000000u}, {0xdf000000u}, "-2^63"},
      {"cvt.rn.f32.u64 d:32, a:64",
       {0x8000008000000001u},
       {0x5f000001u},
       "2^63 + 2^39 + 1: above the tie, which double would lose"},
      {"cvt.rz.f32.u64 d:32, a:64", {0xffffffffffffffffu}, {0x5f7fffffu}, "toward 0"},
      {"cvt.rn.sat.f32.s32 d:32, a:32", {7}, {0x3f800000u}, "clamped to 1"},
      {"cvt.rn.f64.s32 d:64, a:32", {0x80000000u}, {0xc1e0000000000000u}, "-2^31"},
      {"cvt.rn.f64.s64 d:64, a:64", {0xffffffffffffffffu}, {0xbff0000000000000u}, "-1"},
      {"cvt.rn.f64.u64 d:64, a:64", {0x0020000000000001u}, {0x4340000000000000u}, "2^53 + 1"},
      {"cvt.rp.f64.u64 d:64, a:64", {0x0020000000000001u}, {0x4340000000000001u}, "2^53 + 1 up"},
      {"cvt.rz.f64.s64 d:64, a:64",
       {0x7fffffffffffffffu},
       {0x43dfffffffffffffu},
       "2^63 - 1 toward 0"},
      {"cvt.rm.f64.s64 d:64, a:64",
       {0xffdfffffffffffffu},
       {0xc340000000000001u},
       "-(2^53 + 1) down"},
      {"cvt.rp.f64.s64 d:64, a:64", {0xffdfffffffffffffu}, {0xc340000000000000u}, "-(2^53 + 1) up"},
      {"cvt.rn.f16.s32 d:16, a:32", {0xffffffffu}, {0xbc00}, "-1"},
      {"cvt.rn.f16.s32 d:16, a:32", {65520}, {0x7c00}, "65520 overflows"},
      {"cvt.rz.f16.u32 d:16, a:32", {65535}, {0x7bff}, "65504 toward 0"},
      {"cvt.rn.f16.u16 d:16, a:16", {2049}, {0x6800}, "2049 to even"},
      {"cvt.rp.f16.s16 d:16, a:16", {2049}, {0x6801}, "2050 up"},
      {"cvt.rn.f16.s64 d:16, a:64", {0xfffffffffffffffeu}, {0xc000}, "-2"},
      {"cvt.rn.bf16.s32 d:16, a:32", {257}, {0x4380}, "257 to even"},
      {"cvt.rn.bf16.u64 d:16, a:64",
       {0x8080000000000001u},
       {0x5f01},
       "2^63 + 2^55 + 1: above the tie"},
  };
}

}  // namespace

std::vector<Example> cvt_integer_examples() {
  std::vector<Example> all = between_integers();
  for (const auto& rows : {to_integers(), from_integers()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace attest::ptx
