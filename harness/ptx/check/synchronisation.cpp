// synchronisation: what a thread hands to others is released after it is written and acquired before
// it is read.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/between_blocks.h"

namespace attest::ptx {
namespace {

// Block 0 writes a word and a flag; block 1 reads the word if it sees the flag.
constexpr std::string_view kTwoBlocks =
    "mov.u32 %r0, 7; mov.u32 %r1, 1; setp.eq.u32 %p0, %cta, 0; @!%p0 bra READ;\n";

// The same without a fault: by a release and an acquire, and by two fences.
constexpr std::string_view kReleased =
    "st.global.u32 [%out], %r0;\nst.release.gpu.global.u32 [%zero], %r1;\n"
    "bra END;\n"
    "READ: ld.acquire.gpu.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
    "@%p1 bra END;\nld.global.u32 %r3, [%out];\nEND: mov.u32 %r4, 0;\n";
constexpr std::string_view kFenced =
    "st.global.u32 [%out], %r0; membar.gl; st.volatile.global.u32 [%zero], %r1;\n"
    "bra END;\n"
    "READ: ld.volatile.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
    "@%p1 bra END;\nmembar.gl; ld.global.u32 %r3, [%out];\n"
    "END: mov.u32 %r4, 0;\n";

}  // namespace

Check check_synchronisation();
Check check_synchronisation() {  // NOLINT(readability-function-size): a table
  return {
      .name = "synchronisation",
      .sentence =
          "What one thread writes and another reads is handed over by a release after the write "
          "and an acquire before the read, or by fences in these places, at a scope that has both "
          "threads in it; the flag itself is accessed by strong operations.",
      .faults =
          {
              between_blocks(
                  {.name = "a flag without release",
                   .body =
                       "st.global.u32 [%out], %r0; //?\nst.relaxed.gpu.global.u32 [%zero], %r1;\n"
                       "bra END;\n"
                       "READ: ld.acquire.gpu.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                       "@%p1 bra END;\nld.global.u32 %r3, [%out]; //!\nEND: mov.u32 %r4, 0;\n",
                   .clean = kReleased,
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a flag without acquire",
                   .body =
                       "st.global.u32 [%out], %r0; //?\nst.release.gpu.global.u32 [%zero], %r1;\n"
                       "bra END;\n"
                       "READ: ld.relaxed.gpu.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                       "@%p1 bra END;\nld.global.u32 %r3, [%out]; //!\nEND: mov.u32 %r4, 0;\n",
                   .clean =
                       "st.global.u32 [%out], %r0;\nst.release.gpu.global.u32 [%zero], %r1;\n"
                       "bra END;\n"
                       "READ: ld.relaxed.gpu.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                       "@%p1 bra END;\nfence.acq_rel.gpu; ld.global.u32 %r3, [%out];\n"
                       "END: mov.u32 %r4, 0;\n",
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "released before it is written",
                   .body =
                       "st.release.gpu.global.u32 [%zero], %r1;\nst.global.u32 [%out], %r0; //?\n"
                       "bra END;\n"
                       "READ: ld.acquire.gpu.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                       "@%p1 bra END;\nld.global.u32 %r3, [%out]; //!\nEND: mov.u32 %r4, 0;\n",
                   .clean = kReleased,
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a volatile flag without a fence before it",
                   .body = "st.global.u32 [%out], %r0; //?\nst.volatile.global.u32 [%zero], %r1;\n"
                           "bra END;\n"
                           "READ: ld.volatile.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                           "@%p1 bra END;\nmembar.gl; ld.global.u32 %r3, [%out]; //!\n"
                           "END: mov.u32 %r4, 0;\n",
                   .clean = kFenced,
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a fence of the block between blocks",
                   .body = "st.global.u32 [%out], %r0; //?\nmembar.cta;\n"
                           "st.volatile.global.u32 [%zero], %r1;\nbra END;\n"
                           "READ: ld.volatile.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                           "@%p1 bra END;\nmembar.gl; ld.global.u32 %r3, [%out]; //!\n"
                           "END: mov.u32 %r4, 0;\n",
                   .clean = kFenced,
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a fence before the word instead of after it",
                   .body =
                       "membar.gl; st.global.u32 [%out], %r0; //?\nst.volatile.global.u32 [%zero], "
                       "%r1;\nbra END;\n"
                       "READ: ld.volatile.global.u32 %r2, [%zero]; setp.eq.u32 %p1, %r2, 0;\n"
                       "@%p1 bra END;\nmembar.gl; ld.global.u32 %r3, [%out]; //!\n"
                       "END: mov.u32 %r4, 0;\n",
                   .clean = kFenced,
                   .at = {out, 0},
                   .before = kTwoBlocks,
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a weak store of the flag",
                   .body =
                       "st.global.u32 [%out], %r0; membar.gl;\nst.global.u32 [%zero], %r1; //?\n"
                       "bra END;\nREAD: ld.acquire.gpu.global.u32 %r2, [%zero]; //!\n"
                       "END: mov.u32 %r4, 0;\n",
                   .clean = "st.global.u32 [%out], %r0; membar.gl;\n"
                            "st.relaxed.gpu.global.u32 [%zero], %r1;\nbra END;\n"
                            "READ: ld.acquire.gpu.global.u32 %r2, [%zero];\nEND: mov.u32 %r4, 0;\n",
                   .at = {zero, 0},
                   .before = kTwoBlocks}),
              between_blocks(
                  {.name = "an acquire of the block's scope between blocks",
                   .body =
                       "st.global.u32 [%out], %r0;\nst.release.gpu.global.u32 [%zero], %r1; //?\n"
                       "bra END;\nREAD: ld.acquire.cta.global.u32 %r2, [%zero]; //!\n"
                       "END: mov.u32 %r4, 0;\n",
                   .clean = "st.global.u32 [%out], %r0;\nst.release.gpu.global.u32 [%zero], %r1;\n"
                            "bra END;\nREAD: ld.acquire.gpu.global.u32 %r2, [%zero];\n"
                            "END: mov.u32 %r4, 0;\n",
                   .at = {zero, 0},
                   .before = kTwoBlocks}),
              {.name = "a flag in shared memory without fences, between warps",
               .body =
                   "@%p0 st.shared.u32 [%r0], %r1; //?\n@%p0 st.volatile.shared.u32 [%r0+4], %r1;\n"
                   "@%p1 ld.volatile.shared.u32 %r2, [%r0+4]; @%p1 setp.ne.u32 %p2, %r2, 0;\n"
                   "@%p2 ld.shared.u32 %r3, [%r0]; //!\n",
               .clean = "@%p0 st.shared.u32 [%r0], %r1; @%p0 membar.cta;\n"
                        "@%p0 st.volatile.shared.u32 [%r0+4], %r1;\n"
                        "@%p1 ld.volatile.shared.u32 %r2, [%r0+4]; @%p1 setp.ne.u32 %p2, %r2, 0;\n"
                        "@%p2 membar.cta; @%p2 ld.shared.u32 %r3, [%r0];\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before =
                   "mov.u32 %r0, s; mov.u32 %r1, 1; mov.u32 %r2, 0; setp.eq.u32 %p0, %tid, 0;\n"
                   "setp.eq.u32 %p1, %tid, 32; setp.eq.u32 %p2, %tid, 64;\n"
                   "@%p0 st.shared.u32 [%r0], %r2; @%p0 st.shared.u32 [%r0+4], %r2; bar.sync 0;\n",
               .depends_on_order = true},
              {.name = "a barrier of the wrong warps",
               .body = "st.shared.u32 [%r0], %tid; //!\nbar.sync %r2, 64; xor.b32 %r0, %r0, 256;\n"
                       "ld.shared.u32 %r3, [%r0]; //?\n",
               .clean = "st.shared.u32 [%r0], %tid;\nbar.sync %r2, 64; xor.b32 %r0, %r0, 128;\n"
                        "ld.shared.u32 %r3, [%r0];\n",
               .kind = FindingKind::shared_race,
               .thread = {96, 0, 0},
               .block_threads = 128,
               .has_other_side = true,
               .at = {shared, 384},
               .before = "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\n"
                         "shr.u32 %r2, %tid, 6; add.u32 %r2, %r2, 1;\n"
                         "st.shared.u32 [%r0], %tid; bar.sync 0;\n"},
              {.name = "the side that should wait only arrives",
               .body = "@%p0 st.shared.u32 [%r0], %tid; //?\n@%p0 bar.sync 1, 64;\n"
                       "@!%p0 bar.arrive 1, 64;\n@!%p0 ld.shared.u32 %r3, [%r2]; //!\n",
               .clean = "@%p0 st.shared.u32 [%r0], %tid; @%p0 bar.arrive 1, 64;\n"
                        "@!%p0 bar.sync 1, 64;\n@!%p0 ld.shared.u32 %r3, [%r2];\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before = "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\n"
                         "xor.b32 %r2, %r0, 128; setp.lt.u32 %p0, %tid, 32;\n"
                         "st.shared.u32 [%r0], %tid; bar.sync 0;\n"},
          },
  };
}

}  // namespace attest::ptx
