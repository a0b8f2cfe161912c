// ld: PTX ISA 9.0, 9.7.9.8 (ld) and 9.7.9.9 (ld.global.nc). Cache operators and hints change no
// value.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"

#include <cstring>

namespace attest::ptx {
namespace {

// Selects by the index of the type group: 0 b, 1 u, 2 s (, 3 f).
constexpr int kSigned = 2;

template <class Element, class Stored, int Count>
const Instr* load_param(Warp& w, const Instr* i) {
  const Program& program = w.cta->grid().program();
  if (i->imm < 0 || i->imm + static_cast<s64>(sizeof(Element)) * Count > program.parameter_bytes) {
    return report(w, i, 0, FindingKind::out_of_bounds, "a load beyond the kernel's parameters");
  }
  const u32 m = w.lanes(*i);
  for (int n = 0; n < Count; ++n) {
    Element value;
    std::memcpy(
        &value, w.cta->parameters() + i->imm + n * static_cast<s64>(sizeof(Element)), sizeof value);
    auto* d = w.row<Stored>(Count == 1 ? i->op[0] : i->more[n]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = static_cast<Stored>(value);
    }
  }
  return i + 1;
}

/// Parameters through a register that holds the address of one.
template <class Element, class Stored, int Count>
const Instr* load_param_at(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  const auto* addresses = w.row<const u64>(i->op[Count == 1 ? 1 : 0]);
  const auto size = static_cast<u64>(w.cta->grid().program().parameter_bytes);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const u64 at = addresses[l] + static_cast<u64>(i->imm) - kParamWindow;
    if (at > size || size - at < sizeof(Element) * Count) {
      return report(w, i, l, FindingKind::out_of_bounds, "a load beyond the kernel's parameters");
    }
    for (int n = 0; n < Count; ++n) {
      Element value;
      std::memcpy(
          &value, w.cta->parameters() + at + static_cast<u64>(n) * sizeof value, sizeof value);
      w.row<Stored>(Count == 1 ? i->op[0] : i->more[n])[l] = static_cast<Stored>(value);
    }
  }
  return i + 1;
}

template <class Unsigned, class Signed, class Stored>
Handler param(const Match& match, Instr*) {
  if (match.address_bits() == 64) {
    return match.index(0) == kSigned ? load_param_at<Signed, Stored, 1>
                                     : load_param_at<Unsigned, Stored, 1>;
  }
  return match.index(0) == kSigned ? load_param<Signed, Stored, 1>
                                   : load_param<Unsigned, Stored, 1>;
}

template <class Stored, int Count>
Handler param_vector(const Match& match, Instr*) {
  return match.address_bits() == 64 ? load_param_at<Stored, Stored, Count>
                                    : load_param<Stored, Stored, Count>;
}

constexpr std::size_t kGlobalType = 6;  // group number of the type in the global forms

template <class Unsigned, class Signed, class Stored>
Handler global(const Match& match, Instr*) {
  if (match.address_bits() == 32) return nullptr;
  return match.index(kGlobalType) == kSigned ? load_global<Signed, Stored>
                                             : load_global<Unsigned, Stored>;
}

template <class Element, class Stored, int Count>
Handler global_vector(const Match& match, Instr*) {
  return match.address_bits() == 32 ? nullptr : load_global_vector<Element, Stored, Count>;
}

constexpr std::size_t kSharedType = 2;

template <class Unsigned, class Signed, class Stored>
Handler shared(const Match& match, Instr*) {
  const bool is_wide = match.address_bits() != 32;
  if (match.index(kSharedType) == kSigned)
    return is_wide ? load_shared<Signed, Stored, true> : load_shared<Signed, Stored, false>;
  return is_wide ? load_shared<Unsigned, Stored, true> : load_shared<Unsigned, Stored, false>;
}

Handler shared_word(const Match& match, Instr*) {
  return match.address_bits() != 32 ? load_shared_word<true> : load_shared_word<false>;
}

template <int Count>
Handler shared_words(const Match& match, Instr*) {
  return match.address_bits() != 32 ? load_shared_words<true, Count>
                                    : load_shared_words<false, Count>;
}

}  // namespace

#define ATTEST_LD_GLOBAL                                                                       \
  "ld{.weak|.volatile|.relaxed|.acquire}{.cta|.gpu|.sys}.global{.ca|.cg|.cs|.lu|.cv}{.nc}"     \
  "{.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|.L1::evict_last|.L1::no_allocate}" \
  "{.L2::64B|.L2::128B|.L2::256B}"
#define ATTEST_LD_SHARED "ld{.weak|.volatile}.(shared|shared::cta)"

