// st: PTX ISA 9.0, 9.7.9.11. Cache operators and hints change no value.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/machine/shared_access.h"

namespace attest::ptx {
namespace {

template <class Element, class Stored>
Handler global(const Match& match, Instr*) {
  return match.address_bits() == 32 ? nullptr : store_global<Element, Stored>;
}

template <class Element, class Stored, int Count>
Handler global_vector(const Match& match, Instr*) {
  return match.address_bits() == 32 ? nullptr : store_global_vector<Element, Stored, Count>;
}

template <class Element, class Stored>
Handler shared(const Match& match, Instr*) {
  return match.address_bits() != 32 ? store_shared<Element, Stored, true>
                                    : store_shared<Element, Stored, false>;
}

Handler shared_word(const Match& match, Instr*) {
  return match.address_bits() != 32 ? store_shared_word<true> : store_shared_word<false>;
}

template <int Count>
Handler shared_words(const Match& match, Instr*) {
  return match.address_bits() != 32 ? store_shared_words<true, Count>
                                    : store_shared_words<false, Count>;
}

}  // namespace

#define ATTEST_ST_GLOBAL                                                          \
  "st{.weak|.volatile|.relaxed|.release}{.cta|.gpu|.sys}.global{.wb|.cg|.cs|.wt}" \
  "{.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate}"
#define ATTEST_ST_SHARED "st{.weak|.volatile}.(shared|shared::cta)"

Insn insn_st();
Insn insn_st() {
  return {
      .opcode = "st",
      .forms =
          {
              {ATTEST_ST_GLOBAL ".(b8|u8|s8) [a], b:32", global<u8, u32>},
              {ATTEST_ST_GLOBAL ".(b16|u16|s16) [a], b:32", global<u16, u32>},
              {ATTEST_ST_GLOBAL ".(b32|u32|s32|f32) [a], b:32", global<u32, u32>},
              {ATTEST_ST_GLOBAL ".(b64|u64|s64|f64) [a], b:64", global<u64, u64>},
              {ATTEST_ST_GLOBAL ".v2.(b16|u16|s16) [a], {b:32*2}", global_vector<u16, u32, 2>},
              {ATTEST_ST_GLOBAL ".v4.(b16|u16|s16) [a], {b:32*4}", global_vector<u16, u32, 4>},
              {ATTEST_ST_GLOBAL ".v2.(b32|u32|s32|f32) [a], {b:32*2}", global_vector<u32, u32, 2>},
              {ATTEST_ST_GLOBAL ".v4.(b32|u32|s32|f32) [a], {b:32*4}", global_vector<u32, u32, 4>},
              {ATTEST_ST_GLOBAL ".v2.(b64|u64|s64|f64) [a], {b:64*2}", global_vector<u64, u64, 2>},
              {ATTEST_ST_SHARED ".(b8|u8|s8) [a], b:32", shared<u8, u32>},
              {ATTEST_ST_SHARED ".(b16|u16|s16) [a], b:32", shared<u16, u32>},
              {ATTEST_ST_SHARED ".(b32|u32|s32|f32) [a], b:32", shared_word},
              {ATTEST_ST_SHARED ".(b64|u64|s64|f64) [a], b:64", shared<u64, u64>},
              {ATTEST_ST_SHARED ".v2.(b32|u32|s32|f32) [a], {b:32*2}", shared_words<2>},
              {ATTEST_ST_SHARED ".v4.(b32|u32|s32|f32) [a], {b:32*4}", shared_words<4>},
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
          },
  };
}

}  // namespace attest::ptx
