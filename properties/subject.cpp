// The two subjects: a kernel on an executor, and the reference rounded to the problem's dtype.
// SPDX-License-Identifier: Apache-2.0
#include "properties/subject.h"

#include "harness/base/check.h"
#include "properties/buffers.h"
#include "reference/attention.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace attest {
namespace {

constexpr std::string_view kReferenceArch = "sm_80";
constexpr auto kOutput = static_cast<std::size_t>(AttentionBuffer::o);
constexpr auto kLse = static_cast<std::size_t>(AttentionBuffer::lse);

std::int64_t rows(const Problem& problem) {
  return problem.batch * problem.heads_q * problem.seq_q;
}

/// In the order of AttentionBuffer.
std::vector<BufferSpec> buffers(const Inputs& inputs, const Outputs& outputs) {
  return {input_buffer("q", inputs.q.bytes, inputs.q.layout.skew_bytes),
          input_buffer("k", inputs.k.bytes, inputs.k.layout.skew_bytes),
          input_buffer("v", inputs.v.bytes, inputs.v.layout.skew_bytes),
          output_buffer(
              "o", static_cast<std::int64_t>(outputs.o.bytes.size()), outputs.o.layout.skew_bytes),
          output_buffer("lse", static_cast<std::int64_t>(outputs.lse.size() * sizeof(float))),
          input_buffer("keep", std::as_bytes(std::span(inputs.keep))),
          input_buffer("kv_lengths", std::as_bytes(std::span(inputs.kv_lengths)))};
}

/// Outputs as they lie before a run: every byte is `dirt`.
Outputs dirty_outputs(const Problem& problem, std::uint8_t dirt) {
  Outputs outputs;
  outputs.o = poisoned_tensor(tensor_layout(problem, Tensor::o));
  std::fill(outputs.o.bytes.begin(), outputs.o.bytes.end(), std::byte{dirt});
  outputs.lse.resize(static_cast<std::size_t>(rows(problem)));
  for (float& lse : outputs.lse)
    std::memset(&lse, dirt, sizeof lse);
  return outputs;
}

/// Copies what an executor returned; a run that ended early may have returned nothing.
void take(const Execution& execution, Outputs& outputs) {
  ATTEST_CHECK(execution.buffers.size() > kLse || !execution.findings.empty());
  if (execution.buffers.size() <= kLse) return;
  const auto& o = execution.buffers[kOutput];
  const auto& lse = execution.buffers[kLse];
  const std::size_t lse_bytes = outputs.lse.size() * sizeof(float);
  const bool is_whole = o.size() == outputs.o.bytes.size() && lse.size() == lse_bytes;
  ATTEST_CHECK(is_whole || !execution.findings.empty());
  if (!is_whole) return;
  outputs.o.bytes = o;
  if (lse_bytes > 0) std::memcpy(outputs.lse.data(), lse.data(), lse_bytes);
}

/// The job does the earlier call first, in buffers of its own behind those that are there.
void add_earlier_call(const KernelSpec& kernel,
                      const Call& earlier,
                      const Outputs& outputs,
                      Job& job) {
  std::vector<Launch> launches = kernel.plan(kernel.image, *earlier.problem);
  const int own_buffers = static_cast<int>(job.buffers.size());
  for (Launch& launch : launches) {
    for (Relocation& relocation : launch.relocations)
      relocation.buffer += own_buffers;
  }
  const std::vector<BufferSpec> more = buffers(*earlier.inputs, outputs);
  job.buffers.insert(job.buffers.end(), more.begin(), more.end());
  job.launches.insert(job.launches.begin(), launches.begin(), launches.end());
}

Result<Answer> run_kernel(const KernelSpec& kernel,
                          Executor& executor,
                          const Problem& problem,
                          const Inputs& inputs,
                          const Conditions& conditions) {
  Answer answer;
  answer.outputs = dirty_outputs(problem, conditions.dirt);
  Job job;
  job.launches = kernel.plan(kernel.image, problem);
  if (job.launches.empty()) return answer;
  job.buffers = buffers(inputs, answer.outputs);
  Outputs of_earlier;
  if (conditions.earlier != nullptr) {
    of_earlier = dirty_outputs(*conditions.earlier->problem, conditions.dirt);
    add_earlier_call(kernel, *conditions.earlier, of_earlier, job);
  }
  job.mode = conditions.mode;
  job.counts_traffic = true;
  job.dirt = conditions.dirt;
  ATTEST_TRY(Execution execution, executor.run(job));
  take(execution, answer.outputs);
  answer.launches = std::move(execution.launches);
  answer.findings = std::move(execution.findings);
  if (answer.findings.empty()) {
    if (auto finding =
            changed_gap("o", answer.outputs.o, conditions.dirt, job.launches.back().entry)) {
      answer.findings.push_back(std::move(*finding));
    }
  }
  return answer;
}

Result<Answer> run_reference(const Problem& problem, const Inputs& inputs, const Conditions& with) {
  Answer answer;
  answer.outputs = dirty_outputs(problem, with.dirt);
  const ReferenceTerms terms = reference_attention(problem, inputs);
  HostTensor& o = answer.outputs.o;
  std::size_t at = 0;
  const auto& [batch, heads, seq, columns] = o.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t s = 0; s < seq; ++s) {
        for (std::int64_t d = 0; d < columns; ++d) {
          o.set_bits(b, h, s, d, encode(o.layout.dtype, terms.o[at++]));
        }
      }
    }
  }
  for (std::size_t i = 0; i < terms.lse.size(); ++i) {
    answer.outputs.lse[i] = static_cast<float>(terms.lse[i]);
  }
  return answer;
}

}  // namespace

Subject kernel_subject(const KernelSpec& kernel, Executor& executor) {
  Subject subject;
  subject.name = kernel.name;
  subject.arch = target_of(kernel.image.ptx);
  subject.arithmetic = kernel.arithmetic;
  subject.refusal = kernel.refusal;
  subject.run = [&kernel, &executor](
                    const Problem& problem, const Inputs& inputs, const Conditions& conditions) {
    return run_kernel(kernel, executor, problem, inputs, conditions);
  };
  return subject;
}

Subject reference_subject() {
  Subject subject;
  subject.name = "reference";
  subject.arch = kReferenceArch;
  subject.arithmetic = [](const Problem&) { return Arithmetic{}; };
  subject.refusal = [](const Problem&) { return std::optional<std::string>(); };
  subject.run = run_reference;
  return subject;
}

}  // namespace attest
