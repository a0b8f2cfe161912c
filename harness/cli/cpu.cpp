// Reads cpuid.
// SPDX-License-Identifier: Apache-2.0
// Source  x86-64 psABI, micro-architecture levels; Intel SDM volume 2A, CPUID.
#include "harness/cli/cpu.h"

#include <array>
#include <cpuid.h>

namespace attest {
namespace {

struct Registers {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
};

Registers cpuid(unsigned leaf) {
  Registers r;
  if (__get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

bool has_bit(unsigned word, unsigned bit) {
  return ((word >> bit) & 1U) != 0;
}

}  // namespace

std::vector<std::string> missing_cpu_features() {
  const Registers basic = cpuid(1);
  const Registers extended = cpuid(7);
  const Registers amd = cpuid(0x80000001U);
  const std::array<std::pair<const char*, bool>, 9> features = {
      {{"FMA", has_bit(basic.ecx, 12)},
       {"MOVBE", has_bit(basic.ecx, 22)},
       {"OSXSAVE", has_bit(basic.ecx, 27)},
       {"AVX", has_bit(basic.ecx, 28)},
       {"F16C", has_bit(basic.ecx, 29)},
       {"BMI1", has_bit(extended.ebx, 3)},
       {"AVX2", has_bit(extended.ebx, 5)},
       {"BMI2", has_bit(extended.ebx, 8)},
       {"LZCNT", has_bit(amd.ecx, 5)}}};
  std::vector<std::string> missing;
  for (const auto& [feature, is_there] : features) {
    if (!is_there) missing.emplace_back(feature);
  }
  return missing;
}

}  // namespace attest
