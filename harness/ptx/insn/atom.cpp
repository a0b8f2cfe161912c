// atom: PTX ISA 9.0, 9.7.13.5. Lanes that meet at an address are applied one after another.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/atomic.h"

namespace attest::ptx {

Insn insn_atom();
Insn insn_atom() {
  return {
      .opcode = "atom",
      .forms =
          {
              {ATTEST_ATOMIC(
                   "atom", ".(and|or|xor|exch)", ".(b32|b64)") " d:any, [a], b:any, c:64?",
               atomic_bits<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".cas", ".(b16|b32|b64)") " d:any, [a], b:any, e:any, c:64?",
               atomic_cas<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".add", ".(u32|s32|u64|f32|f64)") " d:any, [a], b:any, c:64?",
               atomic_add<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".(inc|dec)", ".(u32)") " d:any, [a], b:any, c:64?",
               atomic_count<AtomicResult::old_value>},
              {ATTEST_ATOMIC(
                   "atom", ".(min|max)", ".(u32|s32|u64|s64)") " d:any, [a], b:any, c:64?",
               atomic_extreme<AtomicResult::old_value>},
              {ATTEST_ATOMIC(
                   "atom", ".add.noftz", ".(f16|f16x2|bf16|bf16x2)") " d:any, [a], b:any, c:64?",
               atomic_half<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".add", ".(v2|v4).(f32)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom",
                             ".(add|min|max).noftz",
                             ".(v2|v4|v8).(f16|bf16)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom",
                             ".(add|min|max).noftz",
                             ".(v2|v4).(f16x2|bf16x2)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.add.u32 %value, [s], 2;",
               {0,  2,  4,  6,  8,  10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
                32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62},
               "each lane finds what the lanes below left"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared::cta.add.s32 %value, [s+4], -1;",
               {0,          0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffc, 0xfffffffb, 0xfffffffa,
                0xfffffff9, 0xfffffff8, 0xfffffff7, 0xfffffff6, 0xfffffff5, 0xfffffff4, 0xfffffff3,
                0xfffffff2, 0xfffffff1, 0xfffffff0, 0xffffffef, 0xffffffee, 0xffffffed, 0xffffffec,
                0xffffffeb, 0xffffffea, 0xffffffe9, 0xffffffe8, 0xffffffe7, 0xffffffe6, 0xffffffe5,
                0xffffffe4, 0xffffffe3, 0xffffffe2, 0xffffffe1},
               "signed"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; mov.u64 %wide, 0x80000000; "
               "atom.relaxed.cta.shared.add.u64 %wide, [s+8], %wide; mov.b64 {%a, %value}, %wide;",
               {0, 0, 1, 1, 2,  2,  3,  3,  4,  4,  5,  5,  6,  6,  7,  7,
                8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15},
               "64 bits carry"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.inc.u32 %value, [s], 4;",
               {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
                1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1},
               "up to the bound, then 0"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.dec.u32 %value, [s], 3;",
               {0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1,
                0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1},
               "down to 0, then the bound"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{-1, -1, -1, -1}; bar.sync 0; atom.shared.dec.u32 %value, [s], 3; add.u32 %value, "
               "%value, 1;",
               {0, 4, 3, 2, 1, 4, 3, 2, 1, 4, 3, 2, 1, 4, 3, 2,
                1, 4, 3, 2, 1, 4, 3, 2, 1, 4, 3, 2, 1, 4, 3, 2},
               "above the bound: the bound"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.exch.b32 %value, [s], %lane;",
               {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30},
               "the value of the lane before"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; mov.u32 %a, 1; shl.b32 %a, %a, %lane; atom.shared.or.b32 "
               "%value, [s], %a;",
               {0,         1,          3,          7,         15,        31,        63,
                127,       255,        511,        1023,      2047,      4095,      8191,
                16383,     32767,      65535,      0x1ffff,   0x3ffff,   0x7ffff,   0xfffff,
                0x1fffff,  0x3fffff,   0x7fffff,   0xffffff,  0x1ffffff, 0x3ffffff, 0x7ffffff,
                0xfffffff, 0x1fffffff, 0x3fffffff, 0x7fffffff},
               "bits of the lanes below"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{-1, -1, -1, -1}; bar.sync 0; mov.u32 %a, 1; shl.b32 %a, %a, %lane; not.b32 %a, "
               "%a; atom.shared.and.b32 %value, [s], %a;",
               {0xffffffff, 0xfffffffe, 0xfffffffc, 0xfffffff8, 0xfffffff0, 0xffffffe0, 0xffffffc0,
                0xffffff80, 0xffffff00, 0xfffffe00, 0xfffffc00, 0xfffff800, 0xfffff000, 0xffffe000,
                0xffffc000, 0xffff8000, 0xffff0000, 0xfffe0000, 0xfffc0000, 0xfff80000, 0xfff00000,
                0xffe00000, 0xffc00000, 0xff800000, 0xff000000, 0xfe000000, 0xfc000000, 0xf8000000,
                0xf0000000, 0xe0000000, 0xc0000000, 0x80000000},
               "bits that are left"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.xor.b32 %value, [s], 3;",
               {0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3,
                0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3},
               "there and back"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; neg.s32 %a, %lane; atom.shared.min.s32 %value, [s], %a;",
               {0,          0,          0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffc, 0xfffffffb,
                0xfffffffa, 0xfffffff9, 0xfffffff8, 0xfffffff7, 0xfffffff6, 0xfffffff5, 0xfffffff4,
                0xfffffff3, 0xfffffff2, 0xfffffff1, 0xfffffff0, 0xffffffef, 0xffffffee, 0xffffffed,
                0xffffffec, 0xffffffeb, 0xffffffea, 0xffffffe9, 0xffffffe8, 0xffffffe7, 0xffffffe6,
                0xffffffe5, 0xffffffe4, 0xffffffe3, 0xffffffe2},
               "negative is less"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; neg.s32 %a, %lane; atom.shared.max.u32 %value, [s], %a;",
               {0,          0,          0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
               "negative is most"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; neg.s32 %a, %lane; atom.shared.max.s32 %value, [s], %a; ",
               std::vector<u32>(32, 0),
               "0 stays"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{-1, -1, -1, -1}; bar.sync 0; atom.shared.min.u32 %value, [s], 7;",
               {0xffffffff, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                7,          7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7},
               "least unsigned"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; cvt.s64.s32 %wide, %lane; neg.s64 %wide, %wide; "
               "atom.shared.min.s64 %wide, [s], %wide; mov.b64 {%value, %a}, %wide;",
               {0,          0,          0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffc, 0xfffffffb,
                0xfffffffa, 0xfffffff9, 0xfffffff8, 0xfffffff7, 0xfffffff6, 0xfffffff5, 0xfffffff4,
                0xfffffff3, 0xfffffff2, 0xfffffff1, 0xfffffff0, 0xffffffef, 0xffffffee, 0xffffffed,
                0xffffffec, 0xffffffeb, 0xffffffea, 0xffffffe9, 0xffffffe8, 0xffffffe7, 0xffffffe6,
                0xffffffe5, 0xffffffe4, 0xffffffe3, 0xffffffe2},
               "64 bits, signed"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; cvt.s64.s32 %wide, %lane; neg.s64 %wide, %wide; "
               "atom.shared.max.u64 %wide, [s], %wide; mov.b64 {%a, %value}, %wide;",
               {0,          0,          0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
               "64 bits, unsigned"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; add.u32 %a, %lane, 1; atom.shared.cas.b32 %value, [s], "
               "%lane, %a;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "every lane finds its turn"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.cas.b32 %value, [s], 1, 5;",
               std::vector<u32>(32, 0),
               "no lane finds 1, so 0 stays"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b16 %h<3>; cvt.u16.u32 %h0, %lane; add.s16 %h1, "
               "%h0, 1; atom.shared.cas.b16 %h2, [s+2], %h0, %h1; mov.b32 %value, {%h2, 0};",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "16 bits"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b64 %n; mov.b64 %wide, {0, %lane}; add.u32 %a, "
               "%lane, 1; mov.b64 %n, {0, %a}; atom.shared.cas.b64 %wide, [s+8], %wide, %n; "
               "mov.b64 {%a, %value}, %wide;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "64 bits"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; mov.b64 %wide, {1, %lane}; atom.shared.exch.b64 %wide, "
               "[s], %wide; mov.b64 {%a, %value}, %wide;",
               {0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30},
               "64 bits"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.add.f32 %value, [s], 0f00000001;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "shared memory keeps subnormals"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.f32 %value, [%base], 0f00000001; "
               "bar.sync 0;",
               std::vector<u32>(32, 0),
               "global memory flushes them"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.f32 %value, [%base], 0f3F800000; "
               "bar.sync 0;",
               {0,          0x3f800000, 0x40000000, 0x40400000, 0x40800000, 0x40a00000, 0x40c00000,
                0x40e00000, 0x41000000, 0x41100000, 0x41200000, 0x41300000, 0x41400000, 0x41500000,
                0x41600000, 0x41700000, 0x41800000, 0x41880000, 0x41900000, 0x41980000, 0x41a00000,
                0x41a80000, 0x41b00000, 0x41b80000, 0x41c00000, 0x41c80000, 0x41d00000, 0x41d80000,
                0x41e00000, 0x41e80000, 0x41f00000, 0x41f80000},
               "1 + 1 + .."},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.add.f64 %wide, [s], 0d3FF0000000000000; "
               "mov.b64 {%a, %value}, %wide;",
               {0,          0x3ff00000, 0x40000000, 0x40080000, 0x40100000, 0x40140000, 0x40180000,
                0x401c0000, 0x40200000, 0x40220000, 0x40240000, 0x40260000, 0x40280000, 0x402a0000,
                0x402c0000, 0x402e0000, 0x40300000, 0x40310000, 0x40320000, 0x40330000, 0x40340000,
                0x40350000, 0x40360000, 0x40370000, 0x40380000, 0x40390000, 0x403a0000, 0x403b0000,
                0x403c0000, 0x403d0000, 0x403e0000, 0x403f0000},
               "upper words of 0, 1, .."},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b16 %h<2>; mov.b16 %h0, 1; "
               "atom.shared.add.noftz.f16 %h1, [s], %h0; mov.b32 %value, {%h1, 0};",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "2^-24 each: subnormals are kept"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b16 %h<2>; mov.b16 %h0, 1; "
               "atom.shared.add.noftz.bf16 %h1, [s], %h0; mov.b32 %value, {%h1, 0};",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "2^-133 each"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.noftz.f16x2 %value, [%base], 0x00020001; "
               "bar.sync 0;",
               {0,        0x20001,  0x40002,  0x60003,  0x80004,  0xa0005,  0xc0006,  0xe0007,
                0x100008, 0x120009, 0x14000a, 0x16000b, 0x18000c, 0x1a000d, 0x1c000e, 0x1e000f,
                0x200010, 0x220011, 0x240012, 0x260013, 0x280014, 0x2a0015, 0x2c0016, 0x2e0017,
                0x300018, 0x320019, 0x34001a, 0x36001b, 0x38001c, 0x3a001d, 0x3c001e, 0x3e001f},
               "both halves, in global memory too"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.noftz.bf16x2 %value, [%base], "
               "0x00020001; bar.sync 0;",
               {0,        0x20001,  0x40002,  0x60003,  0x80004,  0xa0005,  0xc0006,  0xe0007,
                0x100008, 0x120009, 0x14000a, 0x16000b, 0x18000c, 0x1a000d, 0x1c000e, 0x1e000f,
                0x200010, 0x220011, 0x240012, 0x260013, 0x280014, 0x2a0015, 0x2c0016, 0x2e0017,
                0x300018, 0x320019, 0x34001a, 0x36001b, 0x38001c, 0x3a001d, 0x3c001e, 0x3e001f},
               "both halves"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.v2.f32 {%a, %value}, [%base], "
               "{0f3F800000, 0f40000000}; bar.sync 0;",
               {0,          0x40000000, 0x40800000, 0x40c00000, 0x41000000, 0x41200000, 0x41400000,
                0x41600000, 0x41800000, 0x41900000, 0x41a00000, 0x41b00000, 0x41c00000, 0x41d00000,
                0x41e00000, 0x41f00000, 0x42000000, 0x42080000, 0x42100000, 0x42180000, 0x42200000,
                0x42280000, 0x42300000, 0x42380000, 0x42400000, 0x42480000, 0x42500000, 0x42580000,
                0x42600000, 0x42680000, 0x42700000, 0x42780000},
               "the second of a vector"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.noftz.v2.f16x2 {%a, %value}, [%base], "
               "{0, 0x00010001}; bar.sync 0;",
               {0,        65537,    0x20002,  0x30003,  0x40004,  0x50005,  0x60006,  0x70007,
                0x80008,  0x90009,  0xa000a,  0xb000b,  0xc000c,  0xd000d,  0xe000e,  0xf000f,
                0x100010, 0x110011, 0x120012, 0x130013, 0x140014, 0x150015, 0x160016, 0x170017,
                0x180018, 0x190019, 0x1a001a, 0x1b001b, 0x1c001c, 0x1d001d, 0x1e001e, 0x1f001f},
               "the second of a vector"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b16 %h<4>; mov.b16 %h0, 0x3c00; mov.b16 %h1, "
               "0xbc00; atom.global.max.noftz.v2.f16 {%h2, %h3}, [%base], {%h0, %h1}; mov.b32 "
               "%value, {%h2, %h3}; bar.sync 0;",
               {0,     15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360,
                15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360,
                15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360, 15360},
               "the greater of 0 and 1, of 0 and -1"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; .reg .b16 %h<4>; mov.b16 %h0, 0x3f80; mov.b16 %h1, "
               "0xbf80; atom.global.min.noftz.v2.bf16 {%h2, %h3}, [%base], {%h0, %h1}; mov.b32 "
               "%value, {%h2, %h3}; bar.sync 0;",
               {0,          0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000,
                0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000,
                0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000,
                0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000,
                0xbf800000, 0xbf800000, 0xbf800000, 0xbf800000},
               "the less of 0 and 1, of 0 and -1"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; mov.u64 %wide, s; cvta.shared.u64 %wide, %wide; "
               "atom.add.release.gpu.u32 %value, [%wide], 1; atom.or.acq_rel.cta.b32 %a, "
               "[%wide+4], 1; ",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "a generic address; the operation before the order"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.acq_rel.gpu.global.inc.u32 %value, [%base], 99; "
               "atom.add.relaxed.cta.u32 %a, [%base+4], 1; atom.acquire.sys.global.add.u32 %a, "
               "[%base+4], 1; bar.sync 0;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "orders and scopes"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; mov.u64 %wide, s; cvta.shared.u64 %wide, %wide; "
               "atom.add.f32 %value, [%wide], 0f00000001;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "a generic address of shared memory keeps subnormals"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; createpolicy.fractional.L2::evict_last.b64 %wide; "
               "atom.global.add.L2::cache_hint.u32 %value, [%base], 1, %wide; bar.sync 0;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "with a cache policy"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; setp.gt.u32 %q, %lane, 29; mov.u32 %value, 7; @%q "
               "atom.shared.add.u32 %value, [s], 1;",
               {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 1},
               "only lanes that execute"},
          },
      .fault_examples =
          {
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; setp.eq.u32 %p, %lane, 6; @%p atom.shared.add.u32 "
               "%value, [s+16], 1;",
               FindingKind::out_of_bounds,
               6,
               "past shared memory"},
              {".shared .align 16 .b8 s[16]; setp.eq.u32 %p, %lane, 0; @%p st.shared.v4.u32 [s], "
               "{0, 0, 0, 0}; bar.sync 0; atom.shared.add.u32 %value, [s+2], 1;",
               FindingKind::misaligned,
               0,
               "shared memory"},
              {".shared .align 16 .b8 s[16]; atom.shared.add.u32 %value, [s], 1;",
               FindingKind::uninitialised_read,
               0,
               "shared memory"},
              {"ld.param.u64 %base, [out]; atom.global.add.u32 %value, [%base], 1;",
               FindingKind::uninitialised_read,
               0,
               "global memory"},
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.v4.u32 [%base], "
               "{0, 0, 0, 0}; bar.sync 0; atom.global.add.v2.f32 {%a, %b}, [%base+4], {0f00000000, "
               "0f00000000};",
               FindingKind::misaligned,
               0,
               "a vector is aligned to its size"},
              {"mov.u64 %base, out; atom.add.u32 %value, [%base], 1;",
               FindingKind::out_of_bounds,
               0,
               "parameters cannot be written"},
          },
  };
}

}  // namespace attest::ptx
