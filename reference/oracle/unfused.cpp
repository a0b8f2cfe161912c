// Oracle unfused: attention step by step in the kernel's dtype.
// SPDX-License-Identifier: Apache-2.0
#include "reference/unfused.h"

#include "harness/problem/data.h"
#include "reference/oracle/oracle.h"

namespace attest {
namespace {

std::optional<std::string> refusal(const Problem& problem) {
  return score_extra(problem);
}

Result<Opinion> run(const Problem& problem) {
  UnfusedAttention answer = unfused_attention(problem, draw_inputs(problem));
  return Opinion{"unfused", std::move(answer.o), std::move(answer.lse)};
}

}  // namespace

Oracle oracle_unfused() {
  return {"unfused",
          "the same mathematics step by step, each step stored in the kernel's dtype",
          [] { return true; },
          refusal,
          run};
}

}  // namespace attest
