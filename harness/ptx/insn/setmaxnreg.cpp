// setmaxnreg: PTX ISA 9.0, 9.7.19.5. Registers are not scarce here.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_setmaxnreg();
Insn insn_setmaxnreg() {
  return {
      .opcode = "setmaxnreg",
      .forms = {{"setmaxnreg.(inc|dec).sync.aligned.u32 #n", always<no_effect>}},
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; setmaxnreg.dec.sync.aligned.u32 40; "
               "setmaxnreg.inc.sync.aligned.u32 232; add.u32 %value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
