// prefetchu: PTX ISA 9.0, 9.7.9.15. A hint: there is no cache, and no address is checked.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_prefetchu();
Insn insn_prefetchu() {
  return {
      .opcode = "prefetchu",
      .forms =
          {
              {"prefetchu.L1 [a]", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; prefetchu.L1 [%at]; add.u32 %value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
