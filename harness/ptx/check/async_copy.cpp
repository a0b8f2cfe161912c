// async_copy: bytes of an asynchronous copy are touched only after the wait.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_async_copy();
Check check_async_copy() {  // NOLINT(readability-function-size): a table
  return {
      .name = "async_copy",
      .sentence =
          "Shared bytes that an asynchronous copy writes are read or written only after its thread "
          "has "
          "waited for it, and by other threads only after a barrier that follows the wait.",
      .faults =
          {
              {"read without a wait",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mul.wide.u32 %d0, "
               "%tid, 4; add.u64 %d0, %d0, %in;\n"
               "cp.async.ca.shared.global [%r0], [%d0], 4; "
               "//?\ncp.async.commit_group;\nld.shared.u32 %r2, [%r0]; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mul.wide.u32 %d0, "
               "%tid, 4; add.u64 %d0, %d0, %in;\n"
               "cp.async.ca.shared.global [%r0], [%d0], 4;\ncp.async.commit_group; "
               "cp.async.wait_group 0;\nld.shared.u32 %r2, [%r0];\n",
               FindingKind::async_copy_unwaited,
               {0, 0, 0},
               64,
               true,
               {shared, 0}},
              {"wait for the group before",
               "mov.u32 %r0, s; cp.async.cg.shared.global [%r0], [%in], 16; "
               "cp.async.commit_group;\n"
               "cp.async.cg.shared.global [%r0+16], [%in+16], 16; //?\ncp.async.commit_group; "
               "cp.async.wait_group 1;\n"
               "ld.shared.u32 %r2, [%r0];\nld.shared.u32 %r3, [%r0+16]; //!\n",
               "mov.u32 %r0, s; cp.async.cg.shared.global [%r0], [%in], 16; "
               "cp.async.commit_group;\n"
               "cp.async.cg.shared.global [%r0+16], [%in+16], 16;\ncp.async.commit_group; "
               "cp.async.wait_group 0;\n"
               "ld.shared.u32 %r2, [%r0];\nld.shared.u32 %r3, [%r0+16];\n",
               FindingKind::async_copy_unwaited,
               {0, 0, 0},
               1,
               true,
               {shared, 16}},
              {"overwritten before the wait",
               "mov.u32 %r0, s;\ncp.async.cg.shared.global [%r0], [%in], 16; "
               "//?\ncp.async.commit_group;\nst.shared.u32 [%r0+8], %tid; //!\n",
               "mov.u32 %r0, s;\ncp.async.cg.shared.global [%r0], [%in], "
               "16;\ncp.async.wait_all;\nst.shared.u32 [%r0+8], %tid;\n",
               FindingKind::async_copy_unwaited,
               {0, 0, 0},
               1,
               true,
               {shared, 8}},
              {"waited for, but no barrier before another thread reads",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mul.wide.u32 %d0, "
               "%tid, 4; add.u64 %d0, %d0, %in;\n"
               "cp.async.ca.shared.global [%r0], [%d0], 4; //?\ncp.async.wait_all; xor.b32 %r0, "
               "%r0, 4;\nld.shared.u32 %r2, [%r0]; //!\n",
               "mov.u32 %r0, s; shl.b32 %r1, %tid, 2; add.u32 %r0, %r0, %r1; mul.wide.u32 %d0, "
               "%tid, 4; add.u64 %d0, %d0, %in;\n"
               "cp.async.ca.shared.global [%r0], [%d0], 4;\ncp.async.wait_all; bar.sync 0; xor.b32 "
               "%r0, %r0, 4;\nld.shared.u32 %r2, [%r0];\n",
               FindingKind::shared_race,
               {0, 0, 0},
               32,
               true,
               {shared, 4}},
          },
  };
}

}  // namespace attest::ptx
