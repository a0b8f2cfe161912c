// global_race: conflicting accesses to global memory within a launch are ordered.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_global_race();
Check check_global_race() {  // NOLINT(readability-function-size): a table
  return {
      .name = "global_race",
      .sentence =
          "Two accesses to the same byte of global memory by different threads of one launch, one "
          "of them a write, are ordered: by a barrier within a block, by releases and acquires "
          "between blocks. The bytes written do not matter.",
      .faults =
          {
              {.name = "two blocks write one word, constant data",
               .body = "mov.u32 %r0, 7;\nst.global.u32 [%out], %r0; //! //?\n",
               .clean = "mov.u32 %r0, 7; mul.wide.u32 %d0, %cta, 4; add.u64 %d0, %d0, %out;\n"
                        "st.global.u32 [%d0], %r0;\n",
               .kind = FindingKind::global_race,
               .block_threads = 1,
               .has_other_side = true,
               .at = {out, 0},
               .blocks = 2,
               .block = {1, 0, 0}},
              {.name = "one block writes what the other reads, and a barrier does not order blocks",
               .body =
                   "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out; setp.eq.u32 %p0, %cta, 0;\n"
                   "@%p0 st.global.u32 [%d0+128], %tid; //?\nbar.sync 0;\n"
                   "@!%p0 ld.global.u32 %r0, [%d0+128]; //!\n",
               .clean =
                   "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out; setp.eq.u32 %p0, %cta, 0;\n"
                   "@%p0 st.global.u32 [%d0+128], %tid;\nbar.sync 0;\n"
                   "@%p0 ld.global.u32 %r0, [%d0+128];\n",
               .kind = FindingKind::global_race,
               .has_other_side = true,
               .at = {out, 128},
               .blocks = 2,
               .block = {1, 0, 0}},
              {.name = "each block reads the words that the other then overwrites, constant data",
               .body = "mul.wide.u32 %d0, %tid, 4; mul.wide.u32 %d1, %cta, 128; add.u64 %d1, %d1, "
                       "%out;\n"
                       "add.u64 %d2, %d1, %d0; xor.b64 %d1, %d2, 128; mov.u32 %r1, 0x01010101;\n"
                       "ld.global.u32 %r0, [%d1]; //!\nst.global.u32 [%d2], %r1; //?\n",
               .clean = "mul.wide.u32 %d0, %tid, 4; mul.wide.u32 %d1, %cta, 128; add.u64 %d1, %d1, "
                        "%out;\n"
                        "add.u64 %d2, %d1, %d0; xor.b64 %d1, %d2, 128; mov.u32 %r1, 0x01010101;\n"
                        "ld.global.u32 %r0, [%d1];\nst.global.u32 [%d2+256], %r1;\n",
               .kind = FindingKind::global_race,
               .block_threads = 32,
               .has_other_side = true,
               .at = {out, 0},
               .blocks = 2,
               .block = {1, 0, 0}},
              {.name = "a word that three blocks read and one of them writes",
               .body = "ld.global.u32 %r0, [%out+64]; //?\nsetp.eq.u32 %p0, %cta, 2;\n"
                       "@%p0 st.global.u32 [%out+64], %r0; //!\n",
               .clean = "ld.global.u32 %r0, [%out+64];\nsetp.eq.u32 %p0, %cta, 2;\n"
                        "@%p0 st.global.u32 [%out+68], %r0;\n",
               .kind = FindingKind::global_race,
               .block_threads = 1,
               .has_other_side = true,
               .at = {out, 64},
               .blocks = 3,
               .block = {2, 0, 0}},
              {.name = "warps of one block without a barrier",
               .body = "mul.wide.u32 %d0, %tid, 4; xor.b64 %d1, %d0, 128; add.u64 %d0, %d0, %out;\n"
                       "add.u64 %d1, %d1, %out; setp.lt.u32 %p0, %tid, 32;\n"
                       "@%p0 st.global.u32 [%d0], %tid; //?\n"
                       "@!%p0 ld.global.u32 %r0, [%d1]; //!\n",
               .clean =
                   "mul.wide.u32 %d0, %tid, 4; xor.b64 %d1, %d0, 128; add.u64 %d0, %d0, %out;\n"
                   "add.u64 %d1, %d1, %out; setp.lt.u32 %p0, %tid, 32;\n"
                   "@%p0 st.global.u32 [%d0], %tid; bar.sync 0;\n"
                   "@!%p0 ld.global.u32 %r0, [%d1];\n",
               .kind = FindingKind::global_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {out, 0}},
              {.name = "lanes of one warp without bar.warp.sync",
               .body = "mul.wide.u32 %d0, %tid, 4; xor.b64 %d1, %d0, 4; add.u64 %d0, %d0, %out;\n"
                       "add.u64 %d1, %d1, %out;\nst.global.u32 [%d0], %tid; //?\n"
                       "ld.global.u32 %r0, [%d1]; //!\n",
               .clean = "mul.wide.u32 %d0, %tid, 4; xor.b64 %d1, %d0, 4; add.u64 %d0, %d0, %out;\n"
                        "add.u64 %d1, %d1, %out;\nst.global.u32 [%d0], %tid; bar.warp.sync -1;\n"
                        "ld.global.u32 %r0, [%d1];\n",
               .kind = FindingKind::global_race,
               .block_threads = 32,
               .has_other_side = true,
               .at = {out, 4}},
              {.name = "bytes of one word",
               .body = "mul.wide.u32 %d0, %cta, 1; add.u64 %d0, %d0, %out;\n"
                       "st.global.u8 [%d0], %cta; //!\nst.global.u8 [%d0+1], %cta; //?\n",
               .clean = "mul.wide.u32 %d0, %cta, 2; add.u64 %d0, %d0, %out;\n"
                        "st.global.u8 [%d0], %cta;\nst.global.u8 [%d0+1], %cta;\n",
               .kind = FindingKind::global_race,
               .block_threads = 1,
               .has_other_side = true,
               .at = {out, 1},
               .blocks = 2,
               .block = {1, 0, 0}},
              {.name = "the last word of another block's vector",
               .body = "setp.eq.u32 %p0, %cta, 0;\n"
                       "@%p0 st.global.v4.u32 [%out+16], {%tid, %tid, %tid, %tid}; //?\n"
                       "@!%p0 st.global.u32 [%out+28], %tid; //!\n",
               .clean = "setp.eq.u32 %p0, %cta, 0;\n"
                        "@%p0 st.global.v4.u32 [%out+16], {%tid, %tid, %tid, %tid};\n"
                        "@!%p0 st.global.u32 [%out+32], %tid;\n",
               .kind = FindingKind::global_race,
               .block_threads = 1,
               .has_other_side = true,
               .at = {out, 28},
               .blocks = 2,
               .block = {1, 0, 0}},
          },
  };
}

}  // namespace attest::ptx
