// attest_bench: how fast the ptx executor is, with its checks on and off.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/mma_bench.h"
#include "harness/executor/ptx_executor.h"
#include "harness/problem/data.h"
#include "kernels/kernel_spec.h"

#include <benchmark/benchmark.h>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace attest {
namespace embedded {
std::string_view sgemm_256();
}

namespace {

constexpr int kSgemm = 256;

/// Runs the job once per iteration; counter: warp instructions per second of CPU time.
void run(benchmark::State& state, const Job& job) {
  const auto executor = make_ptx_executor();
  std::int64_t instructions = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto execution = executor->run(job);
    if (!execution || !execution->findings.empty()) {
      state.SkipWithError(execution ? "a finding" : execution.error().to_string().c_str());
      return;
    }
    for (const LaunchRecord& launch : execution->launches)
      instructions += launch.counts.warp_instructions;
  }
  state.counters["warp_inst_per_second"] =
      benchmark::Counter(static_cast<double>(instructions), benchmark::Counter::kIsRate);
}

/// n x n matrices of one constant: the time does not depend on the values.
void sgemm_256(benchmark::State& state, bool checks) {
  const std::vector<float> ones(std::size_t{kSgemm} * kSgemm, 1.0f);
  const std::int64_t bytes = std::int64_t{4} * kSgemm * kSgemm;
  const auto contents = std::as_bytes(std::span(ones));
  Job job;
  job.checks = checks;
  job.buffers = {{"a", BufferRole::input, bytes, 0, contents},
                 {"b", BufferRole::input, bytes, 0, contents},
                 {"c", BufferRole::output, bytes, 0, {}}};
  Launch launch;
  launch.image = {"sgemm_256", embedded::sgemm_256()};
  launch.entry = "sgemm_256";
  launch.grid = {kSgemm / 16, kSgemm / 16, 1};
  launch.block = {16, 16, 1};
  launch.parameters.resize(28);
  std::memcpy(launch.parameters.data() + 24, &kSgemm, sizeof kSgemm);
  launch.relocations = {{0, 0, 0}, {8, 1, 0}, {16, 2, 0}};
  job.launches = {launch};
  run(state, job);
}

const KernelSpec& kernel(std::string_view name) {
  for (const KernelSpec& k : all_kernels()) {
    if (k.name == name) return k;
  }
  throw std::invalid_argument(std::string(name));
}

struct AttentionRun {
  Dtype dtype;
  std::int64_t seq;
  MmaBits mma = MmaBits::exact;
  bool checks = true;
};

/// One head, S rows and keys, head_dim 64, no mask, N(0,1) data.
void attention(benchmark::State& state, std::string_view name, const AttentionRun& of) {
  const auto [dtype, seq, mma, checks] = of;
  Problem problem;
  problem.seq_q = problem.seq_kv = seq;
  problem.dtype = dtype;
  const Inputs inputs = draw_inputs(problem);
  const auto size = [](const HostTensor& t) { return static_cast<std::int64_t>(t.bytes.size()); };
  Job job;
  job.checks = checks;
  job.mode.mma = mma;
  job.buffers = {{"q", BufferRole::input, size(inputs.q), 0, inputs.q.bytes},
                 {"k", BufferRole::input, size(inputs.k), 0, inputs.k.bytes},
                 {"v", BufferRole::input, size(inputs.v), 0, inputs.v.bytes},
                 {"o", BufferRole::output, size(inputs.q), 0, {}},
                 {"lse", BufferRole::output, 4 * seq, 0, {}}};
  const KernelSpec& k = kernel(name);
  job.launches = k.plan(k.image, problem);
  run(state, job);
}

}  // namespace

void register_benchmarks() {
  using benchmark::State;
  for (const bool checks : {true, false}) {
    const std::string suffix = checks ? "/checks:on" : "/checks:off";
    const auto add = [&](const std::string& name, auto body) {
      benchmark::RegisterBenchmark((name + suffix).c_str(), body)->Unit(benchmark::kMillisecond);
    };
    add("sgemm_256", [checks](State& s) { sgemm_256(s, checks); });
    const auto bf16 = [&](const std::string& mode, MmaBits mma) {
      add("attention_bf16_1024" + mode, [checks, mma](State& s) {
        attention(s, "attention_mma", {Dtype::bf16, 1024, mma, checks});
      });
    };
    bf16("", MmaBits::exact);
    bf16("/mma:exact", MmaBits::exact);
    bf16("/mma:fast", MmaBits::fast);
    add("attention_f32_256", [checks](State& s) {
      attention(s, "attention_f32", {Dtype::f32, 256, MmaBits::exact, checks});
    });
  }
}

}  // namespace attest

int main(int argc, char** argv) {
  attest::register_benchmarks();
  attest::register_mma_benchmarks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
