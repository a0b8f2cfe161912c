// divergence: barriers and .aligned instructions are reached by all lanes of a warp together.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_divergence();
Check check_divergence() {
  return {
      .name = "divergence",
      .sentence =
          "Every lane of a warp that has not ended executes the same barrier, and an .aligned or "
          ".sync "
          "instruction is executed by every lane that it names.",
      .faults =
          {
              {"half of the warp at a barrier",
               "setp.lt.u32 %p0, %tid, 16; @!%p0 bra SKIP;\nbar.sync 0; //!\nSKIP: add.u32 %r0, "
               "%tid, 1;\n",
               "setp.lt.u32 %p0, %tid, 32; @!%p0 bra SKIP;\nadd.u32 %r0, %tid, 2;\nSKIP: bar.sync "
               "0;\n",
               FindingKind::barrier_divergence,
               {0, 0, 0}},
              {"both sides of a branch have a barrier",
               "setp.lt.u32 %p0, %tid, 16; @%p0 bra OTHER;\nbar.sync 0; //!\n"
               "bra END;\nOTHER: bar.sync 0;\nEND: add.u32 %r0, %tid, 1;\n",
               "setp.lt.u32 %p0, %tid, 32; @%p0 bra OTHER;\nbar.sync 0;\nbra END;\nOTHER: bar.sync "
               "0;\nEND: add.u32 %r0, %tid, 1;\n",
               FindingKind::barrier_divergence,
               {16, 0, 0}},
              {"a shuffle that names lanes which have ended their part",
               "setp.lt.u32 %p0, %tid, 16; @!%p0 bra SKIP;\nshfl.sync.idx.b32 %r0, %tid, 0, 31, "
               "0xffffffff; //!\nSKIP: bar.sync 0;\n",
               "setp.lt.u32 %p0, %tid, 16; @!%p0 bra SKIP;\nshfl.sync.idx.b32 %r0, %tid, 0, 31, "
               "0xffff;\nSKIP: bar.sync 0;\n",
               FindingKind::barrier_divergence,
               {0, 0, 0},
               32},
          },
  };
}

}  // namespace attest::ptx
