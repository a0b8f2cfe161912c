// nc_write: what a launch reads with ld.global.nc it does not write.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_nc_write();
Check check_nc_write() {
  return {
      .name = "nc_write",
      .sentence =
          "Bytes that a launch reads through the read-only path, ld.global.nc, are not written by "
          "it: neither a barrier nor being the same thread makes the new value visible there.",
      .faults =
          {
              {.name = "written, then read through .nc",
               .body = "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out;\n"
                       "st.global.u32 [%d0], %tid; //?\nbar.sync 0;\n"
                       "ld.global.nc.u32 %r0, [%d0]; //!\n",
               .clean = "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out;\n"
                        "st.global.u32 [%d0], %tid; bar.sync 0;\nld.global.u32 %r0, [%d0];\n",
               .kind = FindingKind::nc_write,
               .has_other_side = true,
               .at = {out, 0}},
              {.name = "read through .nc, then written",
               .body = "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out;\n"
                       "ld.global.nc.u32 %r0, [%d0]; //?\nbar.sync 0;\n"
                       "st.global.u32 [%d0], %r0; //!\n",
               .clean = "mul.wide.u32 %d0, %tid, 4; add.u64 %d0, %d0, %out;\n"
                        "ld.global.nc.u32 %r0, [%d0]; bar.sync 0;\nst.global.u32 [%d0+256], %r0;\n",
               .kind = FindingKind::nc_write,
               .has_other_side = true,
               .at = {out, 0}},
          },
  };
}

}  // namespace attest::ptx
