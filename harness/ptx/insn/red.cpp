// red: PTX ISA 9.0, 9.7.13.7. Lanes that meet at an address are applied one after another.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/atomic.h"

namespace attest::ptx {

Insn insn_red();
Insn insn_red() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "red",
      .forms =
          {
              {ATTEST_ATOMIC("red", ".(and|or|xor)", ".(b32|b64)") " [a], b:any, c:64?",
               atomic_bits<AtomicResult::none>},
              {ATTEST_ATOMIC("red", ".add", ".(u32|s32|u64|f32|f64)") " [a], b:any, c:64?",
               atomic_add<AtomicResult::none>},
              {ATTEST_ATOMIC("red", ".(inc|dec)", ".(u32)") " [a], b:any, c:64?",
               atomic_count<AtomicResult::none>},
              {ATTEST_ATOMIC("red", ".(min|max)", ".(u32|s32|u64|s64)") " [a], b:any, c:64?",
               atomic_extreme<AtomicResult::none>},
              {ATTEST_ATOMIC("red", ".add.noftz", ".(f16|f16x2|bf16|bf16x2)") " [a], b:any, c:64?",
               atomic_half<AtomicResult::none>},
              {ATTEST_ATOMIC("red", ".add", ".(v2|v4).(f32)") " [a], b:any, c:64?",
               atomic_vector<AtomicResult::none>},
              {ATTEST_ATOMIC(
                   "red", ".(add|min|max).noftz", ".(v2|v4|v8).(f16|bf16)") " [a], b:any, c:64?",
               atomic_vector<AtomicResult::none>},
              {ATTEST_ATOMIC(
                   "red", ".(add|min|max).noftz", ".(v2|v4).(f16x2|bf16x2)") " [a], b:any, c:64?",
               atomic_vector<AtomicResult::none>},
          },
      .examples = {},
      .warp_examples =
          {
              {ATTEST_SHARED_ZEROS
               "red.shared.add.u32 [s], %lane; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0x1f0),
               "0 + 1 + .. + 31"},
              {ATTEST_GLOBAL_ZEROS "red.global.add.s32 [%base], -2; bar.sync 0; ld.global.u32 "
                                   "%value, [%base]; bar.sync 0;",
               std::vector<u32>(32, 0xffffffc0),
               "32 times -2"},
              {ATTEST_GLOBAL_ZEROS "mov.u64 %wide, 0x100000000; red.global.add.u64 [%base], %wide; "
                                   "bar.sync 0; ld.global.u32 %value, [%base+4]; bar.sync 0;",
               std::vector<u32>(32, 0x20),
               "64 bits"},
              {ATTEST_SHARED_ZEROS
               "red.shared.inc.u32 [s], 4; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 2),
               "32 steps modulo 5"},
              {ATTEST_SHARED_ZEROS
               "red.shared.dec.u32 [s], 4; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 3),
               "-32 modulo 5"},
              {ATTEST_SHARED_ZEROS "mov.u32 %a, 1; shl.b32 %a, %a, %lane; red.shared.or.b32 [s], "
                                   "%a; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0xffffffff),
               "all bits"},
              {ATTEST_SHARED_ZEROS "mov.u32 %a, 1; shl.b32 %a, %a, %lane; red.xor.release.gpu.b32 "
                                   "[s], %a; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0xffffffff),
               "all bits; a variable in a generic form"},
              {ATTEST_SHARED_ONES
               "red.shared.and.b32 [s], 12; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0xc),
               "two bits"},
              {ATTEST_SHARED_ONES
               "mov.u64 %wide, s; cvta.shared.u64 %wide, %wide; red.and.release.cta.b32 [%wide], "
               "6; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 6),
               "the operation before the order"},
              {ATTEST_SHARED_ZEROS "sub.u32 %a, %lane, 9; red.shared.min.s32 [s], %a; bar.sync 0; "
                                   "ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0xfffffff7),
               "least"},
              {ATTEST_SHARED_ZEROS "sub.u32 %a, %lane, 9; red.shared.max.u32 [s], %a; bar.sync 0; "
                                   "ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0xffffffff),
               "most, unsigned"},
              {ATTEST_SHARED_ZEROS
               "red.shared.add.f32 [s], 0f00000001; bar.sync 0; ld.shared.u32 %value, [s];",
               std::vector<u32>(32, 0x20),
               "shared memory keeps subnormals"},
              {ATTEST_GLOBAL_ZEROS "red.global.add.f32 [%base], 0f00000001; bar.sync 0; "
                                   "ld.global.u32 %value, [%base]; bar.sync 0;",
               std::vector<u32>(32, 0),
               "global memory flushes them"},
              {ATTEST_GLOBAL_ZEROS "red.relaxed.gpu.global.add.f32 [%base], 0f3F000000; bar.sync "
                                   "0; ld.global.u32 %value, [%base]; bar.sync 0;",
               std::vector<u32>(32, 0x41800000),
               "32 halves"},
              {ATTEST_GLOBAL_ZEROS "red.global.add.f64 [%base], 0d3FE0000000000000; bar.sync 0; "
                                   "ld.global.u32 %value, [%base+4]; bar.sync 0;",
               std::vector<u32>(32, 0x40300000),
               "32 halves"},
              {ATTEST_GLOBAL_ZEROS "red.global.add.noftz.f16x2 [%base], 0x3c000001; bar.sync 0; "
                                   "ld.global.u32 %value, [%base]; bar.sync 0;",
               std::vector<u32>(32, 0x50000020),
               "32 times 2^-24; 32 ones"},
              {ATTEST_GLOBAL_ZEROS "red.global.add.noftz.bf16x2 [%base], 0x3f800001; bar.sync 0; "
                                   "ld.global.u32 %value, [%base]; bar.sync 0;",
               std::vector<u32>(32, 0x42000020),
               "32 times 2^-133; 32 ones"},
              {ATTEST_GLOBAL_ZEROS
               "red.global.add.v4.f32 [%base], {0f3F800000, 0f00000000, 0f00000000, 0fBF800000}; "
               "bar.sync 0; ld.global.u32 %value, [%base+12]; bar.sync 0;",
               std::vector<u32>(32, 0xc2000000),
               "the fourth of a vector"},
              {ATTEST_GLOBAL_ZEROS "red.global.max.noftz.v2.bf16x2 [%base], {0, 0x3f80bf80}; "
                                   "bar.sync 0; ld.global.u32 %value, [%base+4]; bar.sync 0;",
               std::vector<u32>(32, 0x3f800000),
               "the greater of 0 and 1, of 0 and -1"},
          },
      .fault_examples =
          {
              {"ld.param.u64 %base, [out]; setp.eq.u32 %p, %lane, 0; @%p st.global.u32 [%base], 0; "
               "bar.sync 0; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 4; add.u64 %base, "
               "%base, %wide; setp.gt.u32 %p, %lane, 15; @%p red.global.add.u32 [%base], 1;",
               FindingKind::out_of_bounds,
               16,
               "past the buffer"},
              {ATTEST_SHARED_ZEROS "red.shared.add.u64 [s+4], 1;",
               FindingKind::misaligned,
               0,
               "64 bits"},
              {"ld.param.u64 %base, [out]; red.global.add.f32 [%base], 0f3F800000;",
               FindingKind::uninitialised_read,
               0,
               "a sum that nobody set to 0"},
          },
  };
}

}  // namespace attest::ptx
