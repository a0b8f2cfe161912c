// attest_gpu_bench [--small]: the fused bf16 kernel on a GPU, median of 20 launches by CUDA events, as CSV.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/cuda_executor.h"
#include "kernels/abi.h"
#include "kernels/kernel_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace attest {
namespace {

constexpr int kLaunches = 20;
constexpr const char* kKernel = "attention_mma";

const KernelSpec* kernel_named(std::string_view name) {
  const auto& all = all_kernels();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const KernelSpec& k) { return k.name == name; });
  return at == all.end() ? nullptr : &*at;
}

Problem problem_of(std::int64_t seq, std::int64_t head_dim, bool is_causal) {
  return parse_problem(fmt::format("attn(hq=16,sq={},d={},dtype=bf16{})",
                                   seq,
                                   head_dim,
                                   is_causal ? ",mask=causal-tl" : ""))
      .value();
}

/// In the order of AttentionBuffer; inputs are 0: time does not depend on them.
struct Buffers {
  std::vector<std::byte> zeros;
  std::vector<BufferSpec> specs;

  explicit Buffers(const Problem& p) {
    const std::int64_t q = p.heads_q * p.seq_q * p.head_dim * size_bytes(p.dtype);
    const std::int64_t k = p.heads_kv * p.seq_kv * p.head_dim * size_bytes(p.dtype);
    zeros.resize(static_cast<std::size_t>(std::max(q, k)));
    const auto input = [this](const char* name, std::int64_t bytes) {
      return BufferSpec{name,
                        BufferRole::input,
                        bytes,
                        0,
                        std::span(zeros).first(static_cast<std::size_t>(bytes))};
    };
    specs = {input("q", q),
             input("k", k),
             input("v", k),
             {"o", BufferRole::output, q, 0, {}},
             {"lse", BufferRole::output, p.heads_q * p.seq_q * 4, 0, {}},
             input("keep", 0),
             input("kv_lengths", 0)};
  }
};

Result<double> median_microseconds(const KernelSpec& kernel,
                                   const Problem& problem,
                                   Executor& executor) {
  const Buffers buffers(problem);
  Job job;
  job.buffers = buffers.specs;
  job.mode.device = Device::cuda;
  job.limits.memory_bytes = std::int64_t{8} << 30;
  const std::vector<Launch> once = kernel.plan(kernel.image, problem);
  for (int n = 0; n <= kLaunches; ++n)  // the first warms up
    job.launches.insert(job.launches.end(), once.begin(), once.end());
  ATTEST_TRY(const Execution execution, executor.run(job));
  if (!execution.findings.empty()) {
    return Error{Code::io, describe(execution.findings.front()), to_string(problem)};
  }
  std::vector<std::int64_t> times;
  for (std::size_t n = once.size(); n < execution.launches.size(); n += once.size()) {
    std::int64_t sum = 0;
    for (std::size_t part = 0; part < once.size(); ++part)
      sum += execution.launches[n + part].duration_ns;
    times.push_back(sum);
  }
  std::nth_element(times.begin(), times.begin() + kLaunches / 2, times.end());
  return static_cast<double>(times.at(kLaunches / 2)) / 1e3;
}

/// 4 S^2 d a head, half of it where causal.
double tera_flops(const Problem& p, double microseconds) {
  const double pairs = static_cast<double>(p.seq_q) * static_cast<double>(p.seq_kv);
  const double flops = 4.0 * static_cast<double>(p.heads_q) * pairs *
                       static_cast<double>(p.head_dim) / (p.mask.causal ? 2 : 1);
  return flops / microseconds / 1e6;
}

int run(bool is_small) {
  const auto gpu = probe_cuda(cuda_options_of_program());
  if (!gpu) {
    std::fprintf(stderr, "attest_gpu_bench: %s\n", gpu.error().to_string().c_str());
    return 3;
  }
  const KernelSpec* const kernel = kernel_named(kKernel);
  if (kernel == nullptr) return 70;
  const auto executor = make_cuda_executor(cuda_options_of_program());
  const std::vector<std::int64_t> lengths =
      is_small ? std::vector<std::int64_t>{64}
               : std::vector<std::int64_t>{512, 1024, 2048, 4096, 8192, 16384};
  std::printf("# %s, %s, bf16, 16 heads, median of %d\n", gpu.value().c_str(), kKernel, kLaunches);
  std::printf("seq,head_dim,causal,us,tflops\n");
  int failures = 0;
  for (const std::int64_t seq : lengths) {
    for (const std::int64_t head_dim : {64, 128}) {
      for (const bool is_causal : {false, true}) {
        const Problem problem = problem_of(seq, head_dim, is_causal);
        const auto median = median_microseconds(*kernel, problem, *executor);
        if (!median) {
          std::fprintf(stderr, "attest_gpu_bench: %s\n", median.error().to_string().c_str());
          ++failures;
          continue;
        }
        std::printf("%ld,%ld,%d,%.2f,%.2f\n",
                    seq,
                    head_dim,
                    is_causal ? 1 : 0,
                    median.value(),
                    tera_flops(problem, median.value()));
        std::fflush(stdout);
      }
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace attest

int main(int argc, char** argv) {
  return attest::run(argc > 1 && std::strcmp(argv[1], "--small") == 0);
}
