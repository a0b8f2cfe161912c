// The examples of ld: spaces, widths, orders, and what is at fault.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/ld.h"

#include <cstdint>

namespace attest::ptx {

using u32 = std::uint32_t;

std::vector<WarpExample> ld_warp_examples() {  // NOLINT(readability-function-size): a table
  return {
      {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
       "%b; add.u32 %c, %lane, 5; "
       "st.shared.u32 [%a], %c; bar.sync 0; xor.b32 %a, %a, 4; ld.shared.u32 %value, [%a];",
       {6,  5,  8,  7,  10, 9,  12, 11, 14, 13, 16, 15, 18, 17, 20, 19,
        22, 21, 24, 23, 26, 25, 28, 27, 30, 29, 32, 31, 34, 33, 36, 35},
       "neighbours swap through shared memory"},
      {"mov.b64 %base, out; ld.param.u64 %wide, [%base]; ld.param.u64 %base, [out]; "
       "setp.eq.u64 %p, %wide, %base; mov.u32 %value, 0; @%p mov.u32 %value, 1;",
       {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
       "a parameter through its address and by name"},
      {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
       "%b; "
       "mov.u32 %c, 0xfffe80ff; st.shared.u32 [%a], %c; ld.shared.s32 %wide, [%a]; "
       "mov.b64 {%c, %value}, %wide;",
       {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       "a wider register takes the sign"},
      {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
       "%b; "
       "mov.u32 %c, 0xfffe80ff; st.shared.u32 [%a], %c; ld.shared.u32 %wide, [%a]; "
       "mov.b64 {%c, %value}, %wide; ld.shared.s16 %wide, [%a]; mov.b64 {%c, %b}, %wide; "
       "add.u32 %value, %value, %c;",
       {0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
        0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
        0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
        0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
        0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff},
       "zeros above u32; the sign of s16"},
      {"ld.param.u32 %wide, [out]; ld.param.u64 %base, [out]; mov.b64 {%a, %b}, %base; "
       "mov.b64 {%c, %value}, %wide; sub.u32 %c, %c, %a; or.b32 %value, %value, %c;",
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
       "the low half of a parameter, zeros above"},
      {".local .align 16 .b8 s[16]; st.local.v4.u32 [s], {%lane, 2, 3, 0x80ff}; ld.local.v4.f32 "
       "{%a, %b, %c, %value}, [s]; ld.local.s16 %b, [s+12]; add.u32 %value, %value, %b; add.u32 "
       "%value, %value, %a;",
       // 0x80ff + 0xffff80ff + lane
       {0x1fe, 0x1ff, 0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207, 0x208,
        0x209, 0x20a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20f, 0x210, 0x211, 0x212, 0x213,
        0x214, 0x215, 0x216, 0x217, 0x218, 0x219, 0x21a, 0x21b, 0x21c, 0x21d},
       "a vector of local memory"},
      {".local .align 8 .b8 depot[32]; .reg .b64 %SP, %SPL; mov.b64 %SPL, depot; cvta.local.u64 "
       "%SP, %SPL; add.u64 %wide, %SP, 8; st.u32 [%wide], %lane; cvta.to.local.u64 %wide, %wide; "
       "ld.local.u32 %value, [%SPL+8]; ld.local.u32 %a, [%wide]; add.u32 %value, %value, %a;",
       {0,  2,  4,  6,  8,  10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
        32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62},
       "a stack frame as compilers write it"},
      {".shared .align 16 .b8 s[128]; .local .align 4 .b8 t[4]; shl.b32 %a, %lane, 2; mov.u32 %b, "
       "s; add.u32 %b, %a, %b; st.shared.u32 [%b], 100; st.local.u32 [t], 200; mov.u64 %wide, t; "
       "cvta.local.u64 %wide, %wide; and.b32 %c, %lane, 1; setp.eq.u32 %p, %c, 0; mov.b64 %base, "
       "{%a, 0}; .reg .b64 %s; mov.u64 %s, s; add.u64 %s, %s, %base; cvta.shared.u64 %s, %s; "
       "selp.b64 %wide, %s, %wide, %p; ld.u32 %value, [%wide];",
       {100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200,
        100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200},
       "generic addresses of two spaces in one warp"},
      {"mov.u64 %base, out; cvta.param.u64 %base, %base; ld.u64 %wide, [%base]; ld.param.u64 "
       "%base, [out]; sub.u64 %wide, %wide, %base; mov.b64 {%value, %a}, %wide;",
       std::vector<u32>(32, 0),
       "a parameter through its generic address"},
      {".reg .b16 %h<4>; ld.param.v2.u8 {%h0, %h1}, [out]; ld.param.u16 %h2, [out]; "
       "ld.param.v2.b32 "
       "{%a, %b}, [out]; mov.b32 %c, {%h2, 0}; and.b32 %d, %a, 0xffff; sub.u32 %value, %c, %d; "
       "mov.b32 %c, {%h1, %h0}; and.b32 %d, %a, 0xff; shl.b32 %d, %d, 16; shr.u32 %a, %a, 8; "
       "and.b32 %a, %a, 0xff; or.b32 %d, %d, %a; sub.u32 %c, %c, %d; or.b32 %value, %value, %c;",
       std::vector<u32>(32, 0),
       "parts of a parameter are its bytes, lowest first"},
      {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 3; mov.u32 %b, s; add.u32 %a, %a, %b; "
       "st.volatile.shared.u32 [%a], 7; st.relaxed.cta.shared::cta.u32 [%a+4], 9; "
       "ld.acquire.cta.shared.u32 %c, [%a]; ld.volatile.shared.v2.u16 {%b, %d}, [%a+4]; add.u32 "
       "%value, %b, %c;",
       std::vector<u32>(32, 16),
       "strong accesses of shared memory"},
      {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 3; mov.u32 %b, s; add.u32 %a, %a, %b; "
       "mov.b64 %wide, {%lane, 5}; st.shared.b64 [%a], %wide; ld.shared.v4.u16 {%b, _, %c, _}, "
       "[%a]; add.u32 %value, %b, %c;",
       {5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36},
       "four halves, two of them dropped"},
      {"ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; add.u64 "
       "%base, %base, %wide; st.global.v2.u32 [%base], {%lane, 3}; .reg .b64 %e<2>; "
       "ld.global.cv.v2.s32 {%e0, %e1}, [%base]; add.u64 %e0, %e0, %e1; ld.global.lu.u8 %a, "
       "[%base+4]; mov.b64 {%value, %b}, %e0; add.u32 %value, %value, %a;",
       {6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37},
       "a vector in wider registers; cache operators"},
      {"ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; add.u64 "
       "%base, %base, %wide; st.global.u64 [%base], %wide; ld.mmio.relaxed.sys.global.u32 %value, "
       "[%base]; ld.volatile.global.L2::64B.u32 %a, [%base+4]; add.u32 %value, %value, %a;",
       {0,   8,   16,  24,  32,  40,  48,  56,  64,  72,  80,  88,  96,  104, 112, 120,
        128, 136, 144, 152, 160, 168, 176, 184, 192, 200, 208, 216, 224, 232, 240, 248},
       "volatile and mmio"},
  };
}

std::vector<FaultExample> ld_fault_examples() {  // NOLINT(readability-function-size): a table
  return {
      {".local .align 8 .b8 s[8]; st.local.u32 [s], 1; ld.local.u32 %value, [s+4];",
       FindingKind::uninitialised_read,
       0,
       "local memory"},
      {".local .align 8 .b8 s[8]; setp.ne.u32 %p, %lane, 3; @%p st.local.u32 [s], 1; ld.local.u32 "
       "%value, [s];",
       FindingKind::uninitialised_read,
       3,
       "the local memory of one lane"},
      {".local .align 8 .b8 s[8]; ld.local.u32 %value, [s+8];",
       FindingKind::out_of_bounds,
       0,
       "past local memory"},
      {".local .align 8 .b8 s[8]; mov.u32 %a, s; ld.local.u32 %value, [%a+-4];",
       FindingKind::out_of_bounds,
       0,
       "before local memory"},
      {".local .align 16 .b8 s[32]; ld.local.v4.u32 {%a, %b, %c, %value}, [s+8];",
       FindingKind::misaligned,
       0,
       "a vector of local memory"},
      {"ld.param.u32 %value, [out+8];", FindingKind::out_of_bounds, 0, "past the parameters"},
      {"ld.param.u32 %value, [out+2];", FindingKind::misaligned, 0, "a parameter"},
      {"setp.gt.u32 %p, %lane, 4; mov.u64 %base, out; @%p ld.param.u64 %wide, [%base+8];",
       FindingKind::out_of_bounds,
       5,
       "past the parameters, by a register"},
      {"mov.u64 %base, out; ld.param.u32 %value, [%base+1];",
       FindingKind::misaligned,
       0,
       "a parameter, by a register"},
      {"mov.u64 %base, out; ld.u64 %wide, [%base+8];",
       FindingKind::out_of_bounds,
       0,
       "past the parameters, by a generic address"},
      {".local .align 8 .b8 s[8]; mov.u64 %base, s; cvta.local.u64 %base, %base; ld.u32 %value, "
       "[%base];",
       FindingKind::uninitialised_read,
       0,
       "local memory by a generic address"},
      {".shared .align 8 .b8 s[8]; mov.u64 %base, s; cvta.shared.u64 %base, %base; ld.u32 %value, "
       "[%base];",
       FindingKind::uninitialised_read,
       0,
       "shared memory by a generic address"},
      {".shared .align 8 .b8 s[8]; mov.u64 %base, s; cvta.shared.u64 %base, %base; ld.u32 %value, "
       "[%base+8];",
       FindingKind::out_of_bounds,
       0,
       "past shared memory, by a generic address"},
      {"mov.u64 %base, 0; ld.u32 %value, [%base];",
       FindingKind::out_of_bounds,
       0,
       "a null pointer"},
      {"ld.param.u64 %base, [out]; ld.u32 %value, [%base+1];",
       FindingKind::misaligned,
       0,
       "a generic address of global memory"},
      {"ld.param.u64 %base, [out]; ld.u32 %value, [%base];",
       FindingKind::uninitialised_read,
       0,
       "global memory by a generic address"},
  };
}

}  // namespace attest::ptx
