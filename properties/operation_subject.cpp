// A kernel of an operation on an executor, and the reference rounded to the dtype.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_subject.h"

#include "harness/base/check.h"
#include "properties/buffers.h"
#include "reference/operation.h"

#include <algorithm>
#include <span>
#include <utility>

namespace attest {
namespace {

constexpr auto kFirstOutput = static_cast<std::size_t>(OperationBuffer::c);

OperationBuffer output_at(std::size_t part) {
  return static_cast<OperationBuffer>(kFirstOutput + part);
}

/// Outputs as they lie before a run: every byte is `dirt`.
OperationOutputs dirty_outputs(const Operation& operation, std::uint8_t dirt) {
  OperationOutputs outputs;
  if (holds_bytes(operation, OperationBuffer::c)) {
    const std::int64_t size = buffer_bytes(operation, OperationBuffer::c);
    outputs.bytes.assign(static_cast<std::size_t>(size), dirt);
    return outputs;
  }
  for (std::size_t part = 0; std::cmp_less(part, split(operation)); ++part) {
    HostTensor& c =
        outputs.c.emplace_back(poisoned_tensor(buffer_layout(operation, output_at(part))));
    std::fill(c.bytes.begin(), c.bytes.end(), std::byte{dirt});
  }
  return outputs;
}

/// In the order of OperationBuffer.
std::vector<BufferSpec> buffers(const Operation& operation, const Operands& operands) {
  std::vector<BufferSpec> specs = {input_buffer("a", operands.a.bytes),
                                   input_buffer("b", operands.b.bytes),
                                   input_buffer("bias", operands.bias.bytes),
                                   input_buffer("mask", std::as_bytes(std::span(operands.mask)))};
  for (std::size_t part = 0; part < static_cast<std::size_t>(kMaxSplit); ++part) {
    const OperationBuffer buffer = output_at(part);
    specs.push_back(output_buffer(std::string(name(buffer)), buffer_bytes(operation, buffer)));
  }
  return specs;
}

/// Copies what an executor returned; a run that ended early may have returned nothing.
void take(const Execution& execution, OperationOutputs& outputs) {
  const bool is_faulty = !execution.findings.empty();
  ATTEST_CHECK(is_faulty || execution.buffers.size() == std::size_t{kOperationBuffers});
  if (execution.buffers.size() != std::size_t{kOperationBuffers}) return;
  const auto fits = [&](std::size_t at, std::size_t size) {
    const bool is_whole = execution.buffers[at].size() == size;
    ATTEST_CHECK(is_whole || is_faulty);
    return is_whole;
  };
  for (std::size_t part = 0; part < outputs.c.size(); ++part) {
    const std::size_t at = kFirstOutput + part;
    if (fits(at, outputs.c[part].bytes.size())) outputs.c[part].bytes = execution.buffers[at];
  }
  if (outputs.bytes.empty() || !fits(kFirstOutput, outputs.bytes.size())) return;
  std::transform(execution.buffers[kFirstOutput].begin(),
                 execution.buffers[kFirstOutput].end(),
                 outputs.bytes.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
}

/// Runs what `job` launches or calls; `what` names it in findings.
Result<OperationAnswer> run_job(Job job,
                                const std::string& what,
                                Executor& executor,
                                const Operation& operation,
                                const Operands& operands,
                                const Conditions& conditions) {
  OperationAnswer answer;
  answer.outputs = dirty_outputs(operation, conditions.dirt);
  job.buffers = buffers(operation, operands);
  job.mode = conditions.mode;
  job.counts_traffic = true;
  job.dirt = conditions.dirt;
  ATTEST_TRY(Execution execution, executor.run(job));
  take(execution, answer.outputs);
  answer.launches = std::move(execution.launches);
  answer.findings = std::move(execution.findings);
  answer.counted_by = std::move(execution.counted_by);
  for (std::size_t part = 0; answer.findings.empty() && part < answer.outputs.c.size(); ++part) {
    auto finding = changed_gap(
        std::string(name(output_at(part))), answer.outputs.c[part], conditions.dirt, what);
    if (finding) answer.findings.push_back(std::move(*finding));
  }
  return answer;
}

Result<OperationAnswer> run_kernel(const OperationSpec& kernel,
                                   Executor& executor,
                                   const Operation& operation,
                                   const Operands& operands,
                                   const Conditions& conditions) {
  Job job;
  job.launches = {kernel.plan(kernel.image, operation)};
  const std::string entry = job.launches.front().entry;
  return run_job(std::move(job), entry, executor, operation, operands, conditions);
}

Result<std::vector<BlasCall>> blas_calls(const Operation& operation) {
  const auto* const gemm = std::get_if<Gemm>(&operation);
  if (gemm == nullptr) return Error{Code::unsupported, "no GEMM", to_string(operation)};
  return gemm_arguments(*gemm);
}

Result<OperationAnswer> run_reference(const Operation& operation,
                                      const Operands& operands,
                                      const Conditions& conditions) {
  OperationAnswer answer;
  answer.outputs = dirty_outputs(operation, conditions.dirt);
  const OperationTerms terms = reference_operation(operation, exact_balls(operands));
  if (!answer.outputs.bytes.empty()) {
    std::transform(
        terms.value.begin(), terms.value.end(), answer.outputs.bytes.begin(), [](double value) {
          return static_cast<std::uint8_t>(value);
        });
    return answer;
  }
  const auto [batch, heads, m, n] = terms.shape;
  const std::int64_t columns = n / split(operation);
  std::size_t element = 0;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          HostTensor& c = answer.outputs.c[static_cast<std::size_t>(j / columns)];
          c.set_bits(b, h, i, j % columns, encode(dtype(operation), terms.value[element++]));
        }
      }
    }
  }
  return answer;
}

}  // namespace

OperationSubject kernel_subject(const OperationSpec& kernel, Executor& executor) {
  OperationSubject subject;
  subject.name = kernel.name;
  subject.arch = target_of(kernel.image.ptx);
  subject.arithmetic = kernel.arithmetic;
  subject.refusal = kernel.refusal;
  subject.run = [&kernel, &executor](const Operation& operation,
                                     const Operands& operands,
                                     const Conditions& conditions) {
    return run_kernel(kernel, executor, operation, operands, conditions);
  };
  return subject;
}

OperationSubject blas_subject(const Arithmetic& arithmetic, Executor& executor) {
  OperationSubject subject;
  subject.name = "cuBLAS";
  subject.arch = "sm_80";
  subject.arithmetic = [arithmetic](const Operation&) { return arithmetic; };
  subject.refusal = [](const Operation& operation) -> std::optional<std::string> {
    const auto calls = blas_calls(operation);
    return calls ? std::nullopt : std::optional(calls.error().message);
  };
  subject.run = [&executor](const Operation& operation,
                            const Operands& operands,
                            const Conditions& conditions) -> Result<OperationAnswer> {
    Job job;
    ATTEST_TRY(job.calls, blas_calls(operation));
    return run_job(std::move(job), "cuBLAS", executor, operation, operands, conditions);
  };
  return subject;
}

OperationSubject reference_operation_subject() {
  OperationSubject subject;
  subject.name = "reference";
  subject.arch = "sm_80";
  subject.arithmetic = [](const Operation&) { return Arithmetic{}; };
  subject.refusal = [](const Operation&) { return std::optional<std::string>(); };
  subject.run = run_reference;
  return subject;
}

}  // namespace attest
