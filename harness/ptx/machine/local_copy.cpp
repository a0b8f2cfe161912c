// Copies within each lane's local memory.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/local_copy.h"

#include "harness/ptx/machine/cta.h"

namespace attest::ptx {

const Instr* copy_local(Warp& w, const Instr* i) {
  for (std::uint32_t m = w.lanes(*i); m != 0; m &= m - 1) {
    const auto lane = static_cast<std::uint32_t>(__builtin_ctz(m));
    w.cta->local().copy(w.index * kLanes + lane,
                        static_cast<std::uint64_t>(i->imm),
                        static_cast<std::uint64_t>(i->imm2),
                        i->op[0]);
  }
  return i + 1;
}

}  // namespace attest::ptx
