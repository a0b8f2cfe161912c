// Fragments of whole matrices.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/fragment_map.h"

#include "harness/base/check.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>

namespace attest::ptx {
namespace {

constexpr int kLanesOfMap = 32;
constexpr int kMostWords = 8 * kLanesOfMap;  // of 8 registers

/// A register of f16 accumulators holds two that are neighbours in a row, as two of f32 do.
FragmentPlace place_c(FragmentSlot slot, int per_word) {
  return fragment_c({slot.reg * per_word + slot.element, slot.lane, 0});
}

FragmentPlace place_in_quad_pair(const FragmentShape& shape, FragmentSlot slot) {
  switch (shape.role) {
    case FragmentRole::a:
      return quad_pair_a(slot, shape.is_column_major);
    case FragmentRole::b:
      return quad_pair_b(slot, shape.is_column_major);
    default:
      return shape.width == 16 ? quad_pair_c16(slot) : quad_pair_c32(slot);
  }
}

/// Registers of one piece: of 16 rows or 8 columns, or what there is.
int registers_of_piece(const FragmentShape& shape, int per_word) {
  const int rows = shape.role == FragmentRole::b ? shape.rows : std::min(shape.rows, 16);
  const int columns = shape.role == FragmentRole::a ? shape.columns : std::min(shape.columns, 8);
  return std::max(1, rows * columns / (kLanesOfMap * per_word));
}

/// 4-bit elements lie in bytes for the length of a move.
template <class Element>
void to_elements(const std::uint16_t* slot_of, int count, const void* image, std::uint32_t* out) {
  const auto* from = static_cast<const Element*>(image);
  for (int i = 0; i < count; ++i) {
    out[i] = from[slot_of[i]];
  }
}

/// The same where every 16 bytes of the image are as many elements in a row.
template <class Element>
void runs_to_elements(const std::uint16_t* slot_of,
                      int count,
                      const void* image,
                      std::uint32_t* out) {
  constexpr int kRun = 16 / sizeof(Element);
  const auto* from = static_cast<const Element*>(image);
  for (int i = 0; i < count; i += kRun) {
    for (int j = 0; j < kRun; ++j) {
      out[i + j] = from[slot_of[i] + j];
    }
  }
}

template <class Element>
void to_image(const std::uint16_t* element_of, int count, const std::uint32_t* in, void* image) {
  auto* to = static_cast<Element*>(image);
  for (int i = 0; i < count; ++i) {
    to[i] = static_cast<Element>(in[element_of[i]]);
  }
}

}  // namespace

FragmentPlace fragment_place(const FragmentShape& shape, FragmentSlot slot) {
  if (shape.is_quad_pairs) {
    return place_in_quad_pair(shape, slot);
  }
  const int per_word = 32 / std::min(shape.width, 32);
  const int of_piece = registers_of_piece(shape, per_word);
  const int row_pieces = (shape.rows + 15) / 16;
  const int column_pieces = (shape.columns + 7) / 8;
  const int pieces = shape.role == FragmentRole::a   ? row_pieces
                     : shape.role == FragmentRole::b ? column_pieces
                                                     : row_pieces * column_pieces;
  const int reg = slot.reg % (of_piece * pieces);
  const int piece = reg / of_piece;
  FragmentSlot in_piece = {reg % of_piece, slot.lane, slot.element};
  switch (shape.role) {
    case FragmentRole::a: {
      if (shape.rows == 8) {
        in_piece.reg *= 2;
      }
      const FragmentPlace at = fragment_a(in_piece, std::min(shape.width, 32));
      return {at.row + 16 * piece, at.column};
    }
    case FragmentRole::b: {
      const FragmentPlace at = fragment_b(in_piece, std::min(shape.width, 32));
      return {at.row, at.column + 8 * piece};
    }
    default: {
      const FragmentPlace at = place_c(in_piece, per_word);
      return {at.row + 16 * (piece / column_pieces), at.column + 8 * (piece % column_pieces)};
    }
  }
}

FragmentMap::FragmentMap(const FragmentShape& shape)
    : shape_(shape), per_word_(32 / std::min(shape.width, 32)) {
  const int matrices = shape.is_quad_pairs ? 4 : 1;
  const int size = shape.rows * shape.columns;
  const int places = matrices * size;
  const int slots = shape.registers * kLanesOfMap * per_word_;
  slot_of_.assign(static_cast<std::size_t>(places), 0);
  element_of_.assign(static_cast<std::size_t>(slots), 0);
  ATTEST_CHECK(slots >= places && shape.registers <= 8);
  for (int i = slots - 1; i >= 0; --i) {
    const FragmentSlot slot = {
        i / per_word_ / kLanesOfMap, i / per_word_ % kLanesOfMap, i % per_word_};
    const FragmentPlace at = fragment_place(shape, slot);
    ATTEST_CHECK(at.row >= 0 && at.row < shape.rows && at.column >= 0 && at.column < shape.columns);
    const int in_matrix = shape.role == FragmentRole::b ? at.column * shape.rows + at.row
                                                        : at.row * shape.columns + at.column;
    const int element = in_matrix + (shape.is_quad_pairs ? quad_pair(slot.lane) * size : 0);
    element_of_[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(element);
    slot_of_[static_cast<std::size_t>(element)] = static_cast<std::uint16_t>(i);
  }
  const int run = 4 * per_word_;
  is_runs_ = elements() % run == 0;
  for (int i = 0; i < elements(); ++i) {
    const int first = i - i % run;
    is_runs_ = is_runs_ && slot_of_[static_cast<std::size_t>(i)] ==
                               slot_of_[static_cast<std::size_t>(first)] + i - first;
  }
}

void FragmentMap::gather(const std::uint32_t* const* rows, std::uint32_t* elements) const {
  alignas(32) std::array<std::uint32_t, kMostWords> image;  // NOLINT: the used part is filled
  for (int r = 0; r < shape_.registers; ++r) {
    std::memcpy(image.data() + std::ptrdiff_t{r} * kLanesOfMap,
                rows[r],
                kLanesOfMap * sizeof(std::uint32_t));
  }
  const std::uint16_t* slots = slot_of_.data();
  const int count = this->elements();
  switch (shape_.width) {
    case 16:
      return (is_runs_ ? runs_to_elements<std::uint16_t>
                       : to_elements<std::uint16_t>)(slots, count, image.data(), elements);
    case 8:
      return (is_runs_ ? runs_to_elements<std::uint8_t>
                       : to_elements<std::uint8_t>)(slots, count, image.data(), elements);
    case 4:
      for (int i = 0; i < count; ++i) {
        const int slot = slots[i];
        elements[i] = image[static_cast<std::size_t>(slot / 8)] >> (4 * (slot % 8)) & 0xfU;
      }
      return;
    default:
      return (is_runs_ ? runs_to_elements<std::uint32_t>
                       : to_elements<std::uint32_t>)(slots, count, image.data(), elements);
  }
}

void FragmentMap::scatter(const std::uint32_t* elements, std::uint32_t* const* rows) const {
  alignas(32) std::array<std::uint32_t, kMostWords> image;  // NOLINT: the used part is filled
  const auto slots = static_cast<int>(element_of_.size());
  ATTEST_CHECK(shape_.width == 16 || shape_.width == 32);
  if (shape_.width == 16) {
    to_image<std::uint16_t>(element_of_.data(), slots, elements, image.data());
  } else {
    to_image<std::uint32_t>(element_of_.data(), slots, elements, image.data());
  }
  for (int r = 0; r < shape_.registers; ++r) {
    std::memcpy(rows[r],
                image.data() + std::ptrdiff_t{r} * kLanesOfMap,
                kLanesOfMap * sizeof(std::uint32_t));
  }
}

void FragmentMap::gather(const double* const* rows, double* elements) const {
  for (int i = 0; i < this->elements(); ++i) {
    const int slot = slot_of_[static_cast<std::size_t>(i)];
    elements[i] = rows[slot / kLanesOfMap][slot % kLanesOfMap];
  }
}

void FragmentMap::scatter(const double* elements, double* const* rows) const {
  for (int i = 0; i < static_cast<int>(element_of_.size()); ++i) {
    rows[i / kLanesOfMap][i % kLanesOfMap] = elements[element_of_[static_cast<std::size_t>(i)]];
  }
}

const FragmentMap& fragment_map(const FragmentShape& shape) {
  static std::mutex mutex;
  static std::map<FragmentShape, FragmentMap> maps;
  const std::scoped_lock lock(mutex);
  return maps.try_emplace(shape, shape).first->second;
}

}  // namespace attest::ptx