Insn insn_ld();
Insn insn_ld() {
  return {
      .opcode = "ld",
      .forms =
          {
              {"ld.param.(b8|u8|s8) d:32, [a]", param<u8, s8, u32>},
              {"ld.param.(b16|u16|s16) d:32, [a]", param<u16, s16, u32>},
              {"ld.param.(b32|u32|s32|f32) d:32, [a]", param<u32, u32, u32>},
              {"ld.param.(b64|u64|s64|f64) d:64, [a]", param<u64, u64, u64>},
              // A register wider than what is loaded: extended by the sign, or by zeros.
              {"ld.param.(b8|u8|s8) d:64, [a]", param<u8, s8, u64>},
              {"ld.param.(b16|u16|s16) d:64, [a]", param<u16, s16, u64>},
              {"ld.param.(b32|u32|s32) d:64, [a]", param<u32, s32, u64>},
              {"ld.param.v2.(b32|u32|s32|f32) {d:32*2}, [a]", param_vector<u32, 2>},
              {"ld.param.v4.(b32|u32|s32|f32) {d:32*4}, [a]", param_vector<u32, 4>},
              {"ld.param.v2.(b64|u64|s64|f64) {d:64*2}, [a]", param_vector<u64, 2>},
              {ATTEST_LD_GLOBAL ".(b8|u8|s8) d:32, [a]", global<u8, s8, u32>},
              {ATTEST_LD_GLOBAL ".(b16|u16|s16) d:32, [a]", global<u16, s16, u32>},
              {ATTEST_LD_GLOBAL ".(b32|u32|s32|f32) d:32, [a]", global<u32, u32, u32>},
              {ATTEST_LD_GLOBAL ".(b64|u64|s64|f64) d:64, [a]", global<u64, u64, u64>},
              {ATTEST_LD_GLOBAL ".(b8|u8|s8) d:64, [a]", global<u8, s8, u64>},
              {ATTEST_LD_GLOBAL ".(b16|u16|s16) d:64, [a]", global<u16, s16, u64>},
              {ATTEST_LD_GLOBAL ".(b32|u32|s32) d:64, [a]", global<u32, s32, u64>},
              {ATTEST_LD_GLOBAL ".v2.(b16|u16|s16) {d:32*2}, [a]", global_vector<u16, u32, 2>},
              {ATTEST_LD_GLOBAL ".v4.(b16|u16|s16) {d:32*4}, [a]", global_vector<u16, u32, 4>},
              {ATTEST_LD_GLOBAL ".v2.(b32|u32|s32|f32) {d:32*2}, [a]", global_vector<u32, u32, 2>},
              {ATTEST_LD_GLOBAL ".v4.(b32|u32|s32|f32) {d:32*4}, [a]", global_vector<u32, u32, 4>},
              {ATTEST_LD_GLOBAL ".v2.(b64|u64|s64|f64) {d:64*2}, [a]", global_vector<u64, u64, 2>},
              {ATTEST_LD_SHARED ".(b8|u8|s8) d:32, [a]", shared<u8, s8, u32>},
              {ATTEST_LD_SHARED ".(b16|u16|s16) d:32, [a]", shared<u16, s16, u32>},
              {ATTEST_LD_SHARED ".(b32|u32|s32|f32) d:32, [a]", shared_word},
              {ATTEST_LD_SHARED ".(b64|u64|s64|f64) d:64, [a]", shared<u64, u64, u64>},
              {ATTEST_LD_SHARED ".(b8|u8|s8) d:64, [a]", shared<u8, s8, u64>},
              {ATTEST_LD_SHARED ".(b16|u16|s16) d:64, [a]", shared<u16, s16, u64>},
              {ATTEST_LD_SHARED ".(b32|u32|s32) d:64, [a]", shared<u32, s32, u64>},
              {ATTEST_LD_SHARED ".v2.(b32|u32|s32|f32) {d:32*2}, [a]", shared_words<2>},
              {ATTEST_LD_SHARED ".v4.(b32|u32|s32|f32) {d:32*4}, [a]", shared_words<4>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
               "%b; add.u32 %c, %lane, 5; "
               "st.shared.u32 [%a], %c; bar.sync 0; xor.b32 %a, %a, 4; ld.shared.u32 %value, [%a];",
               {6,  5,  8,  7,  10, 9,  12, 11, 14, 13, 16, 15, 18, 17, 20, 19,
                22, 21, 24, 23, 26, 25, 28, 27, 30, 29, 32, 31, 34, 33, 36, 35},
               "neighbours swap through shared memory"},
              {"mov.b64 %base, out; ld.param.u64 %wide, [%base]; ld.param.u64 %base, [out]; "
               "setp.eq.u64 %p, %wide, %base; mov.u32 %value, 0; @%p mov.u32 %value, 1;",
               {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
               "a parameter through its address and by name"},
              {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
               "%b; "
               "mov.u32 %c, 0xfffe80ff; st.shared.u32 [%a], %c; ld.shared.s32 %wide, [%a]; "
               "mov.b64 {%c, %value}, %wide;",
               {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
                0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
               "a wider register takes the sign"},
              {".shared .align 16 .b8 s[256]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %a, %a, "
               "%b; "
               "mov.u32 %c, 0xfffe80ff; st.shared.u32 [%a], %c; ld.shared.u32 %wide, [%a]; "
               "mov.b64 {%c, %value}, %wide; ld.shared.s16 %wide, [%a]; mov.b64 {%c, %b}, %wide; "
               "add.u32 %value, %value, %c;",
               {0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
                0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
                0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
                0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff,
                0xffff80ff, 0xffff80ff, 0xffff80ff, 0xffff80ff},
               "zeros above u32; the sign of s16"},
              {"ld.param.u32 %wide, [out]; ld.param.u64 %base, [out]; mov.b64 {%a, %b}, %base; "
               "mov.b64 {%c, %value}, %wide; sub.u32 %c, %c, %a; or.b32 %value, %value, %c;",
               {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "the low half of a parameter, zeros above"},
          },
  };
}

}  // namespace attest::ptx
