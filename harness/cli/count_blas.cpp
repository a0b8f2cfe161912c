// cuBLAS side by side with the kernels of the pipelines.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/count_blas.h"

#include "harness/judge/operation_judge.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/operation_subject.h"
#include "reference/operation.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <set>

namespace attest {
namespace {

constexpr double kNanosecondsPerMicrosecond = 1e3;

struct Row {
  std::string kernels;
  std::string microseconds;
  std::string registers;
  std::string verdict;
  std::string counted_by;
  bool holds = true;
};

Row failed(const std::string& why) {
  return {"-", "", "", why, ""};
}

Row run_gemm(const Gemm& gemm, const Arithmetic& arithmetic, const Mode& mode, Executor& executor) {
  const Operation operation(gemm);
  const OperationSubject subject = blas_subject(arithmetic, executor);
  if (const auto refusal = subject.refusal(operation)) return failed("refused: " + *refusal);
  const Operands operands = draw_operands(operation);
  auto answer = subject.run(operation, operands, {.mode = mode});
  if (!answer) return failed("not run: " + answer.error().to_string());
  Row row;
  if (!answer->findings.empty()) {
    row = failed("fault: " + describe(answer->findings.front()));
    row.holds = false;
    return row;
  }
  std::int64_t nanoseconds = 0;
  for (const LaunchRecord& launch : answer->launches) {
    row.kernels += (row.kernels.empty() ? "" : ", ") + launch.kernel;
    row.registers += fmt::format("{}{}", row.registers.empty() ? "" : ", ", launch.registers);
    nanoseconds += launch.duration_ns;
  }
  if (nanoseconds > 0) {
    row.microseconds =
        fmt::format("{:.1f}", static_cast<double>(nanoseconds) / kNanosecondsPerMicrosecond);
  }
  const OperationTerms terms = reference_operation(operation, exact_balls(operands));
  const Judgement judgement =
      judge_operation(operation, answer->outputs, terms, arithmetic, subject.arch);
  row.verdict = fmt::format("{} {:.3f}", name(judgement.verdict), judgement.ratio_o);
  row.holds = judgement.verdict == Verdict::agree;
  row.counted_by = answer->counted_by;
  return row;
}

}  // namespace

BlasReport blas_report(const LayerProblem& layer, const DeviceChoice& choice, Context& context) {
  BlasReport report;
  const auto executor = make_executor(choice, context);
  const Mode mode{.arch = choice.gpu_arch(), .device = Device::cuda};
  Table table{{{"cuBLAS for"}, {"kernels"}, {"us", true}, {"registers"}, {"verdict, error/bound"}},
              {}};
  std::set<std::string> seen;
  std::string counted_by = "nobody";
  for (const Pipeline* pipeline : pipelines_by_launches()) {
    auto plan = pipeline->plan(layer);
    if (!plan) continue;
    for (const Stage& stage : plan->stages) {
      const auto* const operation = std::get_if<Operation>(&stage.problem);
      const auto* const gemm = operation != nullptr ? std::get_if<Gemm>(operation) : nullptr;
      if (gemm == nullptr || !seen.insert(to_string(*gemm)).second) continue;
      const Row row = run_gemm(*gemm, stage.arithmetic, mode, *executor);
      report.holds = report.holds && row.holds;
      if (!row.counted_by.empty()) counted_by = row.counted_by;
      table.rows.push_back(
          {to_string(*gemm), row.kernels, row.microseconds, row.registers, row.verdict});
    }
  }
  report.table = fmt::format(
      "\ncuBLAS on {}\nkernels counted by {}\n{}", choice.gpu, counted_by, to_text(table, 2));
  return report;
}

}  // namespace attest
