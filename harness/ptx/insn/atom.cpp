// atom: PTX ISA 9.0, 9.7.13.5. Lanes that meet at an address are applied one after another.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/atomic.h"

namespace attest::ptx {
namespace {

/// The expected value of each lane.
template <class Value>
std::vector<u32> per_lane(Value value) {
  std::vector<u32> values;
  for (u32 l = 0; l < kLanes; ++l)
    values.push_back(value(l));
  return values;
}

}  // namespace

Insn insn_atom();
Insn insn_atom() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "atom",
      .forms =
          {
              {ATTEST_ATOMIC(
                   "atom", ".(and|or|xor|exch)", ".(b32|b64)") " d:any, [a], b:any, c:64?",
               atomic_bits<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".cas", ".(b16|b32|b64)") " d:any, [a], b:any, e:any, c:64?",
               atomic_cas<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".add", ".(u32|s32|u64|f32|f64)") " d:any, [a], b:any, c:64?",
               atomic_add<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".(inc|dec)", ".(u32)") " d:any, [a], b:any, c:64?",
               atomic_count<AtomicResult::old_value>},
              {ATTEST_ATOMIC(
                   "atom", ".(min|max)", ".(u32|s32|u64|s64)") " d:any, [a], b:any, c:64?",
               atomic_extreme<AtomicResult::old_value>},
              {ATTEST_ATOMIC(
                   "atom", ".add.noftz", ".(f16|f16x2|bf16|bf16x2)") " d:any, [a], b:any, c:64?",
               atomic_half<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom", ".add", ".(v2|v4).(f32)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom",
                             ".(add|min|max).noftz",
                             ".(v2|v4|v8).(f16|bf16)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
              {ATTEST_ATOMIC("atom",
                             ".(add|min|max).noftz",
                             ".(v2|v4).(f16x2|bf16x2)") " d:any, [a], b:any, c:64?",
               atomic_vector<AtomicResult::old_value>},
          },
      .examples = {},
      .warp_examples =
          {
              {ATTEST_SHARED_ZEROS "atom.shared.add.u32 %value, [s], 2;",
               per_lane([](u32 l) { return 2 * l; }),
               "each lane finds what the lanes below left"},
              {ATTEST_SHARED_ZEROS "atom.shared::cta.add.s32 %value, [s+4], -1;",
               per_lane([](u32 l) { return 0 - l; }),
               "signed"},
              {ATTEST_SHARED_ZEROS "mov.u64 %wide, 0x80000000; atom.relaxed.cta.shared.add.u64 "
                                   "%wide, [s+8], %wide; mov.b64 {%a, %value}, %wide;",
               per_lane([](u32 l) { return l / 2; }),
               "64 bits carry"},
              {ATTEST_SHARED_ZEROS "atom.shared.inc.u32 %value, [s], 4;",
               per_lane([](u32 l) { return l % 5; }),
               "up to the bound, then 0"},
              {ATTEST_SHARED_ZEROS "atom.shared.dec.u32 %value, [s], 3;",
               per_lane([](u32 l) { return (0 - l) % 4; }),
               "down to 0, then the bound"},
              {ATTEST_SHARED_ONES "atom.shared.dec.u32 %value, [s], 3; add.u32 %value, %value, 1;",
               per_lane([](u32 l) { return l == 0 ? 0 : 4 - (l - 1) % 4; }),
               "above the bound: the bound"},
              {ATTEST_SHARED_ZEROS "atom.shared.exch.b32 %value, [s], %lane;",
               per_lane([](u32 l) { return l == 0 ? 0 : l - 1; }),
               "the value of the lane before"},
              {ATTEST_SHARED_ZEROS
               "mov.u32 %a, 1; shl.b32 %a, %a, %lane; atom.shared.or.b32 %value, [s], %a;",
               per_lane([](u32 l) { return (1u << l) - 1; }),
               "bits of the lanes below"},
              {ATTEST_SHARED_ONES "mov.u32 %a, 1; shl.b32 %a, %a, %lane; not.b32 %a, %a; "
                                  "atom.shared.and.b32 %value, [s], %a;",
               per_lane([](u32 l) { return kAllLanes << l; }),
               "bits that are left"},
              {ATTEST_SHARED_ZEROS "atom.shared.xor.b32 %value, [s], 3;",
               per_lane([](u32 l) { return l % 2 == 0 ? 0 : 3; }),
               "there and back"},
              {ATTEST_SHARED_ZEROS "neg.s32 %a, %lane; atom.shared.min.s32 %value, [s], %a;",
               per_lane([](u32 l) { return l < 2 ? 0 : 1 - l; }),
               "negative is less"},
              {ATTEST_SHARED_ZEROS "neg.s32 %a, %lane; atom.shared.max.u32 %value, [s], %a;",
               per_lane([](u32 l) { return l < 2 ? 0 : kAllLanes; }),
               "negative is most"},
              {ATTEST_SHARED_ZEROS "neg.s32 %a, %lane; atom.shared.max.s32 %value, [s], %a; ",
               std::vector<u32>(32, 0),
               "0 stays"},
              {ATTEST_SHARED_ONES "atom.shared.min.u32 %value, [s], 7;",
               per_lane([](u32 l) { return l == 0 ? kAllLanes : 7; }),
               "least unsigned"},
              {ATTEST_SHARED_ZEROS
               "cvt.s64.s32 %wide, %lane; neg.s64 %wide, %wide; atom.shared.min.s64 %wide, [s], "
               "%wide; mov.b64 {%value, %a}, %wide;",
               per_lane([](u32 l) { return l < 2 ? 0 : 1 - l; }),
               "64 bits, signed"},
              {ATTEST_SHARED_ZEROS
               "cvt.s64.s32 %wide, %lane; neg.s64 %wide, %wide; atom.shared.max.u64 %wide, [s], "
               "%wide; mov.b64 {%a, %value}, %wide;",
               per_lane([](u32 l) { return l < 2 ? 0 : kAllLanes; }),
               "64 bits, unsigned"},
              {ATTEST_SHARED_ZEROS
               "add.u32 %a, %lane, 1; atom.shared.cas.b32 %value, [s], %lane, %a;",
               per_lane([](u32 l) { return l; }),
               "every lane finds its turn"},
              {ATTEST_SHARED_ZEROS "atom.shared.cas.b32 %value, [s], 1, 5;",
               std::vector<u32>(32, 0),
               "no lane finds 1, so 0 stays"},
              {ATTEST_SHARED_ZEROS
               ".reg .b16 %h<3>; cvt.u16.u32 %h0, %lane; add.s16 %h1, %h0, 1; atom.shared.cas.b16 "
               "%h2, [s+2], %h0, %h1; mov.b32 %value, {%h2, 0};",
               per_lane([](u32 l) { return l; }),
               "16 bits"},
              {ATTEST_SHARED_ZEROS
               ".reg .b64 %n; mov.b64 %wide, {0, %lane}; add.u32 %a, %lane, 1; mov.b64 %n, {0, "
               "%a}; atom.shared.cas.b64 %wide, [s+8], %wide, %n; mov.b64 {%a, %value}, %wide;",
               per_lane([](u32 l) { return l; }),
               "64 bits"},
              {ATTEST_SHARED_ZEROS "mov.b64 %wide, {1, %lane}; atom.shared.exch.b64 %wide, [s], "
                                   "%wide; mov.b64 {%a, %value}, %wide;",
               per_lane([](u32 l) { return l == 0 ? 0 : l - 1; }),
               "64 bits"},
              {ATTEST_SHARED_ZEROS "atom.shared.add.f32 %value, [s], 0f00000001;",
               per_lane([](u32 l) { return l; }),
               "shared memory keeps subnormals"},
              {ATTEST_GLOBAL_ZEROS "atom.global.add.f32 %value, [%base], 0f00000001; bar.sync 0;",
               std::vector<u32>(32, 0),
               "global memory flushes them"},
              {ATTEST_GLOBAL_ZEROS "atom.global.add.f32 %value, [%base], 0f3F800000; bar.sync 0;",
               {0,          0x3f800000, 0x40000000, 0x40400000, 0x40800000, 0x40a00000, 0x40c00000,
                0x40e00000, 0x41000000, 0x41100000, 0x41200000, 0x41300000, 0x41400000, 0x41500000,
                0x41600000, 0x41700000, 0x41800000, 0x41880000, 0x41900000, 0x41980000, 0x41a00000,
                0x41a80000, 0x41b00000, 0x41b80000, 0x41c00000, 0x41c80000, 0x41d00000, 0x41d80000,
                0x41e00000, 0x41e80000, 0x41f00000, 0x41f80000},
               "1 + 1 + .."},
              {ATTEST_SHARED_ZEROS
               "atom.shared.add.f64 %wide, [s], 0d3FF0000000000000; mov.b64 {%a, %value}, %wide;",
               {0,          0x3ff00000, 0x40000000, 0x40080000, 0x40100000, 0x40140000, 0x40180000,
                0x401c0000, 0x40200000, 0x40220000, 0x40240000, 0x40260000, 0x40280000, 0x402a0000,
                0x402c0000, 0x402e0000, 0x40300000, 0x40310000, 0x40320000, 0x40330000, 0x40340000,
                0x40350000, 0x40360000, 0x40370000, 0x40380000, 0x40390000, 0x403a0000, 0x403b0000,
                0x403c0000, 0x403d0000, 0x403e0000, 0x403f0000},
               "upper words of 0, 1, .."},
              {ATTEST_SHARED_ZEROS ".reg .b16 %h<2>; mov.b16 %h0, 1; atom.shared.add.noftz.f16 "
                                   "%h1, [s], %h0; mov.b32 %value, {%h1, 0};",
               per_lane([](u32 l) { return l; }),
               "2^-24 each: subnormals are kept"},
              {ATTEST_SHARED_ZEROS ".reg .b16 %h<2>; mov.b16 %h0, 1; atom.shared.add.noftz.bf16 "
                                   "%h1, [s], %h0; mov.b32 %value, {%h1, 0};",
               per_lane([](u32 l) { return l; }),
               "2^-133 each"},
              {ATTEST_GLOBAL_ZEROS
               "atom.global.add.noftz.f16x2 %value, [%base], 0x00020001; bar.sync 0;",
               per_lane([](u32 l) { return 0x20001 * l; }),
               "both halves, in global memory too"},
              {ATTEST_GLOBAL_ZEROS
               "atom.global.add.noftz.bf16x2 %value, [%base], 0x00020001; bar.sync 0;",
               per_lane([](u32 l) { return 0x20001 * l; }),
               "both halves"},
              {ATTEST_GLOBAL_ZEROS "atom.global.add.v2.f32 {%a, %value}, [%base], {0f3F800000, "
                                   "0f40000000}; bar.sync 0;",
               {0,          0x40000000, 0x40800000, 0x40c00000, 0x41000000, 0x41200000, 0x41400000,
                0x41600000, 0x41800000, 0x41900000, 0x41a00000, 0x41b00000, 0x41c00000, 0x41d00000,
                0x41e00000, 0x41f00000, 0x42000000, 0x42080000, 0x42100000, 0x42180000, 0x42200000,
                0x42280000, 0x42300000, 0x42380000, 0x42400000, 0x42480000, 0x42500000, 0x42580000,
                0x42600000, 0x42680000, 0x42700000, 0x42780000},
               "the second of a vector"},
              {ATTEST_GLOBAL_ZEROS
               "atom.global.add.noftz.v2.f16x2 {%a, %value}, [%base], {0, 0x00010001}; bar.sync 0;",
               per_lane([](u32 l) { return 0x10001 * l; }),
               "the second of a vector"},
              {ATTEST_GLOBAL_ZEROS ".reg .b16 %h<4>; mov.b16 %h0, 0x3c00; mov.b16 %h1, 0xbc00; "
                                   "atom.global.max.noftz.v2.f16 {%h2, %h3}, [%base], {%h0, %h1}; "
                                   "mov.b32 %value, {%h2, %h3}; bar.sync 0;",
               per_lane([](u32 l) { return l == 0 ? 0 : 0x3c00; }),
               "the greater of 0 and 1, of 0 and -1"},
              {ATTEST_GLOBAL_ZEROS ".reg .b16 %h<4>; mov.b16 %h0, 0x3f80; mov.b16 %h1, 0xbf80; "
                                   "atom.global.min.noftz.v2.bf16 {%h2, %h3}, [%base], {%h0, %h1}; "
                                   "mov.b32 %value, {%h2, %h3}; bar.sync 0;",
               per_lane([](u32 l) { return l == 0 ? 0 : 0xbf800000; }),
               "the less of 0 and 1, of 0 and -1"},
              {ATTEST_SHARED_ZEROS
               "mov.u64 %wide, s; cvta.shared.u64 %wide, %wide; atom.add.release.gpu.u32 %value, "
               "[%wide], 1; atom.or.acq_rel.cta.b32 %a, [%wide+4], 1; ",
               per_lane([](u32 l) { return l; }),
               "a generic address; the operation before the order"},
              {ATTEST_GLOBAL_ZEROS
               "atom.acq_rel.gpu.global.inc.u32 %value, [%base], 99; atom.add.relaxed.cta.u32 %a, "
               "[%base+4], 1; atom.acquire.sys.global.add.u32 %a, [%base+4], 1; bar.sync 0;",
               per_lane([](u32 l) { return l; }),
               "orders and scopes"},
              {ATTEST_SHARED_ZEROS "mov.u64 %wide, s; cvta.shared.u64 %wide, %wide; atom.add.f32 "
                                   "%value, [%wide], 0f00000001;",
               per_lane([](u32 l) { return l; }),
               "a generic address of shared memory keeps subnormals"},
              {ATTEST_GLOBAL_ZEROS
               "createpolicy.fractional.L2::evict_last.b64 %wide; "
               "atom.global.add.L2::cache_hint.u32 %value, [%base], 1, %wide; bar.sync 0;",
               per_lane([](u32 l) { return l; }),
               "with a cache policy"},
              {ATTEST_SHARED_ZEROS "setp.gt.u32 %q, %lane, 29; mov.u32 %value, 7; @%q "
                                   "atom.shared.add.u32 %value, [s], 1;",
               per_lane([](u32 l) { return l < 30 ? 7 : l - 30; }),
               "only lanes that execute"},
          },
      .fault_examples =
          {
              {ATTEST_SHARED_ZEROS
               "setp.eq.u32 %p, %lane, 6; @%p atom.shared.add.u32 %value, [s+16], 1;",
               FindingKind::out_of_bounds,
               6,
               "past shared memory"},
              {ATTEST_SHARED_ZEROS "atom.shared.add.u32 %value, [s+2], 1;",
               FindingKind::misaligned,
               0,
               "shared memory"},
              {".shared .align 16 .b8 s[16]; atom.shared.add.u32 %value, [s], 1;",
               FindingKind::uninitialised_read,
               0,
               "shared memory"},
              {"ld.param.u64 %base, [out]; atom.global.add.u32 %value, [%base], 1;",
               FindingKind::uninitialised_read,
               0,
               "global memory"},
              {ATTEST_GLOBAL_ZEROS
               "atom.global.add.v2.f32 {%a, %b}, [%base+4], {0f00000000, 0f00000000};",
               FindingKind::misaligned,
               0,
               "a vector is aligned to its size"},
              {"mov.u64 %base, out; atom.add.u32 %value, [%base], 1;",
               FindingKind::out_of_bounds,
               0,
               "parameters cannot be written"},
          },
  };
}

}  // namespace attest::ptx
