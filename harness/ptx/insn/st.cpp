// st: PTX ISA 9.0, 9.7.9.11. Cache operators and hints change no value.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/memory_form.h"
#include "harness/ptx/machine/shared_access.h"

namespace attest::ptx {
namespace {

/// The path of shared words; null for anything else.
Handler shared_words(const Match& match, MemoryAccess access) {
  if (!is_shared_words(match, access)) return nullptr;
  switch (vector_elements(match)) {
    case 1:
      return access.is_wide() ? store_shared_word<true> : store_shared_word<false>;
    case 2:
      return access.is_wide() ? store_shared_words<true, 2> : store_shared_words<false, 2>;
    case 4:
      return access.is_wide() ? store_shared_words<true, 4> : store_shared_words<false, 4>;
    default:
      return nullptr;
  }
}

Handler store_in(const Match& match, MemoryAccess access) {
  if (Handler handler = shared_words(match, access)) return handler;
  if (access.space() == Space::global && !access.is_strong()) {
    return pick_type(match, []<class Element, class Stored, int Count>() -> Handler {
      return store<find_global, std::make_unsigned_t<Element>, Stored, Count>;
    });
  }
  return pick_type(match, []<class Element, class Stored, int Count>() -> Handler {
    return store<access_lanes, std::make_unsigned_t<Element>, Stored, Count>;
  });
}

Handler ordered(const Match& match, MemoryOrder order, Instr* out) {
  const auto access = put_ordered(match, Access::write, order, out);
  return access ? store_in(match, *access) : nullptr;
}

Handler weak(const Match& match, Instr* out) {
  return ordered(match, {}, out);
}
Handler strong(const Match& match, Instr* out) {
  return ordered(match, order_of(match), out);
}
/// .volatile and .mmio are .relaxed.sys, and are kept as they are written besides.
Handler kept(const Match& match, Instr* out) {
  return ordered(match, {.is_strong = true}, out);
}

#define ATTEST_ST_TAIL ATTEST_CACHE_HINT ATTEST_VECTOR ATTEST_TYPE " [a], b:any, c:64?"

}  // namespace

Insn insn_st();
Insn insn_st() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "st",
      .forms =
          {
              {"st{.weak}" ATTEST_SPACE ATTEST_L1 ATTEST_L2 ATTEST_ST_TAIL, weak},
              {"st{.weak}" ATTEST_SPACE ".(wb|cg|cs|wt)" ATTEST_ST_TAIL, weak},
              {"st.volatile" ATTEST_SPACE ATTEST_VECTOR ATTEST_TYPE " [a], b:any", kept},
              {"st" ATTEST_SPACE
               ".(relaxed|release)" ATTEST_SCOPE ATTEST_SPACE ATTEST_L1 ATTEST_L2 ATTEST_ST_TAIL,
               strong},
              {"st.mmio{.relaxed}.sys{.global}" ATTEST_TYPE " [a], b:any", kept},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[512]; shl.b32 %a, %lane, 4; mov.u32 %b, s; add.u32 %a, %a, "
               "%b; add.u32 %c, %lane, 1; "
               "st.shared.v4.u32 [%a], {%lane, %c, %c, %lane}; ld.shared.u8 %value, [%a+4];",
               {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32},
               "the second of four words, its low byte"},
              {".local .align 16 .b8 s[16]; mov.u32 %a, 0x11223344; mov.u32 %b, s; st.local.u32 "
               "[%b], %a; st.local.u8 [%b+1], 0x1ff; ld.local.u32 %value, [s];",
               std::vector<u32>(32, 0x1122ff44),
               "one byte of four, cut from more"},
              {".local .align 16 .b8 s[32]; mov.u64 %wide, 0x1122334455667788; st.local.u16 "
               "[s+2], %wide; st.local.u16 [s], 0x99aa; ld.local.u32 %value, [s];",
               std::vector<u32>(32, 0x778899aau),
               "the low half of a wider register"},
              {".local .align 16 .b8 s[32]; .reg .b16 %h<3>; mov.b16 %h1, 0x1234; mov.b16 %h2, "
               "0x5678; st.local.v2.u8 [s], {%h1, %h2}; st.local.v2.b16 [s+4], {%h1, %h2}; "
               "ld.local.u16 %a, [s]; ld.local.u16 %b, [s+6]; prmt.b32 %value, %a, %b, 0x5410;",
               std::vector<u32>(32, 0x56787834u),
               "bytes and halves of 16-bit registers"},
              {".local .align 16 .b8 s[32]; mov.b64 %wide, s; cvta.local.u64 %wide, %wide; add.u32 "
               "%a, %lane, 7; st.v4.u32 [%wide+16], {%a, 1, 2, %a}; ld.local.u32 %value, [s+28];",
               {7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38},
               "local memory through its generic address"},
              {".shared .align 16 .b8 s[128]; shl.b32 %a, %lane, 2; mov.b64 %wide, {%a, 0}; "
               "mov.u64 "
               "%base, s; cvta.shared.u64 %base, %base; add.u64 %wide, %wide, %base; st.u32 "
               "[%wide], %lane; mov.u32 %b, s; add.u32 %a, %a, %b; ld.shared.u32 %value, [%a];",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "shared memory through its generic address"},
              {"ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; "
               "add.u64 %base, %base, %wide; st.global.v2.f32 [%base], {0f3F800000, 0f40000000}; "
               "ld.global.L1::no_allocate.L2::128B.f32 %value, [%base+4];",
               std::vector<u32>(32, 0x40000000u),
               "constants as elements; hints of a load"},
              {"ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; "
               "add.u64 %base, %base, %wide; createpolicy.fractional.L2::evict_last.b64 %wide; "
               "st.global.L2::cache_hint.v2.u32 [%base], {3, %lane}, %wide; "
               "ld.global.L1::evict_last.L2::cache_hint.L2::256B.b32 %value, [%base+4], %wide;",
               {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31},
               "with a cache policy"},
              {"ld.param.u64 %base, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; "
               "add.u64 %base, %base, %wide; st.global.release.gpu.b32 [%base], %lane; "
               "st.relaxed.cta.global.u32 [%base+4], 5; st.volatile.global.u16 [%base+6], 1; "
               "ld.acquire.gpu.global.u32 %value, [%base+4]; ld.relaxed.sys.u32 %a, [%base]; "
               "add.u32 %value, %value, %a;",
               {65541, 65542, 65543, 65544, 65545, 65546, 65547, 65548, 65549, 65550, 65551,
                65552, 65553, 65554, 65555, 65556, 65557, 65558, 65559, 65560, 65561, 65562,
                65563, 65564, 65565, 65566, 65567, 65568, 65569, 65570, 65571, 65572},
               "order and scope before or after the space"},
          },
      .fault_examples =
          {
              {".local .align 8 .b8 s[8]; mov.u32 %a, s; add.u32 %a, %a, %lane; st.local.u8 [%a], "
               "1;",
               FindingKind::out_of_bounds,
               8,
               "lane 8 is past its local memory"},
              {".local .align 8 .b8 s[8]; st.local.u32 [s+2], 1;",
               FindingKind::misaligned,
               0,
               "local memory"},
              {"mov.u64 %base, out; cvta.param.u64 %base, %base; st.u32 [%base], 1;",
               FindingKind::out_of_bounds,
               0,
               "a parameter of a kernel cannot be written"},
              {".local .align 8 .b8 s[8]; mov.u64 %base, s; cvta.local.u64 %base, %base; st.u64 "
               "[%base+8], %base;",
               FindingKind::out_of_bounds,
               0,
               "past local memory, by a generic address"},
              {"mov.u64 %base, 16; st.u32 [%base], 1;",
               FindingKind::out_of_bounds,
               0,
               "a generic address of nothing"},
              {"ld.param.u64 %base, [out]; st.u32 [%base+2], 1;",
               FindingKind::misaligned,
               0,
               "a generic address"},
          },
  };
}

}  // namespace attest::ptx
