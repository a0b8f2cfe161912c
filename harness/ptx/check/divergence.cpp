// divergence: barriers and .aligned instructions are reached by all lanes of a warp together.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_divergence();
Check check_divergence() {  // NOLINT(readability-function-size): a table
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
              {.name = "a tensor-core instruction with half of the warp",
               .body =
                   "@%p0 mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, "
                   "{%r1, %r1, %r1, %r1}, {%r1, %r1}, {%f4, %f4, %f4, %f4}; //!\n",
               .clean = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, "
                        "{%r1, %r1, %r1, %r1}, {%r1, %r1}, {%f4, %f4, %f4, %f4};\n",
               .kind = FindingKind::barrier_divergence,
               .block_threads = 32,
               .before = "setp.lt.u32 %p0, %tid, 16; mov.u32 %r1, 0; mov.f32 %f4, 0f00000000;\n"},
              {.name = "ldmatrix on one side of a branch",
               .body =
                   "@%p0 bra SKIP;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r3}, [%r2]; //!\n"
                   "SKIP: add.u32 %r4, %tid, 1;\n",
               .clean = "@%p0 bra SKIP;\nadd.u32 %r4, %tid, 2;\n"
                        "SKIP: ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r3}, [%r2];\n",
               .kind = FindingKind::barrier_divergence,
               .thread = {8, 0, 0},
               .block_threads = 32,
               .before = "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r1, %r1, %r0;\n"
                         "st.shared.u32 [%r1], %tid; and.b32 %r2, %tid, 7; shl.b32 %r2, %r2, 4;\n"
                         "add.u32 %r2, %r2, %r0; bar.sync 0; setp.lt.u32 %p0, %tid, 8;\n"},
              {.name = "a vote that names lanes which do not vote",
               .body = "@!%p0 bra SKIP;\nvote.sync.ballot.b32 %r1, %p0, 0x1ffff; //!\nSKIP: "
                       "bar.sync 0;\n",
               .clean =
                   "@!%p0 bra SKIP;\nvote.sync.ballot.b32 %r1, %p0, 0xffff;\nSKIP: bar.sync 0;\n",
               .kind = FindingKind::barrier_divergence,
               .block_threads = 32,
               .before = "setp.lt.u32 %p0, %tid, 16;\n"},
              {.name = "bar.warp.sync by a lane outside its mask",
               .body = "bar.warp.sync 0xfffffdff; //!\n",
               .clean = "bar.warp.sync 0xffffffff;\n",
               .kind = FindingKind::barrier_divergence,
               .thread = {9, 0, 0},
               .block_threads = 32},
              {.name = "a barrier of a number of threads that is not whole warps",
               .body = "bar.sync 1, 48; //!\n",
               .clean = "bar.sync 1, 64;\n",
               .kind = FindingKind::barrier_divergence},
              {.name = "warps that say different numbers of threads",
               .body = "add.u32 %r1, %r0, 32;\nbar.sync 1, %r1; //!\n",
               .clean = "mov.u32 %r1, 64;\nbar.sync 1, %r1;\n",
               .kind = FindingKind::barrier_divergence,
               .thread = {32, 0, 0},
               .before = "and.b32 %r0, %tid, 32; add.u32 %r0, %r0, 32;\n"},
          },
  };
}

}  // namespace attest::ptx
