// atomics: they race with weak accesses, and order others only through fences and scopes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/between_blocks.h"

namespace attest::ptx {
namespace {

// %d0: the thread's own word of its block's half of `out`; %d1: the same of the other block.
constexpr std::string_view kPartials =
    "mov.u32 %r0, s; shl.b32 %r1, %cta, 6; add.u32 %r1, %r1, %tid; mul.wide.u32 %d0, %r1, 4;\n"
    "xor.b64 %d1, %d0, 256; add.u64 %d0, %d0, %out; add.u64 %d1, %d1, %out;\n"
    "setp.eq.u32 %p0, %tid, 0;\n";

}  // namespace

Check check_atomics();
Check check_atomics() {  // NOLINT(readability-function-size): a table
  return {
      .name = "atomics",
      .sentence =
          "Atomic operations do not race with each other, if the scope of each has the other's "
          "thread in it; with a weak access they do. A lock, a ticket or a counter hands data over "
          "only with fences on both sides.",
      .faults =
          {
              {.name = "a weak read beside atomics",
               .body = "red.global.add.u32 [%zero], 1; //?\nsetp.eq.u32 %p0, %cta, 1;\n"
                       "@%p0 ld.global.u32 %r1, [%zero]; //!\n",
               .clean = "red.global.add.u32 [%zero], 1;\nsetp.eq.u32 %p0, %cta, 1;\n"
                        "@%p0 ld.relaxed.gpu.global.u32 %r1, [%zero];\n",
               .kind = FindingKind::global_race,
               .thread = {0, 0, 0},
               .block_threads = 2,
               .has_other_side = true,
               .at = {zero, 0},
               .blocks = 2,
               .block = {1, 0, 0},
               .depends_on_order = true},
              between_blocks({.name = "an increment that is not atomic",
                              .body = "ld.global.u32 %r1, [%zero]; //!\nadd.u32 %r1, %r1, 1;\n"
                                      "st.global.u32 [%zero], %r1; //?\n",
                              .clean = "atom.global.add.u32 %r1, [%zero], 1;\n",
                              .at = {zero, 0}}),
              between_blocks({.name = "atomics of the block's scope from two blocks",
                              .body = "red.relaxed.cta.global.add.u32 [%zero], 1; //! //?\n",
                              .clean = "red.relaxed.gpu.global.add.u32 [%zero], 1;\n",
                              .at = {zero, 0}}),
              {.name = "a counter in shared memory read without a barrier",
               .body = "red.shared.add.u32 [%r0], 1; //?\n@%p1 ld.shared.u32 %r1, [%r0]; //!\n",
               .clean = "red.shared.add.u32 [%r0], 1; bar.sync 0;\n"
                        "@%p1 ld.shared.u32 %r1, [%r0];\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before = "mov.u32 %r0, s; setp.eq.u32 %p0, %tid, 0; setp.eq.u32 %p1, %tid, 32;\n"
                         "@%p0 st.shared.u32 [%r0], %tid; bar.sync 0;\n",
               .depends_on_order = true},
              {.name = "a counter in shared memory set to zero without a barrier",
               .body = "@%p0 st.shared.u32 [%r0], %tid; //?\nred.shared.add.u32 [%r0], 1; //!\n",
               .clean = "@%p0 st.shared.u32 [%r0], %tid; bar.sync 0;\n"
                        "red.shared.add.u32 [%r0], 1;\n",
               .kind = FindingKind::shared_race,
               .thread = {1, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before = "mov.u32 %r0, s; setp.eq.u32 %p0, %tid, 0; mov.u32 %r1, 5;\n"
                         "@%p0 st.shared.u32 [%r0], %r1; bar.sync 0;\n",
               .depends_on_order = true},
              between_blocks(
                  {.name = "a lock released without a fence",
                   .body = "atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                           "@%p0 bra END;\nmembar.gl; ld.global.u32 %r2, [%out]; //!\n"
                           "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2; //?\n"
                           "atom.global.exch.b32 %r3, [%zero], 0;\nEND: mov.u32 %r4, 0;\n",
                   .clean = "atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                            "@%p0 bra END;\nmembar.gl; ld.global.u32 %r2, [%out];\n"
                            "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2;\nmembar.gl;\n"
                            "atom.global.exch.b32 %r3, [%zero], 0;\nEND: mov.u32 %r4, 0;\n",
                   .at = {out, 0},
                   .depends_on_order = true}),
              between_blocks(
                  {.name = "a lock taken without a fence",
                   .body = "atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                           "@%p0 bra END;\nld.global.u32 %r2, [%out]; //!\n"
                           "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2; //?\nmembar.gl;\n"
                           "atom.global.exch.b32 %r3, [%zero], 0;\nEND: mov.u32 %r4, 0;\n",
                   .clean =
                       "atom.acquire.gpu.global.cas.b32 %r1, [%zero], 0, 1;\n"
                       "setp.ne.u32 %p0, %r1, 0; @%p0 bra END;\nld.global.u32 %r2, [%out];\n"
                       "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2;\n"
                       "atom.release.gpu.global.exch.b32 %r3, [%zero], 0;\nEND: mov.u32 %r4, 0;\n",
                   .at = {out, 0},
                   .depends_on_order = true}),
              {.name = "no lock where every lane of a warp adds to one word",
               .body = "ld.global.u32 %r2, [%out]; //?\nadd.u32 %r2, %r2, 1;\n"
                       "st.global.u32 [%out], %r2; //!\n",
               .clean = "AGAIN: atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                        "@%p0 bra AGAIN;\nmembar.gl; ld.global.u32 %r2, [%out];\n"
                        "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2; membar.gl;\n"
                        "atom.global.exch.b32 %r3, [%zero], 0;\n",
               .kind = FindingKind::global_race,
               .block_threads = 32,
               .has_other_side = true,
               .at = {out, 0}},
              {.name = "a lock between lanes of one warp, released without a fence",
               .body = "AGAIN: atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                       "@%p0 bra AGAIN;\nmembar.gl; ld.global.u32 %r2, [%out]; //!\n"
                       "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2; //?\n"
                       "st.volatile.global.u32 [%zero], %r0;\n",
               .clean = "AGAIN: atom.global.cas.b32 %r1, [%zero], 0, 1; setp.ne.u32 %p0, %r1, 0;\n"
                        "@%p0 bra AGAIN;\nmembar.gl; ld.global.u32 %r2, [%out];\n"
                        "add.u32 %r2, %r2, 1; st.global.u32 [%out], %r2; membar.gl;\n"
                        "st.volatile.global.u32 [%zero], %r0;\n",
               .kind = FindingKind::global_race,
               .thread = {1, 0, 0},
               .block_threads = 32,
               .has_other_side = true,
               .at = {out, 0},
               .depends_on_order = true},
              {.name = "partial results and a ticket without a fence",
               .body = "st.global.u32 [%d0], %tid; //?\nbar.sync 0;\n"
                       "@%p0 atom.global.inc.u32 %r2, [%zero], 1; @%p0 st.shared.u32 [%r0], %r2;\n"
                       "bar.sync 0; ld.shared.u32 %r2, [%r0]; setp.eq.u32 %p1, %r2, 1;\n"
                       "@%p1 ld.global.u32 %r3, [%d1]; //!\n",
               .clean = "st.global.u32 [%d0], %tid; bar.sync 0; @%p0 membar.gl;\n"
                        "@%p0 atom.global.inc.u32 %r2, [%zero], 1; @%p0 st.shared.u32 [%r0], %r2;\n"
                        "bar.sync 0; ld.shared.u32 %r2, [%r0]; setp.eq.u32 %p1, %r2, 1;\n"
                        "@%p1 ld.global.u32 %r3, [%d1];\n",
               .kind = FindingKind::global_race,
               .has_other_side = true,
               .at = {out, 0},
               .blocks = 2,
               .block = {1, 0, 0},
               .before = kPartials,
               .depends_on_order = true},
              {.name = "partial results and a ticket without a barrier before it",
               .body = "st.global.u32 [%d0], %tid; //?\n@%p0 membar.gl;\n"
                       "@%p0 atom.global.inc.u32 %r2, [%zero], 1; @%p0 st.shared.u32 [%r0], %r2;\n"
                       "bar.sync 0; ld.shared.u32 %r2, [%r0]; setp.eq.u32 %p1, %r2, 1;\n"
                       "@%p1 ld.global.u32 %r3, [%d1]; //!\n",
               .clean = "st.global.u32 [%d0], %tid; bar.sync 0; @%p0 membar.gl;\n"
                        "@%p0 atom.global.inc.u32 %r2, [%zero], 1; @%p0 st.shared.u32 [%r0], %r2;\n"
                        "bar.sync 0; ld.shared.u32 %r2, [%r0]; setp.eq.u32 %p1, %r2, 1;\n"
                        "@%p1 ld.global.u32 %r3, [%d1];\n",
               .kind = FindingKind::global_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {out, 128},
               .blocks = 2,
               .block = {1, 0, 0},
               .before = kPartials,
               .depends_on_order = true},
          },
  };
}

}  // namespace attest::ptx
