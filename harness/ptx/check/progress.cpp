// progress: a launch ends.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_progress();
Check check_progress() {
  return {
      .name = "progress",
      .sentence =
          "A launch ends within its limit of warp instructions, and no warp waits at a barrier "
          "that cannot "
          "be completed.",
      .faults =
          {
              {"a loop without an end",
               "AGAIN: add.u32 %r0, %r0, 1; //!\nbra AGAIN;\n",
               "mov.u32 %r0, 0;\nAGAIN: add.u32 %r0, %r0, 1;\nsetp.lt.u32 %p0, %r0, 100; @%p0 bra "
               "AGAIN;\n",
               FindingKind::no_progress,
               {0, 0, 0},
               1},
              {"warps at different barriers",
               "setp.lt.u32 %p0, %tid, 32; @%p0 bra OTHER;\nbar.sync 1;\nbra END;\nOTHER: bar.sync "
               "2; //!\nEND: add.u32 %r0, %tid, 1;\n",
               "setp.lt.u32 %p0, %tid, 32; @%p0 bra OTHER;\nbar.sync 1;\nbra END;\nOTHER: bar.sync "
               "1;\nEND: add.u32 %r0, %tid, 1;\n",
               FindingKind::no_progress,
               {0, 0, 0}},
              {.name = "a barrier of more threads than the block has",
               .body = "bar.sync 1, 96; //!\n",
               .clean = "bar.sync 1, 64;\n",
               .kind = FindingKind::no_progress},
              {.name = "a flag that nobody sets",
               .body = "AGAIN: ld.volatile.global.u32 %r1, [%zero]; //!\n"
                       "setp.eq.u32 %p0, %r1, 0; @%p0 bra AGAIN;\n",
               .clean = "AGAIN: ld.volatile.global.u32 %r1, [%out];\n"
                        "setp.eq.u32 %p0, %r1, 0; @%p0 bra AGAIN;\n",
               .kind = FindingKind::no_progress,
               .block_threads = 1},
          },
  };
}

}  // namespace attest::ptx
