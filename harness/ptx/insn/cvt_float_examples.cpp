// Expected results of cvt between floating types, worked by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"

namespace attest::ptx {
namespace {

std::vector<Example> same_type() {
  return {
      {"cvt.f32.f32 d:32, a:32", {0xc0200000u}, {0xc0200000u}, "a copy"},
      {"cvt.ftz.f32.f32 d:32, a:32", {0x80000001u}, {0x80000000u}, "flushed"},
      {"cvt.sat.f32.f32 d:32, a:32", {0x40000000u}, {0x3f800000u}, "2 is clamped to 1"},
      {"cvt.sat.f32.f32 d:32, a:32", {0x80000000u}, {0}, ".sat makes -0 +0"},
      {"cvt.sat.f32.f32 d:32, a:32", {0xffc00000u}, {0}, ".sat makes NaN +0"},
      {"cvt.sat.f32.f32 d:32, a:32", {0x3f000000u}, {0x3f000000u}, "0.5 stays"},
      {"cvt.rni.f32.f32 d:32, a:32", {0x40200000u}, {0x40000000u}, "2.5 to even"},
      {"cvt.rzi.f32.f32 d:32, a:32", {0xbf400000u}, {0x80000000u}, "-0.75 to -0"},
      {"cvt.rmi.f32.f32 d:32, a:32", {0xbf000000u}, {0xbf800000u}, "-0.5 down"},
      {"cvt.rpi.f32.f32 d:32, a:32", {1}, {0x3f800000u}, "a subnormal up"},
      {"cvt.rpi.ftz.f32.f32 d:32, a:32", {1}, {0}, "a flushed subnormal up"},
      {"cvt.rni.f32.f32 d:32, a:32", {0x7f800000u}, {0x7f800000u}, "Inf"},
      {"cvt.rzi.f32.f32 d:32, a:32", {0x7fc12345u}, {0x7fffffffu}, "canonical NaN"},
      {"cvt.rni.f64.f64 d:64, a:64", {0x3ff8000000000000u}, {0x4000000000000000u}, "1.5 to 2"},
      {"cvt.sat.f64.f64 d:64, a:64", {0x4000000000000000u}, {0x3ff0000000000000u}, "2 to 1"},
      {"cvt.rmi.f16.f16 d:16, a:16", {0xb800}, {0xbc00}, "-0.5 down"},
      {"cvt.sat.f16.f16 d:16, a:16", {0x4000}, {0x3c00}, "2 is clamped to 1"},
      {"cvt.rni.bf16.bf16 d:16, a:16", {0x4020}, {0x4000}, "2.5 to even"},
  };
}

std::vector<Example> wider() {
  return {
      {"cvt.f32.f16 d:32, a:16", {0xc100}, {0xc0200000u}, "-2.5"},
      {"cvt.f32.f16 d:32, a:16", {1}, {0x33800000u}, "2^-24, a subnormal"},
      {"cvt.f32.f16 d:32, a:16", {0x83ff}, {0xb87fc000u}, "-(2^-14 - 2^-24)"},
      {"cvt.f32.f16 d:32, a:16", {0x8000}, {0x80000000u}, "-0"},
      {"cvt.f32.f16 d:32, a:16", {0xfc00}, {0xff800000u}, "-Inf"},
      {"cvt.f32.f16 d:32, a:16", {0xfe01}, {0x7fffffffu}, "canonical NaN"},
      {"cvt.ftz.f32.f16 d:32, a:16", {1}, {0x33800000u}, "2^-24 is normal as f32"},
      {"cvt.sat.f32.f16 d:32, a:16", {0x4000}, {0x3f800000u}, "2 is clamped to 1"},
      {"cvt.f32.bf16 d:32, a:16", {0xc020}, {0xc0200000u}, "-2.5"},
      {"cvt.f32.bf16 d:32, a:16", {1}, {0x00010000u}, "a subnormal"},
      {"cvt.ftz.f32.bf16 d:32, a:16", {0x8001}, {0x80000000u}, "a flushed subnormal"},
      {"cvt.f32.bf16 d:32, a:16", {0xff81}, {0x7fffffffu}, "canonical NaN"},
      {"cvt.f64.f32 d:64, a:32", {1}, {0x36a0000000000000u}, "2^-149"},
      {"cvt.ftz.f64.f32 d:64, a:32", {0x80000001u}, {0x8000000000000000u}, "flushed"},
      {"cvt.f64.f32 d:64, a:32", {0xff800000u}, {0xfff0000000000000u}, "-Inf"},
      {"cvt.f64.f16 d:64, a:16", {0x3e00}, {0x3ff8000000000000u}, "1.5"},
      {"cvt.sat.f64.f16 d:64, a:16", {0xbc00}, {0}, "-1 is clamped to 0"},
      {"cvt.f64.bf16 d:64, a:16", {0x3fc0}, {0x3ff8000000000000u}, "1.5"},
  };
}

std::vector<Example> from_f64() {
  return {
      {"cvt.rn.f32.f64 d:32, a:64", {0x3ff0000010000000u}, {0x3f800000u}, "1 + 2^-24 to even"},
      {"cvt.rn.f32.f64 d:32, a:64", {0x3ff0000010000001u}, {0x3f800001u}, "above the tie"},
      {"cvt.rp.f32.f64 d:32, a:64", {0x3ff0000000000001u}, {0x3f800001u}, "1 + 2^-52 up"},
      {"cvt.rm.f32.f64 d:32, a:64", {0xbff0000000000001u}, {0xbf800001u}, "-(1 + 2^-52) down"},
      {"cvt.rz.f32.f64 d:32, a:64", {0x7fefffffffffffffu}, {0x7f7fffffu}, "overflow toward 0"},
      {"cvt.rn.f32.f64 d:32, a:64", {0x7fefffffffffffffu}, {0x7f800000u}, "overflow"},
      {"cvt.rn.f32.f64 d:32, a:64", {0xfff8000000000000u}, {0x7fffffffu}, "canonical NaN"},
      {"cvt.rn.f32.f64 d:32, a:64", {0x36a0000000000000u}, {1}, "2^-149"},
      {"cvt.rn.f32.f64 d:32, a:64", {0x3690000000000000u}, {0}, "2^-150 to even"},
      {"cvt.rp.f32.f64 d:32, a:64", {0x0000000000000001u}, {1}, "the least f64 up"},
      {"cvt.rn.ftz.f32.f64 d:32, a:64", {0xb7f0000000000000u}, {0x80000000u}, "-2^-128: flushed"},
      {"cvt.rn.sat.f32.f64 d:32, a:64", {0x4000000000000000u}, {0x3f800000u}, "2 to 1"},
      {"cvt.rn.f16.f64 d:16, a:64",
       {0x3ff0020000000001u},
       {0x3c01},
       "1 + 2^-11 + 2^-52: above the tie, which f32 would lose"},
      {"cvt.rz.f16.f64 d:16, a:64", {0x40f0000000000000u}, {0x7bff}, "65536 toward 0"},
      {"cvt.rn.f16.f64 d:16, a:64", {0x7ff8000000000000u}, {0x7fff}, "canonical NaN"},
      {"cvt.rn.bf16.f64 d:16, a:64",
       {0x3ff0100000000001u},
       {0x3f81},
       "1 + 2^-8 + 2^-52: above the tie, which f32 would lose"},
  };
}

std::vector<Example> from_f32() {
  return {
      {"cvt.rn.f16.f32 d:16, a:32", {0xc0200000u}, {0xc100}, "-2.5"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x3f801000u}, {0x3c00}, "1 + 2^-11 to even"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x3f801001u}, {0x3c01}, "above the tie"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x477fefffu}, {0x7bff}, "below 65520"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x477ff000u}, {0x7c00}, "65520 overflows"},
      {"cvt.rz.f16.f32 d:16, a:32", {0x477ff000u}, {0x7bff}, "65520 toward 0"},
      {"cvt.rp.f16.f32 d:16, a:32", {0x3f800001u}, {0x3c01}, "1 + 2^-23 up"},
      {"cvt.rm.f16.f32 d:16, a:32", {0xbf800001u}, {0xbc01}, "-(1 + 2^-23) down"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x33800000u}, {1}, "2^-24"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x33000000u}, {0}, "2^-25 to even"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x33000001u}, {1}, "above 2^-25"},
      {"cvt.rn.f16.f32 d:16, a:32", {0x80000001u}, {0x8000}, "to -0"},
      {"cvt.rn.f16.f32 d:16, a:32", {0xffc12345u}, {0x7fff}, "canonical NaN"},
      {"cvt.rp.f16.f32 d:16, a:32", {1}, {1}, "a subnormal up"},
      {"cvt.rp.ftz.f16.f32 d:16, a:32", {1}, {0}, "a flushed subnormal up"},
      {"cvt.rn.sat.f16.f32 d:16, a:32", {0x40000000u}, {0x3c00}, "2 is clamped to 1"},
      {"cvt.rn.relu.f16.f32 d:16, a:32", {0xbf800000u}, {0}, "-1 becomes 0"},
      {"cvt.rn.relu.f16.f32 d:16, a:32", {0x7fc00000u}, {0x7fff}, ".relu keeps NaN"},
      {"cvt.rn.satfinite.f16.f32 d:16, a:32", {0xff800000u}, {0xfbff}, "-Inf is clamped"},
      {"cvt.rn.bf16.f32 d:16, a:32", {0x3f808000u}, {0x3f80}, "1 + 2^-8 to even"},
      {"cvt.rn.bf16.f32 d:16, a:32", {0x3f818000u}, {0x3f82}, "1 + 3 * 2^-8 to even"},
      {"cvt.rz.bf16.f32 d:16, a:32", {0xbf81ffffu}, {0xbf81}, "toward 0"},
      {"cvt.rn.bf16.f32 d:16, a:32", {0x7f7fffffu}, {0x7f80}, "overflows to Inf"},
      {"cvt.rn.satfinite.bf16.f32 d:16, a:32", {0x7f7fffffu}, {0x7f7f}, "clamped"},
      {"cvt.rn.bf16.f32 d:16, a:32", {0x7f800001u}, {0x7fff}, "a NaN does not become Inf"},
      {"cvt.rn.bf16.f32 d:16, a:32", {0x00008001u}, {1}, "a subnormal"},
      {"cvt.rn.relu.bf16.f32 d:16, a:32", {0x80000000u}, {0}, "-0 becomes +0"},
      {"cvt.rn.f16.bf16 d:16, a:16", {0x4780}, {0x7c00}, "65536 overflows"},
      {"cvt.rn.bf16.f16 d:16, a:16", {0x3c04}, {0x3f80}, "1 + 2^-8 to even"},
      {"cvt.rz.bf16.f16 d:16, a:16", {0x3c0f}, {0x3f81}, "1 + 15 * 2^-10 toward 0"},
      {"cvt.rn.f16x2.f32 d:32, a:32, b:32",
       {0x3f800000u, 0x40000000u},
       {0x3c004000u},
       "manual: a is the upper half"},
      {"cvt.rz.f16x2.f32 d:32, a:32, b:32", {0x477ff000u, 0x3f801fffu}, {0x7bff3c00u}, "toward 0"},
      {"cvt.rn.relu.f16x2.f32 d:32, a:32, b:32",
       {0xbf800000u, 0x3f800000u},
       {0x00003c00u},
       "-1 becomes 0"},
      {"cvt.rn.satfinite.f16x2.f32 d:32, a:32, b:32",
       {0x7f800000u, 0x7fc00000u},
       {0x7bff7fffu},
       "Inf is clamped, NaN stays"},
      {"cvt.rn.bf16x2.f32 d:32, a:32, b:32",
       {0x3f800000u, 0x40000000u},
       {0x3f804000u},
       "manual: a is the upper half"},
      {"cvt.rn.relu.satfinite.bf16x2.f32 d:32, a:32, b:32",
       {0xff800000u, 0x7f800000u},
       {0x00007f7fu},
       "-Inf becomes 0, Inf is clamped"},
      {"cvt.rz.bf16x2.f32 d:32, a:32, b:32",
       {0x3f80ffffu, 0xffc00000u},
       {0x3f807fffu},
       "toward 0; canonical NaN"},
  };
}

