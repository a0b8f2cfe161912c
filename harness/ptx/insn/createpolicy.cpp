// createpolicy: PTX ISA 9.0, 9.7.9.18. A policy is opaque and only a hint: every one is 0.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

const Instr* policy(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  u64* d = w.row<u64>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0) d[l] = 0;
  }
  return i + 1;
}

#define ATTEST_PRIMARY "(L2::evict_last|L2::evict_normal|L2::evict_first|L2::evict_unchanged)"

}  // namespace

Insn insn_createpolicy();
Insn insn_createpolicy() {
  return {
      .opcode = "createpolicy",
      .forms =
          {
              {"createpolicy.fractional." ATTEST_PRIMARY
               "{.L2::evict_first|.L2::evict_unchanged}.b64 d:64, a:32?",
               always<policy>},
              {"createpolicy.fractional." ATTEST_PRIMARY
               "{.L2::evict_first|.L2::evict_unchanged}.b64 d:64, a:64",
               always<policy>},
              {"createpolicy.range{.global}." ATTEST_PRIMARY
               "{.L2::evict_first|.L2::evict_unchanged}.b64 d:64, [a], b:32, c:32",
               always<policy>},
              {"createpolicy.cvt.L2.b64 d:64, a:64", always<policy>},
          },
      .examples = {},
      .warp_examples =
          {
              {"mov.u64 %wide, -1; createpolicy.fractional.L2::evict_last.b64 %wide, 0f3F800000; "
               "mov.b64 {%value, %a}, %wide;",
               std::vector<u32>(32, 0),
               "opaque"},
              {"mov.u64 %wide, -1; createpolicy.fractional.L2::evict_first.L2::evict_unchanged.b64 "
               "%wide, 0.5; mov.b64 {%value, %a}, %wide;",
               std::vector<u32>(32, 0),
               "a decimal fraction"},
              {"mov.u64 %wide, -1; createpolicy.fractional.L2::evict_first.b64 %wide; mov.b64 "
               "{%value, %a}, %wide;",
               std::vector<u32>(32, 0),
               "no fraction"},
              {"mov.u64 %wide, -1; createpolicy.range.global.L2::evict_last.b64 %wide, [%at], "
               "1024, 4096; mov.b64 {%value, %a}, %wide;",
               std::vector<u32>(32, 0),
               "of a range"},
          },
  };
}

}  // namespace attest::ptx
