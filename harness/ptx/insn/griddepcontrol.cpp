// griddepcontrol: PTX ISA 9.0, 9.7.13.13. Launches run one after the other: nothing to wait for.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_griddepcontrol();
Insn insn_griddepcontrol() {
  return {
      .opcode = "griddepcontrol",
      .forms =
          {
              {"griddepcontrol.(launch_dependents|wait)", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; griddepcontrol.wait; griddepcontrol.launch_dependents; add.u32 "
               "%value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes nothing"},
          },
  };
}

}  // namespace attest::ptx
