// isspacep: PTX ISA 9.0, 9.7.9.19. Parameters of a kernel lie in the global window too.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

template <u64 kWindow>
bool is_in(u64 address) {
  return address - kWindow < u64{1} << 32;
}

bool is_global(u64 address) {
  return !is_in<kSharedWindow>(address) && !is_in<kLocalWindow>(address);
}

}  // namespace

Insn insn_isspacep();
Insn insn_isspacep() {
  return {
      .opcode = "isspacep",
      .forms =
          {
              {"isspacep.global p:p, a:64", always<lift_predicate<is_global, u64>>},
              {"isspacep.(shared|shared::cta) p:p, a:64",
               always<lift_predicate<is_in<kSharedWindow>, u64>>},
              {"isspacep.local p:p, a:64", always<lift_predicate<is_in<kLocalWindow>, u64>>},
              {"isspacep.(param|param::entry) p:p, a:64",
               always<lift_predicate<is_in<kParamWindow>, u64>>},
          },
      .examples =
          {
              {"isspacep.global p:p, a:64", {0x7f0000000100u}, {1}, "an allocation"},
              {"isspacep.global p:p, a:64", {0x7e0000000000u}, {0}, "shared memory"},
              {"isspacep.global p:p, a:64", {0x7d00ffffffffu}, {0}, "local memory"},
              {"isspacep.global p:p, a:64", {0x7c0000000008u}, {1}, "a parameter of the kernel"},
              {"isspacep.shared p:p, a:64", {0x7e00ffffffffu}, {1}, "the window's last byte"},
              {"isspacep.shared p:p, a:64", {0x7e0100000000u}, {0}, "beyond the window"},
              {"isspacep.shared::cta p:p, a:64", {0x7dffffffffffu}, {0}, "before the window"},
              {"isspacep.local p:p, a:64", {0x7d0000000000u}, {1}, "the window's first byte"},
              {"isspacep.local p:p, a:64", {0x7e0000000000u}, {0}, "shared memory"},
              {"isspacep.param p:p, a:64", {0x7c0000000008u}, {1}, "a parameter of the kernel"},
              {"isspacep.param p:p, a:64", {0x7f0000000100u}, {0}, "an allocation"},
          },
  };
}

}  // namespace attest::ptx
