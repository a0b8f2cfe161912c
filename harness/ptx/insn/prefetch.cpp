// prefetch: PTX ISA 9.0, 9.7.9.15. A hint: there is no cache, and no address is checked.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_prefetch();
Insn insn_prefetch() {
  return {
      .opcode = "prefetch",
      .forms =
          {
              {"prefetch{.global|.local}.(L1|L2) [a]", always<no_effect>},
              {"prefetch.global.(L2::evict_last|L2::evict_normal) [a]", always<no_effect>},
              {"prefetch{.const|.param}.tensormap [a]", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; prefetch.global.L2 [%at]; prefetch.L1 [%at]; prefetch.tensormap "
               "[%at+64]; add.u32 %value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
