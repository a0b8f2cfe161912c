// fence: PTX ISA 9.0, 9.7.13.4. Memory is sequentially consistent here: what a fence orders is so.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

Insn insn_fence();
Insn insn_fence() {
  return {
      .opcode = "fence",
      .forms =
          {
              {"fence{.sc|.acq_rel|.acquire|.release}.(cta|cluster|gpu|sys)", always<no_effect>},
              {"fence.acquire.sync_restrict::shared::cluster.cluster", always<no_effect>},
              {"fence.release.sync_restrict::shared::cta.cluster", always<no_effect>},
              {"fence.mbarrier_init.release.cluster", always<no_effect>},
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
