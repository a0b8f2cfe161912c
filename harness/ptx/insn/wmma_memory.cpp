// The moves of wmma.load and wmma.store, element by element or word by word.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/wmma_memory.h"

#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/machine/access.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr u64 kStrideAlignment = 16;  // of CUDA's fragments, where they are not smaller

/// One access of a lane: `across` rows (or columns) of memory and `along` elements from the start.
struct Piece {
  u16 across = 0;
  u16 along = 0;
};

/// A move, laid out: the pieces of each register, lane after lane.
struct Layout {
  explicit Layout(const WmmaMove& of);

  WmmaMove move;
  int bits = 16;           // of an element in memory
  int registers = 0;       // that differ; the others repeat them
  int repeats = 1;         // of all of them
  int pieces_of_word = 1;  // of a register of one lane
  u32 piece_bytes = 4;
  u64 default_stride = 0;    // in elements
  u64 fragment_bytes = 0;    // of one lane
  std::vector<Piece> piece;  // [register][part of the word][lane]
};

Layout::Layout(const WmmaMove& of) : move(of) {
  const FragmentMap& map = fragment_map(mma_fragment(true, of.role, of.shape, of.format));
  const FragmentShape& shape = map.shape();
  bits = mma_width(of.format);
  const int per_element = of.format == MmaFormat::b1 ? 32 : 1;  // elements of memory in one of it
  const int per_word = map.per_word();
  const bool is_b = of.role == FragmentRole::b;
  // In a register neighbours follow each other along k (A, B), or along a row (C).
  const bool is_run = of.is_row_major != is_b;
  pieces_of_word = is_run ? 1 : per_word;
  piece_bytes = static_cast<u32>((is_run ? per_word * per_element : 1) * bits) / 8;
  const int bytes_of_register = of.format == MmaFormat::f64 ? 8 : 4;
  registers = map.elements() / (kLanes * per_word);
  repeats = map.registers() / registers;
  fragment_bytes = static_cast<u64>(map.registers()) * static_cast<u64>(bytes_of_register);
  const int contiguous = of.is_row_major ? shape.columns : shape.rows;
  default_stride = static_cast<u64>(contiguous * per_element);
  for (int reg = 0; reg < registers; ++reg) {
    for (int part = 0; part < pieces_of_word; ++part) {
      for (int lane = 0; lane < kLanes; ++lane) {
        const FragmentPlace at = fragment_place(shape, {reg, lane, part});
        const int across = of.is_row_major ? at.row : at.column;
        const int along = (of.is_row_major ? at.column : at.row) * per_element;
        piece.push_back({static_cast<u16>(across), static_cast<u16>(along)});
      }
    }
  }
}

const Layout& layout_of(const Instr* i) {
  return *reinterpret_cast<const Layout*>(i->imm2);
}

/// Where the matrix starts and how its rows (or columns) follow each other, per lane.
struct Origin {
  u64 address[kLanes];
  u64 stride[kLanes];
};

/// False after a finding.
bool find_origin(Warp& w, const Instr* i, const Layout& layout, Origin* out) {
  const u32* stride = layout.move.has_stride ? w.row<const u32>(i->op[1]) : nullptr;
  const u64 row_alignment = std::min(layout.fragment_bytes, kStrideAlignment);
  for (int l = 0; l < kLanes; ++l) {
    const u64 base =
        layout.move.is_wide ? w.row<const u64>(i->op[0])[l] : w.row<const u32>(i->op[0])[l];
    out->address[l] = base + static_cast<u64>(i->imm);
    out->stride[l] = stride == nullptr ? layout.default_stride : stride[l];
    const u64 bytes = out->stride[l] * static_cast<u64>(layout.bits) / 8;
    if (out->address[l] % layout.fragment_bytes == 0 && bytes % row_alignment == 0) continue;
    report(w,
           i,
           l,
           FindingKind::misaligned,
           "a matrix at " + std::to_string(out->address[l]) + " with " + std::to_string(bytes) +
               " bytes from row to row: its fragments want multiples of " +
               std::to_string(layout.fragment_bytes) + " and of " + std::to_string(row_alignment));
    return false;
  }
  return true;
}

/// Calls move(register, part, host addresses) for every piece of the fragment; false after a
/// finding.
template <class Move>
bool each_piece(Warp& w, const Instr* i, const Layout& layout, Access access, Move&& move) {
  Origin origin;
  if (!find_origin(w, i, layout, &origin)) return false;
  const Piece* piece = layout.piece.data();
  for (int reg = 0; reg < layout.registers; ++reg) {
    for (int part = 0; part < layout.pieces_of_word; ++part, piece += kLanes) {
      u64 address[kLanes];
      for (int l = 0; l < kLanes; ++l) {
        const u64 element = piece[l].across * origin.stride[l] + piece[l].along;
        address[l] = origin.address[l] + element * static_cast<u64>(layout.bits) / 8;
      }
      LaneBytes at;
      const MemoryAccess weak(layout.move.space, access, {});
      if (!access_at(w, i, kAllLanes, address, layout.piece_bytes, weak, &at)) return false;
      move(reg, part, at.host);
    }
  }
  return true;
}

/// Bytes of one lane's register.
std::byte* lane_of(Warp& w, const Instr* i, const Layout& layout, int reg, int lane) {
  const int bytes = layout.move.format == MmaFormat::f64 ? 8 : 4;
  return w.row<std::byte>(i->more[reg]) + lane * bytes;
}

}  // namespace

const Instr* wmma_load(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  const Layout& layout = layout_of(i);
  const bool is_done =
      each_piece(w, i, layout, Access::read, [&](int reg, int part, std::byte* const* host) {
        for (int l = 0; l < kLanes; ++l) {
          for (int copy = 0; copy < layout.repeats; ++copy) {
            std::byte* to = lane_of(w, i, layout, reg + copy * layout.registers, l);
            std::memcpy(
                to + static_cast<u32>(part) * layout.piece_bytes, host[l], layout.piece_bytes);
          }
        }
      });
  return is_done ? i + 1 : nullptr;
}

const Instr* wmma_store(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  const Layout& layout = layout_of(i);
  const bool is_done =
      each_piece(w, i, layout, Access::write, [&](int reg, int part, std::byte* const* host) {
        for (int l = 0; l < kLanes; ++l) {
          const std::byte* from = lane_of(w, i, layout, reg, l);
          std::memcpy(
              host[l], from + static_cast<u32>(part) * layout.piece_bytes, layout.piece_bytes);
        }
      });
  return is_done ? i + 1 : nullptr;
}

s64 wmma_move(const WmmaMove& move) {
  static std::mutex mutex;
  static std::map<WmmaMove, Layout> layouts;
  const std::scoped_lock lock(mutex);
  return reinterpret_cast<std::intptr_t>(&layouts.try_emplace(move, move).first->second);
}

}  // namespace attest::ptx
