// Loads and stores of global memory for a whole warp: one pass that checks, finds and moves.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/machine/warp.h"

#include <cstddef>
#include <cstdint>

namespace attest::ptx {

/// Host addresses of what lanes access.
struct GlobalLanes {
  std::byte* host[kLanes];
  bool is_contiguous = false;  // all 32 lanes execute, and lane l + 1 follows lane l directly
};

/// Checks bounds, alignment, writability and (reads) initialisation of `size_bytes` bytes at
/// `addresses[l] + offset` for every lane of `m`; marks written bytes. False after a finding.
bool global_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::int64_t offset,
                  std::int64_t size_bytes,
                  Access access,
                  GlobalLanes* out);

/// Handlers. Destination or source rows: op[0] for one element, else Instr::more; the address row
/// is op[1] (loads: op[0] when vector), the offset imm. Stored is how an element lies in its row.
template <class Element, class Stored>
const Instr* load_global(Warp& w, const Instr* i);
template <class Element, class Stored, int Count>
const Instr* load_global_vector(Warp& w, const Instr* i);
template <class Element, class Stored>
const Instr* store_global(Warp& w, const Instr* i);
template <class Element, class Stored, int Count>
const Instr* store_global_vector(Warp& w, const Instr* i);

template <class Element, class Stored>
const Instr* load_global(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  GlobalLanes at;
  if (!global_lanes(w,
                    i,
                    m,
                    w.row<const std::uint64_t>(i->op[1]),
                    i->imm,
                    sizeof(Element),
                    Access::read,
                    &at)) {
    return nullptr;
  }
  auto* d = w.row<Stored>(i->op[0]);
  if (at.is_contiguous) {
    const auto* s = reinterpret_cast<const Element*>(at.host[0]);
    for (int l = 0; l < kLanes; ++l)
      d[l] = static_cast<Stored>(s[l]);
    return i + 1;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0)
      d[l] = static_cast<Stored>(*reinterpret_cast<const Element*>(at.host[l]));
  }
  return i + 1;
}

template <class Element, class Stored, int Count>
const Instr* load_global_vector(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  GlobalLanes at;
  if (!global_lanes(w,
                    i,
                    m,
                    w.row<const std::uint64_t>(i->op[0]),
                    i->imm,
                    sizeof(Element) * Count,
                    Access::read,
                    &at)) {
    return nullptr;
  }
  for (int n = 0; n < Count; ++n) {
    auto* d = w.row<Stored>(i->more[n]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0)
        d[l] = static_cast<Stored>(reinterpret_cast<const Element*>(at.host[l])[n]);
    }
  }
  return i + 1;
}

template <class Element, class Stored>
const Instr* store_global(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  GlobalLanes at;
  if (!global_lanes(w,
                    i,
                    m,
                    w.row<const std::uint64_t>(i->op[0]),
                    i->imm,
                    sizeof(Element),
                    Access::write,
                    &at)) {
    return nullptr;
  }
  const auto* s = w.row<const Stored>(i->op[1]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) != 0) *reinterpret_cast<Element*>(at.host[l]) = static_cast<Element>(s[l]);
  }
  return i + 1;
}

template <class Element, class Stored, int Count>
const Instr* store_global_vector(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  GlobalLanes at;
  if (!global_lanes(w,
                    i,
                    m,
                    w.row<const std::uint64_t>(i->op[0]),
                    i->imm,
                    sizeof(Element) * Count,
                    Access::write,
                    &at)) {
    return nullptr;
  }
  for (int n = 0; n < Count; ++n) {
    const auto* s = w.row<const Stored>(i->more[n]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) reinterpret_cast<Element*>(at.host[l])[n] = static_cast<Element>(s[l]);
    }
  }
  return i + 1;
}

}  // namespace attest::ptx
