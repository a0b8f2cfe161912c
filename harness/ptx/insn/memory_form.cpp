// Spaces and orders of ld, st, atom and red.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/memory_form.h"

#include "harness/ptx/machine/global_access.h"
#include "harness/ptx/memory/windows.h"

#include <array>
#include <utility>

namespace attest::ptx {

std::optional<Space> space_of(const Match& match) {
  constexpr std::array<std::pair<std::string_view, Space>, 9> kWords = {{
      {"const", Space::constant},
      {"global", Space::global},
      {"local", Space::local},
      {"param", Space::param},
      {"param::entry", Space::param},
      {"param::func", Space::param},
      {"shared", Space::shared},
      {"shared::cta", Space::shared},
      {"shared::cluster", Space::shared},
  }};
  Space space = Space::generic;
  for (const auto& [word, named] : kWords) {
    if (match.has(word)) space = named;
  }
  const Space variable = match.address_space();
  if (variable == Space::none || variable == space) return space;
  // Parameters of functions are in local memory.
  const bool is_frame = space == Space::param && variable == Space::local;
  return space == Space::generic || is_frame ? std::optional(variable) : std::nullopt;
}

MemoryOrder order_of(const Match& match) {
  MemoryOrder order;
  const bool is_both = match.has("acq_rel");
  order.acquires = is_both || match.has("acquire");
  order.releases = is_both || match.has("release");
  order.is_strong = order.acquires || order.releases || match.has("relaxed");
  order.is_cta = match.has("cta") || match.has("cluster");
  return order;
}

std::optional<MemoryAccess> put_access(const Match& match,
                                       Access access,
                                       MemoryOrder order,
                                       Instr* out) {
  const auto space = space_of(match);
  if (!space) return std::nullopt;
  MemoryAccess how(*space, access, order);
  if (match.address_bits() == 32) {
    if (*space != Space::shared && *space != Space::local) return std::nullopt;
    how = how.with_narrow_addresses();
  }
  if (*space == Space::constant && access != Access::read) return std::nullopt;
  if (*space == Space::param) {
    if (access != Access::read) return std::nullopt;
    if (match.address_space() == Space::param)
      out->imm = static_cast<s64>(static_cast<u64>(out->imm) + kParamWindow);
  }
  out->op[kAccessSlot] = how.packed();
  return how;
}

std::optional<MemoryAccess> put_ordered(const Match& match,
                                        Access access,
                                        MemoryOrder order,
                                        Instr* out) {
  if (match.has("L2::cache_hint") != (match.operands() == 3)) return std::nullopt;
  const auto how = put_access(match, access, order, out);
  if (!how || !how->is_strong()) return how;
  const bool is_ordered_space = how->space() == Space::global || how->space() == Space::shared ||
                                how->space() == Space::generic;
  return is_ordered_space ? how : std::nullopt;
}

bool is_shared_words(const Match& match, MemoryAccess access) {
  return access.space() == Space::shared && !access.is_strong() && match.type().substr(1) == "32" &&
         match.register_bits() == 32;
}

int vector_elements(const Match& match) {
  const int count = match.has("v2") ? 2 : match.has("v4") ? 4 : match.has("v8") ? 8 : 1;
  return static_cast<std::size_t>(count) == match.elements() ? count : 0;
}

bool find_global(Warp& w,
                 const Instr* i,
                 u32 m,
                 u32 address_row,
                 s64 size_bytes,
                 MemoryAccess access,
                 LaneBytes* out) {
  return global_lanes(w, i, m, w.row<const u64>(address_row), i->imm, size_bytes, access, out);
}

}  // namespace attest::ptx
