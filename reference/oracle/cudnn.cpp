// Oracle cudnn: what the graph that cuDNN lowers an attention to says, or its GPU.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/client.h"
#include "reference/oracle/cudnn/sdpa.h"
#include "reference/oracle/oracle.h"

namespace attest {
namespace {

constexpr int kDescribedGpu = 90;

std::optional<std::string> refusal(const Problem& problem) {
  const auto sdpa = as_sdpa(problem);
  return sdpa ? std::nullopt : std::optional(sdpa.error().message);
}

Result<Opinion> run(const Problem& problem) {
  const std::string program = cudnn_program();
  if (program.empty()) return Error{Code::unsupported, "not built", "cudnn"};
  const std::string line = to_string(problem);
  CudnnClient gpu({program, "", true});
  ATTEST_TRY(CudnnAnswer answer, gpu.ask({CudnnAsk::execute, line, 0}));
  if (answer.tier != CudnnTier::executed) {
    CudnnClient described({program, cudnn_plan_folder(program), false});
    ATTEST_TRY(answer, described.ask({CudnnAsk::plan, line, kDescribedGpu}));
  }
  const bool has_opinion = answer.tier == CudnnTier::planned || answer.tier == CudnnTier::executed;
  if (!has_opinion) return Error{Code::unsupported, answer.reason, "cudnn"};
  if (!answer.skipped.empty())
    return Error{Code::unsupported, "planned, graph not evaluated: " + answer.skipped, "cudnn"};
  return Opinion{
      std::string(name(answer.tier)), std::move(answer.opinion.o), std::move(answer.opinion.lse)};
}

}  // namespace

Oracle oracle_cudnn() {
  return {"cudnn",
          "cuDNN's attention: executed on a GPU; without one its plans' graphs in double (planned)",
          [] { return !cudnn_program().empty(); },
          refusal,
          run};
}

}  // namespace attest
