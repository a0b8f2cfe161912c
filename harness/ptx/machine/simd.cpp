// Simd: names, the processor's features, the environment.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/simd.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace attest::ptx {
namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}

}  // namespace

std::string_view name(Simd simd) {
  constexpr std::string_view kNames[] = {"scalar", "avx2", "avx512"};
  return kNames[static_cast<std::size_t>(simd)];
}

const std::vector<Simd>& usable_simds() {
  static const std::vector<Simd> usable = [] {
    std::vector<Simd> simds = {Simd::scalar, Simd::avx2};
    if (has_avx512()) simds.push_back(Simd::avx512);
    return simds;
  }();
  return usable;
}

Result<Simd> choose_simd(std::string_view wanted) {
  if (wanted.empty()) return usable_simds().back();
  for (const Simd simd : {Simd::scalar, Simd::avx2, Simd::avx512}) {
    if (name(simd) != wanted) continue;
    const auto& usable = usable_simds();
    if (std::find(usable.begin(), usable.end(), simd) != usable.end()) return simd;
    return Error{
        Code::bad_input, "this processor has no AVX-512 (F, BW, CD, DQ, VL)", "ATTEST_SIMD"};
  }
  return Error{Code::bad_input,
               "'" + std::string(wanted) + "' is none of scalar, avx2, avx512",
               "ATTEST_SIMD"};
}

const Result<Simd>& simd_of_environment() {
  static const Result<Simd> chosen = [] {
    const char* wanted = std::getenv("ATTEST_SIMD");
    return choose_simd(wanted == nullptr ? "" : wanted);
  }();
  return chosen;
}

Simd active_simd() {
  const Result<Simd>& chosen = simd_of_environment();
  return chosen ? *chosen : usable_simds().back();
}

}  // namespace attest::ptx
