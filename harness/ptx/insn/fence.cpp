// fence: PTX ISA 9.0, 9.7.13.4. Memory is sequentially consistent here, so a fence changes no value;
// it decides what is ordered when others are asked whether they race.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/ordering.h"

namespace attest::ptx {
namespace {

template <bool Acquires, bool Releases, bool IsCta>
const Instr* order(Warp& w, const Instr* i) {
  order_fence(w, w.lanes(*i), {Acquires, Releases, IsCta});
  return i + 1;
}

/// Group 0 is the semantics, group 1 the scope. A cluster has one block here.
Handler scoped(const Match& match, Instr*) {
  const bool is_cta = match.word(1) == "cta" || match.word(1) == "cluster";
  if (match.word(0) == "acquire")
    return is_cta ? order<true, false, true> : order<true, false, false>;
  if (match.word(0) == "release")
    return is_cta ? order<false, true, true> : order<false, true, false>;
  return is_cta ? order<true, true, true> : order<true, true, false>;
}

}  // namespace

Insn insn_fence();
Insn insn_fence() {
  return {
      .opcode = "fence",
      .forms =
          {
              {"fence{.sc|.acq_rel|.acquire|.release}.(cta|cluster|gpu|sys)", scoped},
              {"fence.acquire.sync_restrict::shared::cluster.cluster",
               always<order<true, false, true>>},
              {"fence.release.sync_restrict::shared::cta.cluster",
               always<order<false, true, true>>},
              {"fence.mbarrier_init.release.cluster", always<order<false, true, true>>},
              {"fence.proxy.alias", always<no_effect>},
              {"fence.proxy.async{.global|.shared::cta|.shared::cluster}", always<no_effect>},
              {"fence.proxy.tensormap::generic.release.(cta|cluster|gpu|sys)", always<no_effect>},
              {"fence.proxy.tensormap::generic.acquire.(cta|cluster|gpu|sys) [a], #n",
               always<no_effect>},
              {"fence.proxy.async::generic.acquire.sync_restrict::shared::cluster.cluster",
               always<no_effect>},
              {"fence.proxy.async::generic.release.sync_restrict::shared::cta.cluster",
               always<no_effect>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u32 %value, 5; fence.sc.gpu; fence.acq_rel.cta; fence.sys; fence.proxy.async; "
               "fence.proxy.async.shared::cta; fence.mbarrier_init.release.cluster; add.u32 "
               "%value, %value, 1;",
               std::vector<u32>(32, 6),
               "changes no value"},
          },
  };
}

}  // namespace attest::ptx
