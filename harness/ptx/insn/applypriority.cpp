// applypriority: PTX ISA 9.0, 9.7.9.16. A hint: there is no cache, and no address is checked.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_applypriority();
Insn insn_applypriority() {
  return {
      .opcode = "applypriority",
      .forms =
          {
              {"applypriority{.global}.L2::evict_normal [a], #n", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; applypriority.global.L2::evict_normal [%at], 128; add.u32 "
               "%value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