std::vector<Example> to_tf32() {
  return {
      {"cvt.rna.tf32.f32 d:32, a:32", {0x3f801000u}, {0x3f802000u}, "a tie away from 0"},
      {"cvt.rna.tf32.f32 d:32, a:32", {0xbf800fffu}, {0xbf800000u}, "below the tie"},
      {"cvt.rna.tf32.f32 d:32, a:32", {0x7f7fffffu}, {0x7f800000u}, "overflows to Inf"},
      {"cvt.rna.satfinite.tf32.f32 d:32, a:32", {0x7f7fffffu}, {0x7f7fe000u}, "clamped"},
      {"cvt.rna.tf32.f32 d:32, a:32", {0xff800000u}, {0xff800000u}, "-Inf"},
      {"cvt.rna.tf32.f32 d:32, a:32", {0xff800001u}, {0x7fffffffu}, "canonical NaN"},
      {"cvt.rna.tf32.f32 d:32, a:32", {0x80001000u}, {0x80002000u}, "a subnormal"},
      {"cvt.rn.tf32.f32 d:32, a:32", {0x3f801000u}, {0x3f800000u}, "a tie to even"},
      {"cvt.rn.tf32.f32 d:32, a:32", {0x3f803000u}, {0x3f804000u}, "a tie to even"},
      {"cvt.rz.tf32.f32 d:32, a:32", {0xbf803fffu}, {0xbf802000u}, "toward 0"},
      {"cvt.rn.relu.tf32.f32 d:32, a:32", {0xbf800000u}, {0}, "-1 becomes 0"},
      {"cvt.rn.satfinite.tf32.f32 d:32, a:32", {0xff800000u}, {0xff7fe000u}, "clamped"},
  };
}

}  // namespace

std::vector<Example> cvt_float_examples() {
  std::vector<Example> all = same_type();
  for (const auto& rows : {wider(), from_f64(), from_f32(), to_tf32()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace attest::ptx
