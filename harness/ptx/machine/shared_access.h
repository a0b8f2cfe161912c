// Loads and stores of shared memory for a whole warp, with their shadow: fast where lanes access
// whole words in runs or all the same one, exact everywhere.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/machine/ordering.h"
#include "harness/ptx/machine/traffic.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/memory/shared_memory.h"

#include <cstdint>

namespace attest::ptx {

/// Shared addresses of the lanes: `row + offset`, from 32-bit or 64-bit registers.
struct SharedLanes {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): whoever fills it would write twice
  SharedLanes() {}

  alignas(32) std::uint32_t address[kLanes];
};

/// What an access does, and which it is among those that are counted on their own.
struct SharedUse {
  constexpr SharedUse(Access is, SharedPath by = SharedPath::plain) : access(is), path(by) {}
  Access access;
  SharedPath path;
};

/// Computes addresses, checks bounds and alignment for the lanes of `m`, and counts the access.
/// `is_wide`: 64-bit registers. False after a finding.
bool shared_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  std::uint32_t row,
                  bool is_wide,
                  std::uint32_t size_bytes,
                  SharedUse use,
                  SharedLanes* out);

/// Shadow of one lane's access; false after a finding.
bool shadow_read(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::uint32_t size_bytes);
bool shadow_write(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::uint32_t size_bytes);

/// The same for a strong access, which also orders threads; `effect` says what it does.
bool strong_shared(Warp& w,
                   const Instr* i,
                   int lane,
                   std::uint32_t address,
                   std::uint32_t size_bytes,
                   Effect effect,
                   MemoryOrder order);

/// The CTA's bytes.
[[nodiscard]] std::byte* shared_data(const Warp& w);
/// The accessing party as the shadow wants it.
[[nodiscard]] SharedAccess shared_access(const Warp& w, const Instr* i, int lane);

/// ld.shared.b32 and st.shared.b32, address row op[1] / op[0].
template <bool IsWide>
const Instr* load_shared_word(Warp& w, const Instr* i);
template <bool IsWide>
const Instr* store_shared_word(Warp& w, const Instr* i);
/// .v2 and .v4 of b32.
template <bool IsWide, int Count>
const Instr* load_shared_words(Warp& w, const Instr* i);
template <bool IsWide, int Count>
const Instr* store_shared_words(Warp& w, const Instr* i);

/// Any element, one lane after the other.
template <class Element, class Stored, bool IsWide>
const Instr* load_shared(Warp& w, const Instr* i);
template <class Element, class Stored, bool IsWide>
const Instr* store_shared(Warp& w, const Instr* i);

template <class Element, class Stored, bool IsWide>
const Instr* load_shared(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[1], IsWide, sizeof(Element), Access::read, &at)) return nullptr;
  const std::byte* data = shared_data(w);
  auto* d = w.row<Stored>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if (!shadow_read(w, i, l, at.address[l], sizeof(Element))) return nullptr;
    d[l] = static_cast<Stored>(*reinterpret_cast<const Element*>(data + at.address[l]));
  }
  return i + 1;
}

template <class Element, class Stored, bool IsWide>
const Instr* store_shared(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, sizeof(Element), Access::write, &at)) return nullptr;
  std::byte* data = shared_data(w);
  const auto* s = w.row<const Stored>(i->op[1]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if (!shadow_write(w, i, l, at.address[l], sizeof(Element))) return nullptr;
    *reinterpret_cast<Element*>(data + at.address[l]) = static_cast<Element>(s[l]);
  }
  return i + 1;
}

}  // namespace attest::ptx
