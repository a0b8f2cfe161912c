// cvta: PTX ISA 9.0, 9.7.9.20. Shared and local memory are windows in the generic space; addresses
// of global memory and of parameters are generic ones already.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u64 same(u64 a) {
  return a;
}
template <u64 kWindow>
u64 to_generic(u64 a) {
  return a + kWindow;
}
template <u64 kWindow>
u64 from_generic(u64 a) {
  return a - kWindow;
}

}  // namespace

Insn insn_cvta();
Insn insn_cvta() {
  return {
      .opcode = "cvta",
      .forms =
          {
              {"cvta.(global|param|param::entry).u64 d:64, a:64", always<lift<same, u64, u64>>},
              {"cvta.(shared|shared::cta).u64 d:64, a:64",
               always<lift<to_generic<kSharedWindow>, u64, u64>>},
              {"cvta.local.u64 d:64, a:64", always<lift<to_generic<kLocalWindow>, u64, u64>>},
              {"cvta.to.(global|param|param::entry).u64 d:64, a:64", always<lift<same, u64, u64>>},
              {"cvta.to.(shared|shared::cta).u64 d:64, a:64",
               always<lift<from_generic<kSharedWindow>, u64, u64>>},
              {"cvta.to.local.u64 d:64, a:64", always<lift<from_generic<kLocalWindow>, u64, u64>>},
          },
      .examples =
          {
              {"cvta.to.global.u64 d:64, a:64",
               {0x7f0000000100u},
               {0x7f0000000100u},
               "global addresses are generic ones"},
              {"cvta.global.u64 d:64, a:64",
               {0x7f0000000100u},
               {0x7f0000000100u},
               "global addresses are generic ones"},
              {"cvta.shared.u64 d:64, a:64", {0x40}, {0x7e0000000040u}, "window of shared memory"},
              {"cvta.to.shared.u64 d:64, a:64", {0x7e0000000040u}, {0x40}, "and back"},
              {"cvta.local.u64 d:64, a:64", {8}, {0x7d0000000008u}, "window of local memory"},
              {"cvta.to.local.u64 d:64, a:64", {0x7d0000000008u}, {8}, "and back"},
              {"cvta.param.u64 d:64, a:64",
               {0x7c0000000010u},
               {0x7c0000000010u},
               "the name of a parameter stands for its generic address"},
              {"cvta.to.param.u64 d:64, a:64",
               {0x7c0000000010u},
               {0x7c0000000010u},
               "and so it stays"},
          },
  };
}

}  // namespace attest::ptx
