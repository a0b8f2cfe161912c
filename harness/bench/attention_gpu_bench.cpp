// attest_gpu_bench [--small]: the fused bf16 kernel beside cuDNN on a GPU, as CSV: medians of 20 by CUDA events.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/gpu_timing.h"
#include "harness/executor/cuda_executor.h"
#include "harness/problem/data.h"
#include "kernels/kernel_spec.h"
#include "reference/oracle/cudnn/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

namespace attest {
namespace {

constexpr int kLaunches = 20;
constexpr const char* kKernel = "attention_mma";
constexpr int kUsage = 2;
constexpr int kNoGpu = 3;

const KernelSpec* kernel_named(std::string_view name) {
  const auto& all = all_kernels();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const KernelSpec& k) { return k.name == name; });
  return at == all.end() ? nullptr : &*at;
}

/// In the order of AttentionBuffer. cuDNN draws the same inputs: a GPU's clock depends on how many bits
/// toggle, so that zeros would be faster.
std::vector<BufferSpec> buffers_of(const Problem& p, const Inputs& inputs) {
  const auto input = [](const char* name, const std::vector<std::byte>& bytes) {
    return BufferSpec{
        name, BufferRole::input, static_cast<std::int64_t>(bytes.size()), 0, std::span(bytes)};
  };
  const TensorLayout o = tensor_layout(p, Tensor::o);
  const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
  return {input("q", inputs.q.bytes),
          input("k", inputs.k.bytes),
          input("v", inputs.v.bytes),
          {"o", BufferRole::output, o.span_elements() * size_bytes(o.dtype), 0, {}},
          {"lse", BufferRole::output, rows * 4, 0, {}},
          {"keep", BufferRole::input, 0, 0, {}},
          {"kv_lengths", BufferRole::input, 0, 0, {}}};
}

Result<double> median_microseconds(const KernelSpec& kernel,
                                   const Problem& problem,
                                   Executor& executor) {
  const Inputs inputs = draw_inputs(problem);
  Job job;
  job.buffers = buffers_of(problem, inputs);
  job.mode.device = Device::cuda;
  job.limits.memory_bytes = std::int64_t{8} << 30;
  const std::vector<Launch> once = kernel.plan(kernel.image, problem);
  for (int n = 0; n <= kLaunches; ++n)  // the first warms up
    job.launches.insert(job.launches.end(), once.begin(), once.end());
  ATTEST_TRY(const Execution execution, executor.run(job));
  if (!execution.findings.empty()) {
    return Error{Code::io, describe(execution.findings.front()), to_string(problem)};
  }
  std::vector<double> microseconds;
  for (std::size_t n = once.size(); n < execution.launches.size(); n += once.size()) {
    double sum = 0;
    for (std::size_t part = 0; part < once.size(); ++part)
      sum += static_cast<double>(execution.launches[n + part].duration_ns) / 1e3;
    microseconds.push_back(sum);
  }
  return median(std::move(microseconds));
}

/// cuDNN's side of the table. Why it has no number is said once for every reason.
class Cudnn {
 public:
  Cudnn() : client_({cudnn_program(), "", true}) {}

  void time(TimedCase& timed) {
    if (cudnn_program().empty()) return say("attest-cudnn is not built");
    const auto answer = client_.ask({CudnnAsk::time, to_string(timed.problem), 0});
    if (!answer) return say(answer.error().to_string());
    if (answer->tier != CudnnTier::executed) return say(answer->reason);
    timed.cudnn_microseconds = answer->microseconds;
    timed.cudnn_engine = answer->engine;
  }

 private:
  void say(const std::string& reason) {
    if (said_.insert(reason).second) std::printf("# no time of cuDNN: %s\n", reason.c_str());
  }
  CudnnClient client_;
  std::set<std::string> said_;
};

int run(const std::vector<std::string>& arguments) {
  const auto is_small = asks_small(arguments);
  if (!is_small) {
    std::fprintf(stderr, "attest_gpu_bench: %s\n", is_small.error().message.c_str());
    return kUsage;
  }
  const auto gpu = probe_cuda(cuda_options_of_program());
  if (!gpu) {
    std::fprintf(stderr, "attest_gpu_bench: %s\n", gpu.error().to_string().c_str());
    return kNoGpu;
  }
  const KernelSpec* const kernel = kernel_named(kKernel);
  if (kernel == nullptr) return 70;
  const auto executor = make_cuda_executor(cuda_options_of_program());
  Cudnn cudnn;
  std::printf("# %s, %s, bf16, 16 heads, median of %d\n", gpu.value().c_str(), kKernel, kLaunches);
  std::printf("%s\n", std::string(timing_header()).c_str());
  int failures = 0;
  for (const Problem& problem : timed_problems(*is_small)) {
    const auto microseconds = median_microseconds(*kernel, problem, *executor);
    if (!microseconds) {
      std::fprintf(stderr, "attest_gpu_bench: %s\n", microseconds.error().to_string().c_str());
      ++failures;
      continue;
    }
    TimedCase timed{problem, *microseconds};
    cudnn.time(timed);
    std::printf("%s\n", timing_line(timed).c_str());
    std::fflush(stdout);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace attest

int main(int count, char** values) {
  return attest::run({values + 1, values + count});
}
