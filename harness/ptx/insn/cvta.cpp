// cvta: PTX ISA 9.0, 9.7.9.20. Shared and local memory are windows in the generic space; addresses
// of global and constant memory and of parameters are generic ones already.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/memory/windows.h"

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

/// Modules have 64-bit addresses.
Handler refused(const Match&, Instr*) {
  return nullptr;
}

#define ATTEST_SAME "(global|const|param|param::entry)"
#define ATTEST_SHARED "(shared|shared::cta|shared::cluster)"

}  // namespace

Insn insn_cvta();
Insn insn_cvta() {
  return {
      .opcode = "cvta",
      .forms =
          {
              {"cvta." ATTEST_SAME ".u64 d:64, a:64", always<lift<same, u64, u64>>},
              {"cvta." ATTEST_SHARED ".u64 d:64, a:64",
               always<lift<to_generic<kSharedWindow>, u64, u64>>},
              {"cvta.local.u64 d:64, a:64", always<lift<to_generic<kLocalWindow>, u64, u64>>},
              {"cvta.to." ATTEST_SAME ".u64 d:64, a:64", always<lift<same, u64, u64>>},
              {"cvta.to." ATTEST_SHARED ".u64 d:64, a:64",
               always<lift<from_generic<kSharedWindow>, u64, u64>>},
              {"cvta.to.local.u64 d:64, a:64", always<lift<from_generic<kLocalWindow>, u64, u64>>},
              {"cvta{.to}.(global|const|param|param::entry|local|shared|shared::cta|"
               "shared::cluster).u32 d:32, a:32",
               refused},
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
              {"cvta.const.u64 d:64, a:64",
               {0x7f0000001000u},
               {0x7f0000001000u},
               "constant ones too"},
              {"cvta.to.const.u64 d:64, a:64", {0x7f0000001000u}, {0x7f0000001000u}, "and back"},
              {"cvta.to.shared::cta.u64 d:64, a:64", {0x7e0000000040u}, {0x40}, "of the block"},
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
