// nanosleep: PTX ISA 9.0, 9.7.19.2. There is no time here to spend.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_nanosleep();
Insn insn_nanosleep() {
  return {
      .opcode = "nanosleep",
      .forms =
          {
              {"nanosleep.u32 a:32", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; nanosleep.u32 100; nanosleep.u32 %lane; add.u32 %value, %value, "
               "1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
