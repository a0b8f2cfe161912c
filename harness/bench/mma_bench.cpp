// The mma kernels on drawn operands: what an mma costs, alone.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/mma_bench.h"

#include "harness/base/dtype.h"
#include "harness/base/rng.h"
#include "harness/bench/fma_peak.h"
#include "harness/ptx/machine/mma_kernels.h"

#include <array>
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace attest {
namespace {

using ptx::MmaFormat;
using ptx::MmaKernels;

constexpr double kFlops = 2 * 16 * 8 * 16;
constexpr std::size_t kSets = 16;  // different operands in turn, so that nothing is remembered

struct alignas(64) Register {
  std::array<std::uint32_t, 32> lane{};
};

/// What is not ordinary about the operands.
enum class Operands {
  normal,       // N(0,1)
  subnormal,    // A and C are subnormal everywhere
  subnormal_a,  // A alone
  subnormal_c,  // C alone
  least,        // A is within a factor of four of the smallest normal of bf16
  nan,          // one element of A is NaN
  all_nan,      // every element of A
};
constexpr const char* kOperandNames[] = {
    "normal", "subnormal", "subnormal_a", "subnormal_c", "least", "nan", "all_nan"};

class Fragments {
 public:
  Fragments(MmaFormat format, Operands operands, std::uint64_t seed)
      : dtype_(format == MmaFormat::f16 ? Dtype::f16 : Dtype::bf16), seed_(seed) {
    for (Register& r : a) {
      for (std::uint32_t& lane : r.lane)
        lane = pair(operands);
    }
    for (Register& r : b) {
      for (std::uint32_t& lane : r.lane)
        lane = pair(Operands::normal);
    }
    const bool is_c_subnormal =
        operands == Operands::subnormal || operands == Operands::subnormal_c;
    for (Register& r : c) {
      for (std::uint32_t& lane : r.lane)
        lane = is_c_subnormal ? (word() & 0x807fffffU) | 1U : encode(Dtype::f32, normal());
    }
    if (operands == Operands::nan) a[1].lane[9] |= 0x7fffU;
  }

  std::array<Register, 4> a;
  std::array<Register, 2> b;
  std::array<Register, 4> c;

 private:
  std::uint32_t word() { return static_cast<std::uint32_t>(random_bits(seed_, 0, next_++)); }
  double uniform() { return (static_cast<double>(word()) + 0.5) * 0x1p-32; }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307 * uniform());
  }
  std::uint32_t pair(Operands operands) { return element(operands) | element(operands) << 16; }
  std::uint32_t element(Operands operands) {
    const std::uint32_t fraction = dtype_ == Dtype::f16 ? 10 : 7;
    const std::uint32_t sign = word() & 0x8000U;
    const std::uint32_t bits = word() & ((1U << fraction) - 1U);
    switch (operands) {
      case Operands::subnormal:
      case Operands::subnormal_a:
        return sign | bits | 1U;
      case Operands::least:
        return sign | (1U + word() % 2) << fraction | bits;
      case Operands::all_nan:
        return 0x7fffU;
      default:
        return encode(dtype_, normal());
    }
  }

  Dtype dtype_;
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

/// Of this thread.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Runs `kernel(d, a, b, c)` on sets of operands in turn; returns the sum of its results.
template <class Kernel>
std::int64_t run(benchmark::State& state, MmaFormat format, Operands operands, Kernel kernel) {
  std::vector<Fragments> sets;
  for (std::size_t n = 0; n < kSets; ++n)
    sets.emplace_back(format, operands, n);
  std::array<Register, 4> result;
  std::int64_t sum = 0;
  std::size_t next = 0;
  const double start = cpu_seconds();
  for ([[maybe_unused]] auto _ : state) {
    Fragments& in = sets[next++ % kSets];
    std::uint32_t* d[4];
    const std::uint32_t* a[4];
    const std::uint32_t* b[2] = {in.b[0].lane.data(), in.b[1].lane.data()};
    const std::uint32_t* c[4];
    for (std::size_t n = 0; n < 4; ++n) {
      d[n] = result[n].lane.data();
      a[n] = in.a[n].lane.data();
      c[n] = in.c[n].lane.data();
    }
    sum += kernel(d, a, b, c);
    benchmark::ClobberMemory();
  }
  const double ns = (cpu_seconds() - start) * 1e9 / static_cast<double>(state.iterations());
  state.counters["ns_per_mma"] = ns;
  state.counters["gflops"] = kFlops / ns;
  return sum;
}

void mma_exact(benchmark::State& state, MmaFormat format, int sm, Operands operands) {
  const MmaKernels& kernels = ptx::mma_kernels(ptx::active_simd());
  const ptx::MmaModel& model = *ptx::mma_model(sm);
  const std::int64_t slow = run(state, format, operands, [&](auto d, auto a, auto b, auto c) {
    return kernels.exact(format, model, d, a, b, c);
  });
  if (operands == Operands::normal && slow != 0)
    state.SkipWithError("ordinary operands left the fast form");
}

void mma_fast(benchmark::State& state, MmaFormat format) {
  const MmaKernels& kernels = ptx::mma_kernels(ptx::active_simd());
  run(state, format, Operands::normal, [&](auto d, auto a, auto b, auto c) {
    kernels.fast(format, d, a, b, c);
    return 0;
  });
}

void fma_peak(benchmark::State& state) {
  const bool is_wide = ptx::active_simd() == ptx::Simd::avx512;
  std::int64_t flops = 0;
  const double start = cpu_seconds();
  for ([[maybe_unused]] auto _ : state)
    flops += is_wide ? fma_round_avx512() : fma_round_avx2();
  state.counters["gflops"] = static_cast<double>(flops) * 1e-9 / (cpu_seconds() - start);
}

}  // namespace

void register_mma_benchmarks() {
  using benchmark::State;
  benchmark::RegisterBenchmark("fma_peak", fma_peak);
  for (const MmaFormat format : {MmaFormat::f16, MmaFormat::bf16}) {
    const std::string type = format == MmaFormat::f16 ? "/f16" : "/bf16";
    benchmark::RegisterBenchmark(("mma_fast" + type).c_str(),
                                 [format](State& s) { mma_fast(s, format); });
    for (const int sm : {80, 90}) {
      for (int n = 0; n <= static_cast<int>(Operands::all_nan); ++n) {
        const auto operands = static_cast<Operands>(n);
        if (operands == Operands::least && format == MmaFormat::f16) continue;
        const std::string name =
            "mma_exact" + type + "/sm_" + std::to_string(sm) + "/" + kOperandNames[n];
        benchmark::RegisterBenchmark(
            name.c_str(), [format, sm, operands](State& s) { mma_exact(s, format, sm, operands); });
      }
    }
  }
}

}  // namespace attest
