// bounds: every access lies inside one allocation and is aligned to its size.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_bounds();
Check check_bounds() {  // NOLINT(readability-function-size): a table
  return {
      .name = "bounds",
      .sentence =
          "Every byte of an access to global or shared memory belongs to one allocation, the "
          "address is "
          "a multiple of the access size, and an input is never written.",
      .faults =
          {
              {"global read past the end",
               "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %in;\nld.global.u32 %r0, [%d0+4]; "
               "//!\n",
               "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %in;\nld.global.u32 %r0, [%d0];\n",
               FindingKind::out_of_bounds,
               {63, 0, 0},
               64,
               false,
               {in, 256}},
              {"global write before the start",
               "st.global.u32 [%out+-4], %tid; //!\n",
               "st.global.u32 [%out], %tid;\n",
               FindingKind::out_of_bounds,
               {0, 0, 0},
               1,
               false,
               {out, -4}},
              {"write to an input",
               "st.global.u32 [%in], %tid; //!\n",
               "st.global.u32 [%out], %tid;\n",
               FindingKind::out_of_bounds,
               {0, 0, 0},
               1,
               false,
               {in, 0}},
              {"misaligned global vector",
               "ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%in+8]; //!\n",
               "ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%in+16];\n",
               FindingKind::misaligned,
               {0, 0, 0},
               64,
               false,
               {in, 8}},
              {"shared write past the end",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 4; add.u32 %r0, %r0, %r1;\nst.shared.u32 "
               "[%r0+16], %tid; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 4; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid;\n",
               FindingKind::out_of_bounds,
               {63, 0, 0},
               64,
               false,
               {shared, 1024}},
              {"misaligned shared read",
               "mov.u32 %r0, s;\nst.shared.u32 [%r0], %tid; bar.sync 0;\nld.shared.u16 %r1, "
               "[%r0+1]; //!\n",
               "mov.u32 %r0, s;\nst.shared.u32 [%r0], %tid; bar.sync 0;\nld.shared.u16 %r1, "
               "[%r0+2];\n",
               FindingKind::misaligned,
               {0, 0, 0},
               1,
               false,
               {shared, 1}},
              {"ldmatrix row past the end",
               "mov.u32 %r0, s; and.b32 %r1, %tid, 7; shl.b32 %r1, %r1, 4; add.u32 %r0, %r0, %r1;\n"
               "shl.b32 %r2, %tid, 2; mov.u32 %r3, s; add.u32 %r2, %r2, %r3; st.shared.u32 [%r2], "
               "%tid; bar.sync 0;\n"
               "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r4}, [%r0+1008]; //!\n",
               "mov.u32 %r0, s; and.b32 %r1, %tid, 7; shl.b32 %r1, %r1, 4; add.u32 %r0, %r0, %r1;\n"
               "shl.b32 %r2, %tid, 2; mov.u32 %r3, s; add.u32 %r2, %r2, %r3; st.shared.u32 [%r2], "
               "%tid; bar.sync 0;\n"
               "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r4}, [%r0];\n",
               FindingKind::out_of_bounds,
               {1, 0, 0},
               32,
               false,
               {shared, 1024}},
          },
  };
}

}  // namespace attest::ptx
