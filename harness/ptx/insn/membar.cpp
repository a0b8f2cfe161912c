// membar: PTX ISA 9.0, 9.7.13.4. Memory is sequentially consistent here: what a fence orders is so.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_membar();
Insn insn_membar() {
  return {
      .opcode = "membar",
      .forms =
          {
              {"membar.(cta|gl|sys)", always<no_effect>},
              {"membar.proxy.(alias|async)", always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; membar.cta; membar.gl; membar.sys; membar.proxy.alias; add.u32 "
               "%value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes no value"},
          },
  };
}

}  // namespace attest::ptx
