// uninitialised: no byte is read before it was written.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_uninitialised();
Check check_uninitialised() {
  return {
      .name = "uninitialised",
      .sentence =
          "Every byte that is read from shared memory, or from a global buffer that is not an "
          "input, has "
          "been written before.",
      .faults =
          {
              {"shared word never written",
               "mov.u32 %r0, s; st.shared.u32 [%r0], %tid;\nld.shared.u32 %r1, [%r0+4]; //!\n",
               "mov.u32 %r0, s; st.shared.u32 [%r0+4], %tid;\nld.shared.u32 %r1, [%r0+4];\n",
               FindingKind::uninitialised_read,
               {0, 0, 0},
               1,
               false,
               {shared, 4}},
              {"half of a shared word",
               "mov.u32 %r0, s; st.shared.u16 [%r0], %tid;\nld.shared.u32 %r1, [%r0]; //!\n",
               "mov.u32 %r0, s; st.shared.u16 [%r0], %tid; st.shared.u16 [%r0+2], "
               "%tid;\nld.shared.u32 %r1, [%r0];\n",
               FindingKind::uninitialised_read,
               {0, 0, 0},
               1,
               false,
               {shared, 2}},
              {"one lane of a shared run",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; setp.ne.u32 %p0, "
               "%tid, 5;\n"
               "@%p0 st.shared.u32 [%r0], %tid; bar.sync 0;\nld.shared.u32 %r1, [%r0]; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; setp.ne.u32 %p0, "
               "%tid, 5;\n"
               "st.shared.u32 [%r0], %tid; bar.sync 0;\nld.shared.u32 %r1, [%r0];\n",
               FindingKind::uninitialised_read,
               {5, 0, 0},
               64,
               false,
               {shared, 20}},
              {"global scratch",
               "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %raw;\nld.global.u32 %r0, [%d0]; "
               "//!\n",
               "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %raw; st.global.u32 [%d0], "
               "%tid;\nld.global.u32 %r0, [%d0];\n",
               FindingKind::uninitialised_read,
               {0, 0, 0},
               64,
               false,
               {raw, 0}},
              {"last byte of a global word",
               "st.global.u16 [%raw], %tid; st.global.u8 [%raw+2], %tid;\nld.global.u32 %r0, "
               "[%raw]; //!\n",
               "st.global.u16 [%raw], %tid; st.global.u16 [%raw+2], %tid;\nld.global.u32 %r0, "
               "[%raw];\n",
               FindingKind::uninitialised_read,
               {0, 0, 0},
               1,
               false,
               {raw, 0}},
          },
  };
}

}  // namespace attest::ptx
