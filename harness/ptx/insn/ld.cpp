// ld: PTX ISA 9.0, 9.7.9.8 (ld) and 9.7.9.9 (ld.global.nc). Cache operators and hints change no
// value.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/ld.h"

#include "harness/ptx/insn/memory_form.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/memory/windows.h"

#include <cstring>

namespace attest::ptx {
namespace {

/// A parameter by its name: one value for all lanes.
template <class Element, class Stored, int Count>
const Instr* load_param(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  constexpr u64 kSize = sizeof(Element) * Count;
  const u64 at = static_cast<u64>(i->imm) - kParamWindow;
  const auto size = static_cast<u64>(w.cta->grid().program().parameter_bytes);
  const bool is_aligned = at % kSize == 0;
  if (!is_aligned || at > size || size - at < kSize) {
    return report_access(w,
                         i,
                         __builtin_ctz(m),
                         is_aligned ? FindingKind::out_of_bounds : FindingKind::misaligned,
                         {Space::param, Access::read, at, kSize});
  }
  for (int n = 0; n < Count; ++n) {
    Element value;
    std::memcpy(
        &value, w.cta->parameters() + at + static_cast<u64>(n) * sizeof value, sizeof value);
    auto* d = w.row<Stored>(Count == 1 ? i->op[0] : i->more[n]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = extended<Stored>(value);
    }
  }
  return i + 1;
}

/// The path of shared words; null for anything else.
Handler shared_words(const Match& match, MemoryAccess access) {
  if (!is_shared_words(match, access)) return nullptr;
  switch (vector_elements(match)) {
    case 1:
      return access.is_wide() ? load_shared_word<true> : load_shared_word<false>;
    case 2:
      return access.is_wide() ? load_shared_words<true, 2> : load_shared_words<false, 2>;
    case 4:
      return access.is_wide() ? load_shared_words<true, 4> : load_shared_words<false, 4>;
    default:
      return nullptr;
  }
}

Handler load_in(const Match& match, MemoryAccess access) {
  if (Handler handler = shared_words(match, access)) return handler;
  if (match.address_space() == Space::param) {
    return pick_type(match, []<class Element, class Stored, int Count>() -> Handler {
      return load_param<Element, Stored, Count>;
    });
  }
  if (access.space() == Space::global && !access.is_strong()) {
    return pick_type(match, []<class Element, class Stored, int Count>() -> Handler {
      return load<find_global, Element, Stored, Count>;
    });
  }
  return pick_type(match, []<class Element, class Stored, int Count>() -> Handler {
    return load<access_lanes, Element, Stored, Count>;
  });
}

Handler ordered(const Match& match, MemoryOrder order, Instr* out) {
  const auto access = put_ordered(match, Access::read, order, out);
  return access ? load_in(match, *access) : nullptr;
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

Handler non_coherent(const Match& match, Instr* out) {
  const auto access = put_ordered(match, Access::read, {}, out);
  if (!access || access->space() != Space::global) return nullptr;
  out->op[kAccessSlot] = access->with_nc().packed();
  return load_in(match, *access);
}

#define ATTEST_LD_TAIL \
  ATTEST_CACHE_HINT ATTEST_PREFETCH ATTEST_VECTOR ATTEST_TYPE " d:any, [a], c:64?"

}  // namespace

Insn insn_ld();
Insn insn_ld() {
  return {
      .opcode = "ld",
      .forms =
          {
              {"ld{.weak}" ATTEST_SPACE ATTEST_L1 ATTEST_L2 ATTEST_LD_TAIL, weak},
              {"ld{.weak}" ATTEST_SPACE ".(ca|cg|cs|lu|cv)" ATTEST_LD_TAIL, weak},
              {"ld.volatile" ATTEST_SPACE ATTEST_PREFETCH ATTEST_VECTOR ATTEST_TYPE " d:any, [a]",
               kept},
              {"ld" ATTEST_SPACE
               ".(relaxed|acquire)" ATTEST_SCOPE ATTEST_SPACE ATTEST_L1 ATTEST_L2 ATTEST_LD_TAIL,
               strong},
              {"ld.mmio{.relaxed}.sys{.global}" ATTEST_TYPE " d:any, [a]", kept},
              {"ld{.global}{.ca|.cg|.cs}.nc" ATTEST_L1 ATTEST_L2 ATTEST_LD_TAIL, non_coherent},
          },
      .examples = {},
      .warp_examples = ld_warp_examples(),
      .fault_examples = ld_fault_examples(),
  };
}

}  // namespace attest::ptx
