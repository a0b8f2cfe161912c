// isspacep: PTX ISA 9.0, 9.7.9.19. Parameters of a kernel lie in the global window too.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/memory/windows.h"

namespace attest::ptx {
namespace {

template <u64 kWindow>
bool is_in(u64 address) {
  return is_in_window(address, kWindow);
}

bool is_constant(const Warp& w, u64 address) {
  const Allocation* a = w.cta->grid().memory().find(address, address + 1);
  return a != nullptr && a->is_constant;
}
bool is_global(const Warp& w, u64 address) {
  return !is_in<kSharedWindow>(address) && !is_in<kLocalWindow>(address) &&
         !is_constant(w, address);
}

/// Constant variables lie among the global ones, so the memory is asked.
template <bool (*kIs)(const Warp&, u64)>
const Instr* ask(Warp& w, const Instr* i) {
  const auto* addresses = w.row<const u64>(i->op[1]);
  u32 holds = 0;
  for (int l = 0; l < kLanes; ++l)
    holds |= static_cast<u32>(kIs(w, addresses[l])) << l;
  write_predicate(w, i->op[0], w.lanes(*i), holds);
  return i + 1;
}

}  // namespace

Insn insn_isspacep();
Insn insn_isspacep() {
  return {
      .opcode = "isspacep",
      .forms =
          {
              {"isspacep.const p:p, a:64", always<ask<is_constant>>},
              {"isspacep.global p:p, a:64", always<ask<is_global>>},
              {"isspacep.(shared|shared::cta|shared::cluster) p:p, a:64",
               always<lift_predicate<is_in<kSharedWindow>, u64>>},
              {"isspacep.local p:p, a:64", always<lift_predicate<is_in<kLocalWindow>, u64>>},
              {"isspacep.(param|param::entry) p:p, a:64",
               always<lift_predicate<is_in<kParamWindow>, u64>>},
          },
      .examples =
          {
              {"isspacep.const p:p, a:64", {0x7f0000000100u}, {0}, "no variable of .const"},
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
