// membar: PTX ISA 9.0, 9.7.13.4; .cta is fence.sc.cta, .gl fence.sc.gpu, .sys fence.sc.sys.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/ordering.h"

namespace attest::ptx {
namespace {

template <bool IsCta>
const Instr* order(Warp& w, const Instr* i) {
  order_fence(w, w.lanes(*i), {true, true, IsCta});
  return i + 1;
}

Handler scoped(const Match& match, Instr*) {
  return match.word(0) == "cta" ? order<true> : order<false>;
}

}  // namespace

Insn insn_membar();
Insn insn_membar() {
  return {
      .opcode = "membar",
      .forms =
          {
              {"membar.(cta|gl|sys)", scoped},
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
