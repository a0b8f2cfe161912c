// mbarrier: barrier objects are initialised, counted within their limits, and waited for.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {
namespace {

// %r0: the object; %r1: each thread's own word, from byte 64 on; %r2: that of the other warp; %d0: a
// word of the input.
constexpr std::string_view kAddresses =
    "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; xor.b32 %r2, %r1, 128; add.u32 %r1, %r1, %r0;\n"
    "add.u32 %r1, %r1, 64; add.u32 %r2, %r2, %r0; add.u32 %r2, %r2, 64;\n"
    "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %in; setp.eq.u32 %p0, %tid, 0;\n";
// And an object of 64 arrivals.
constexpr std::string_view kObject =
    "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; xor.b32 %r2, %r1, 128; add.u32 %r1, %r1, %r0;\n"
    "add.u32 %r1, %r1, 64; add.u32 %r2, %r2, %r0; add.u32 %r2, %r2, 64;\n"
    "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %in; setp.eq.u32 %p0, %tid, 0;\n"
    "@%p0 mbarrier.init.shared.b64 [%r0], 64; bar.sync 0;\n";

}  // namespace

Check check_mbarrier();
Check check_mbarrier() {  // NOLINT(readability-function-size): a table
  return {
      .name = "mbarrier",
      .sentence =
          "An mbarrier is initialised before it is used, with a barrier in between; its counts "
          "stay within their limits; and what it orders is touched after a wait for its phase.",
      .faults =
          {
              {.name = "an arrival without an initialisation",
               .body = "mbarrier.arrive.shared.b64 %d1, [%r0]; //!\n",
               .clean = "@%p0 mbarrier.init.shared.b64 [%r0], 64; bar.sync 0;\n"
                        "mbarrier.arrive.shared.b64 %d1, [%r0];\n",
               .kind = FindingKind::mbarrier_misuse,
               .at = {shared, 0},
               .before = kAddresses},
              {.name = "more arrivals than were expected, in one phase",
               .body = "@%p0 mbarrier.init.shared.b64 [%r0], 3; bar.sync 0;\n"
                       "@%p0 mbarrier.arrive.noComplete.shared.b64 %d1, [%r0], 2;\n"
                       "@%p0 mbarrier.arrive.shared.b64 %d1, [%r0], 2; //!\n",
               .clean = "@%p0 mbarrier.init.shared.b64 [%r0], 4; bar.sync 0;\n"
                        "@%p0 mbarrier.arrive.noComplete.shared.b64 %d1, [%r0], 2;\n"
                        "@%p0 mbarrier.arrive.shared.b64 %d1, [%r0], 2;\n",
               .kind = FindingKind::mbarrier_misuse,
               .at = {shared, 0},
               .before = kAddresses},
              {.name = "a store over an object",
               .body = "@%p0 st.shared.u32 [%r0], %tid; bar.sync 0;\n"
                       "mbarrier.arrive.shared.b64 %d1, [%r0]; //!\n",
               .clean = "@%p0 st.shared.u32 [%r0+8], %tid; bar.sync 0;\n"
                        "mbarrier.arrive.shared.b64 %d1, [%r0];\n",
               .kind = FindingKind::mbarrier_misuse,
               .at = {shared, 0},
               .before = kObject},
              {.name = "an arrival and no wait before the other warp's word is read",
               .body = "st.shared.u32 [%r1], %tid; bar.sync 0; st.shared.u32 [%r1], %tid; //?\n"
                       "mbarrier.arrive.shared.b64 %d1, [%r0];\n"
                       "setp.ge.u32 %p2, %tid, 32;\n@%p2 ld.shared.u32 %r3, [%r2]; //!\n",
               .clean = "st.shared.u32 [%r1], %tid; bar.sync 0; st.shared.u32 [%r1], %tid;\n"
                        "mbarrier.arrive.shared.b64 %d1, [%r0];\n"
                        "WAIT: mbarrier.test_wait.shared.b64 %p1, [%r0], %d1; @!%p1 bra WAIT;\n"
                        "setp.ge.u32 %p2, %tid, 32;\n@%p2 ld.shared.u32 %r3, [%r2];\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 64},
               .before = kObject,
               .depends_on_order = true},
              {.name = "a store between the arrival and the wait",
               .body = "st.shared.u32 [%r1], %tid; bar.sync 0;\n"
                       "mbarrier.arrive.shared.b64 %d1, [%r0];\nst.shared.u32 [%r1], %tid; //?\n"
                       "WAIT: mbarrier.test_wait.shared.b64 %p1, [%r0], %d1; @!%p1 bra WAIT;\n"
                       "setp.ge.u32 %p2, %tid, 32;\n@%p2 ld.shared.u32 %r3, [%r2]; //!\n",
               .clean = "st.shared.u32 [%r1], %tid; bar.sync 0;\n"
                        "st.shared.u32 [%r1], %tid;\nmbarrier.arrive.shared.b64 %d1, [%r0];\n"
                        "WAIT: mbarrier.test_wait.shared.b64 %p1, [%r0], %d1; @!%p1 bra WAIT;\n"
                        "setp.ge.u32 %p2, %tid, 32;\n@%p2 ld.shared.u32 %r3, [%r2];\n",
               .kind = FindingKind::shared_race,
               .thread = {32, 0, 0},
               .has_other_side = true,
               .at = {shared, 64},
               .before = kObject},
              {.name = "a copy that an mbarrier tracks, read without a wait for it",
               .body = "cp.async.ca.shared.global [%r1], [%d0], 4; //?\n"
                       "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; bar.sync 0;\n"
                       "ld.shared.u32 %r3, [%r2]; //!\n",
               .clean =
                   "cp.async.ca.shared.global [%r1], [%d0], 4;\n"
                   "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; bar.sync 0;\n"
                   "WAIT: mbarrier.test_wait.parity.shared.b64 %p1, [%r0], 0; @!%p1 bra WAIT;\n"
                   "ld.shared.u32 %r3, [%r2];\n",
               .kind = FindingKind::async_copy_unwaited,
               .has_other_side = true,
               .at = {shared, 192},
               .before = kObject},
              {.name = "a copy that was issued after the arrival that should track it",
               .body = "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0];\n"
                       "cp.async.ca.shared.global [%r1], [%d0], 4; //?\nbar.sync 0;\n"
                       "WAIT: mbarrier.test_wait.parity.shared.b64 %p1, [%r0], 0; @!%p1 bra WAIT;\n"
                       "ld.shared.u32 %r3, [%r2]; //!\n",
               .clean =
                   "cp.async.ca.shared.global [%r1], [%d0], 4;\n"
                   "cp.async.mbarrier.arrive.noinc.shared.b64 [%r0]; bar.sync 0;\n"
                   "WAIT: mbarrier.test_wait.parity.shared.b64 %p1, [%r0], 0; @!%p1 bra WAIT;\n"
                   "ld.shared.u32 %r3, [%r2];\n",
               .kind = FindingKind::async_copy_unwaited,
               .has_other_side = true,
               .at = {shared, 192},
               .before = kObject},
          },
  };
}

}  // namespace attest::ptx
