// undefined: a register has a value before it decides anything.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_undefined();
Check check_undefined() {  // NOLINT(readability-function-size): a table
  return {
      .name = "undefined",
      .sentence =
          "No register that was never written, nor what is computed from one, is an address, the "
          "guard of an instruction, an index of a branch, or stored.",
      .faults =
          {
              {"stored as it is",
               "st.global.u32 [%out], %r1; //!\n",
               "mov.u32 %r1, 7; st.global.u32 [%out], %r1;\n",
               FindingKind::undefined_register,
               {0, 0, 0},
               1},
              {"as an address",
               "add.u64 %d1, %d0, 0;\nld.global.u32 %r1, [%d1]; //!\n",
               "mov.u64 %d0, %out; add.u64 %d1, %d0, 0;\nld.global.u32 %r1, [%d1];\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"as a shared address",
               "st.shared.u32 [%r1], %tid; //!\n",
               "mov.u32 %r1, s; shl.b32 %r2, %tid, 2; add.u32 %r1, %r1, %r2;\n"
               "st.shared.u32 [%r1], %tid;\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"as a guard",
               "@%p0 mov.u32 %r1, 1; //!\n",
               "setp.eq.u32 %p0, %tid, 3; @%p0 mov.u32 %r1, 1;\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"as the guard of a branch",
               "setp.lt.u32 %p0, %r1, 5;\n@%p0 bra OUT; //!\nmov.u32 %r2, 1;\nOUT: mov.u32 %r3, "
               "1;\n",
               "mov.u32 %r1, 3; setp.lt.u32 %p0, %r1, 5;\n@%p0 bra OUT;\nmov.u32 %r2, 1;\nOUT: "
               "mov.u32 %r3, 1;\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"as the index of a branch",
               "T: .branchtargets A, B;\nbrx.idx %r1, T; //!\nA: mov.u32 %r2, 1;\nB: mov.u32 %r3, "
               "1;\n",
               "and.b32 %r1, %tid, 1; T: .branchtargets A, B;\nbrx.idx %r1, T;\nA: mov.u32 %r2, "
               "1;\nB: mov.u32 %r3, 1;\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"written in some threads only",
               "setp.ne.u32 %p0, %tid, 41; @%p0 mov.u32 %r1, 1;\nshl.b32 %r2, %tid, 2; mov.b64 "
               "%d0, {%r2, 0}; add.u64 %d0, %d0, %out;\nst.global.u32 [%d0], %r1; //!\n",
               "setp.ne.u32 %p0, %tid, 41; @%p0 mov.u32 %r1, 1;\nshl.b32 %r2, %tid, 2; mov.b64 "
               "%d0, {%r2, 0}; add.u64 %d0, %d0, %out;\n@%p0 st.global.u32 [%d0], %r1;\n",
               FindingKind::undefined_register,
               {41, 0, 0}},
              {"written on one path only",
               "setp.lt.u32 %p0, %tid, 48; @%p0 bra SET; bra USE;\nSET: mov.u32 %r1, %tid;\n"
               "USE: shl.b32 %r2, %tid, 2; mov.u32 %r3, s; add.u32 %r2, %r2, %r3;\n"
               "st.shared.u32 [%r2], %r1; //!\n",
               "mov.u32 %r1, 0; setp.lt.u32 %p0, %tid, 48; @%p0 bra SET; bra USE;\nSET: mov.u32 "
               "%r1, %tid;\nUSE: shl.b32 %r2, %tid, 2; mov.u32 %r3, s; add.u32 %r2, %r2, %r3;\n"
               "st.shared.u32 [%r2], %r1;\n",
               FindingKind::undefined_register,
               {48, 0, 0}},
              {"through arithmetic",
               "fma.rn.f32 %f1, %f0, %f0, 0f3F800000; cvt.rzi.s32.f32 %r1, %f1; mul.lo.u32 %r2, "
               "%r1, 3;\nst.global.u32 [%out], %r2; //!\n",
               "mov.f32 %f0, 0f40000000; fma.rn.f32 %f1, %f0, %f0, 0f3F800000; cvt.rzi.s32.f32 "
               "%r1, %f1; mul.lo.u32 %r2, %r1, 3;\nst.global.u32 [%out], %r2;\n",
               FindingKind::undefined_register,
               {0, 0, 0},
               1},
              {"the half of a word that is stored",
               ".reg .b16 %h<2>; mov.b16 %h0, 1; mov.b32 %r1, {%h0, %h1};\n"
               "st.global.u32 [%out], %r1; //!\n",
               ".reg .b16 %h<2>; mov.b16 %h0, 1; mov.b32 %r1, {%h0, %h1};\n"
               "st.global.u16 [%out], %r1; and.b32 %r2, %r1, 0xffff; st.global.u32 [%out+4], "
               "%r2;\n",
               FindingKind::undefined_register,
               {0, 0, 0},
               1},
              {"from another lane",
               "setp.ne.u32 %p0, %tid, 4; @%p0 mov.u32 %r1, %tid;\n"
               "shfl.sync.bfly.b32 %r2, %r1, 1, 31, 0xffffffff;\nshl.b32 %r3, %tid, 2; mov.b64 "
               "%d0, {%r3, 0}; add.u64 %d0, %d0, %out;\nst.global.u32 [%d0], %r2; //!\n",
               "setp.ne.u32 %p0, %tid, 4; @%p0 mov.u32 %r1, %tid;\n"
               "shfl.sync.bfly.b32 %r2, %r1, 1, 31, 0xffffffff;\nshl.b32 %r3, %tid, 2; mov.b64 "
               "%d0, {%r3, 0}; add.u64 %d0, %d0, %out;\nsetp.ne.u32 %p1, %tid, 5; @%p1 "
               "st.global.u32 [%d0], %r2;\n",
               FindingKind::undefined_register,
               {5, 0, 0},
               32},
              {"the one that selp takes",
               "setp.lt.u32 %p0, %tid, 9; selp.b32 %r2, 1, %r1, %p0;\nshl.b32 %r3, %tid, 2; "
               "mov.b64 %d0, {%r3, 0}; add.u64 %d0, %d0, %out;\nst.global.u32 [%d0], %r2; //!\n",
               "setp.lt.u32 %p0, %tid, 64; selp.b32 %r2, 1, %r1, %p0;\nshl.b32 %r3, %tid, 2; "
               "mov.b64 %d0, {%r3, 0}; add.u64 %d0, %d0, %out;\nst.global.u32 [%d0], %r2;\n",
               FindingKind::undefined_register,
               {9, 0, 0}},
              {"a condition that nothing decides",
               "setp.lt.u32 %p1, %r1, 3; setp.lt.u32 %p0, %tid, 40; and.pred %p2, %p0, %p1;\n"
               "@%p2 mov.u32 %r2, 1; //!\n",
               "setp.lt.u32 %p1, %r1, 3; setp.gt.u32 %p0, %tid, 64; and.pred %p2, %p0, %p1;\n"
               "@%p2 mov.u32 %r2, 1;\n",
               FindingKind::undefined_register,
               {0, 0, 0}},
              {"a row of a matrix",
               "mov.f32 %f0, 0f00000000; mov.f32 %f1, 0f00000000; mov.f32 %f2, 0f00000000; mov.f32 "
               "%f3, 0f00000000;\nmov.u32 %r1, 0; mov.u32 %r2, 0; setp.ne.u32 %p0, %tid, 9; @%p0 "
               "mov.u32 %r3, 0; mov.u32 %r4, 0; mov.u32 %r5, 0; mov.u32 %r6, 0;\n"
               "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, {%r3, %r4, "
               "%r5, %r6}, {%r1, %r2}, {%f0, %f1, %f2, %f3};\nshl.b32 %r7, %tid, 2; mov.b64 %d0, "
               "{%r7, 0}; add.u64 %d0, %d0, %out;\nst.global.f32 [%d0], %f0; //!\n",
               "mov.f32 %f0, 0f00000000; mov.f32 %f1, 0f00000000; mov.f32 %f2, 0f00000000; mov.f32 "
               "%f3, 0f00000000;\nmov.u32 %r1, 0; mov.u32 %r2, 0; setp.ne.u32 %p0, %tid, 9; @%p0 "
               "mov.u32 %r3, 0; mov.u32 %r4, 0; mov.u32 %r5, 0; mov.u32 %r6, 0;\n"
               "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, {%r3, %r4, "
               "%r5, %r6}, {%r1, %r2}, {%f0, %f1, %f2, %f3};\nshl.b32 %r7, %tid, 2; mov.b64 %d0, "
               "{%r7, 0}; add.u64 %d0, %d0, %out;\nsetp.lt.u32 %p1, %tid, 8; @%p1 st.global.f32 "
               "[%d0], %f0;\n",
               FindingKind::undefined_register,
               {8, 0, 0},
               32},
              {"the second time round",
               "mov.u32 %r1, 0;\nAGAIN: setp.eq.u32 %p0, %r1, 0; @%p0 bra SKIP;\n"
               "st.global.u32 [%out], %r2; //!\nSKIP: add.u32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, "
               "2; "
               "@%p1 bra AGAIN;\n",
               "mov.u32 %r1, 0;\nAGAIN: setp.eq.u32 %p0, %r1, 0; @!%p0 st.global.u32 [%out], %r2;\n"
               "mov.u32 %r2, 5; add.u32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, 2; @%p1 bra AGAIN;\n",
               FindingKind::undefined_register,
               {0, 0, 0},
               1},
          },
  };
}

}  // namespace attest::ptx
