// One table of instructions per build of the handlers (cmake/AttestSimd.cmake).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/insn_sets.h"

#include "harness/base/check.h"

#include <algorithm>

namespace attest::ptx {

const std::vector<Insn>& all_insns_scalar();
const std::vector<Insn>& all_insns_avx512();

const std::vector<Insn>& insns(Simd simd) {
  switch (simd) {
    case Simd::scalar:
      return all_insns_scalar();
    case Simd::avx2:
      return all_insns();
    case Simd::avx512:
      return all_insns_avx512();
  }
  fail_check("every build has its instructions", __FILE__, __LINE__);
}

const Insn* find_insn(std::string_view opcode, Simd simd) {
  const std::vector<Insn>& table = insns(simd);
  const auto found = std::lower_bound(
      table.begin(), table.end(), opcode, [](const Insn& insn, std::string_view wanted) {
        return insn.opcode < wanted;
      });
  return found == table.end() || found->opcode != opcode ? nullptr : &*found;
}

}  // namespace attest::ptx
