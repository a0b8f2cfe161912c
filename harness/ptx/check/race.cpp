// race: conflicting accesses to shared memory are ordered by a barrier.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {
namespace {

/// All of `s` is written; %r2 is row `lane` of 16 bytes, the same in each warp; %p0: warp 0.
constexpr std::string_view kRowsOfBothWarps =
    "mov.u32 %r0, s; shl.b32 %r1, %tid, 4; add.u32 %r1, %r1, %r0; st.shared.v4.u32 [%r1], {%tid, "
    "%tid, %tid, %tid}; and.b32 %r2, %tid, 31; shl.b32 %r2, %r2, 4; add.u32 %r2, %r2, %r0; "
    "setp.lt.u32 %p0, %tid, 32; bar.sync 0;\n";

}  // namespace

Check check_race();
Check check_race() {  // NOLINT(readability-function-size): a table
  return {
      .name = "race",
      .sentence =
          "Two accesses to the same byte of shared memory by different threads, one of them a "
          "write, have a "
          "barrier between them that both threads pass (bar.sync, or bar.warp.sync within a warp). "
          "The bytes "
          "written do not matter, and shuffles order nothing.",
      .faults =
          {
              {"no barrier between a read and the other warp's write, constant data",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mov.u32 %r2, 7;\n"
               "st.shared.u32 [%r0], %r2; bar.sync 0; bar.sync 0;\n"
               "st.shared.u32 [%r0], %r2; //!\n"
               "xor.b32 %r0, %r0, 128;\nld.shared.u32 %r3, [%r0]; //?\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mov.u32 %r2, 7;\n"
               "st.shared.u32 [%r0], %r2; bar.sync 0; bar.sync 0;\n"
               "st.shared.u32 [%r0], %r2; bar.sync 0;\n"
               "xor.b32 %r0, %r0, 128;\nld.shared.u32 %r3, [%r0];\n",
               FindingKind::shared_race,
               {32, 0, 0},
               64,
               true,
               {shared, 128}},
              {"a swap between warps without a barrier in the middle",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; st.shared.u32 [%r0], "
               "%tid; bar.sync 0;\n"
               "xor.b32 %r2, %r0, 128;\nld.shared.u32 %r3, [%r2]; //!\nst.shared.u32 [%r0], %r3; "
               "//?\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; st.shared.u32 [%r0], "
               "%tid; bar.sync 0;\n"
               "xor.b32 %r2, %r0, 128;\nld.shared.u32 %r3, [%r2]; bar.sync 0;\nst.shared.u32 "
               "[%r0], %r3;\n",
               FindingKind::shared_race,
               {32, 0, 0},
               64,
               true,
               {shared, 0}},
              {"write after write, every thread one word",
               "mov.u32 %r0, s;\nst.shared.u32 [%r0], %tid; //! //?\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid;\n",
               FindingKind::shared_race,
               {1, 0, 0},
               64,
               true,
               {shared, 0}},
              {"within a warp, a shuffle instead of bar.warp.sync",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid; //?\n"
               "shfl.sync.bfly.b32 %r2, %tid, 1, 31, 0xffffffff; xor.b32 %r0, %r0, "
               "4;\nld.shared.u32 %r3, [%r0]; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid;\n"
               "bar.warp.sync 0xffffffff; xor.b32 %r0, %r0, 4;\nld.shared.u32 %r3, [%r0];\n",
               FindingKind::shared_race,
               {0, 0, 0},
               32,
               true,
               {shared, 4}},
              {"bar.warp.sync does not order warps",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid; bar.sync 0;\nst.shared.u32 [%r0], "
               "%tid; //?\n"
               "bar.warp.sync 0xffffffff; xor.b32 %r0, %r0, 128; setp.lt.u32 %p0, %tid, 32;\n@!%p0 "
               "ld.shared.u32 %r3, [%r0]; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u32 [%r0], "
               "%tid; bar.sync 0;\nst.shared.u32 [%r0], "
               "%tid;\n"
               "bar.sync 0; xor.b32 %r0, %r0, 128; setp.lt.u32 %p0, %tid, 32;\n@!%p0 ld.shared.u32 "
               "%r3, [%r0];\n",
               FindingKind::shared_race,
               {32, 0, 0},
               64,
               true,
               {shared, 0}},
              {.name = "a lane overwrites the row of its own ldmatrix, another warp's comes later",
               .body = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2]; //!\n"
                       "@%p0 st.shared.u32 [%r2], %tid; //?\n",
               .clean = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2];\n"
                        "bar.sync 0; @%p0 st.shared.u32 [%r2], %tid;\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before = kRowsOfBothWarps},
              {.name = "a lane overwrites the row of its own ldmatrix, another warp's came before",
               .body = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2]; //?\n"
                       "@!%p0 st.shared.u32 [%r2], %tid; //!\n",
               .clean = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%r2];\n"
                        "bar.sync 0; @!%p0 st.shared.u32 [%r2], %tid;\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 0},
               .before = kRowsOfBothWarps},
              {"bytes of one word",
               "mov.u32 %r0, s; and.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1;\nst.shared.u16 [%r0], "
               "%tid; //! //?\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 1; add.u32 %r0, %r0, %r1;\nst.shared.u16 [%r0], "
               "%tid;\n",
               FindingKind::shared_race,
               {1, 0, 0},
               32,
               true,
               {shared, 0}},
          },
  };
}

}  // namespace attest::ptx
