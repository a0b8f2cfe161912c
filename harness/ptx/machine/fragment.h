// Where an element of a matrix lives in the registers of a warp, for mma and wmma.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attest::ptx {

/// One element held by a warp: register, lane, and the place in that lane's 32 bits (0 is lowest).
struct FragmentSlot {
  int reg = 0;
  int lane = 0;
  int element = 0;
  bool operator==(const FragmentSlot&) const = default;
};

/// Row and column of the matrix; for A the column is k, for B the row is k.
struct FragmentPlace {
  int row = 0;
  int column = 0;
  bool operator==(const FragmentPlace&) const = default;
};

/// A (row-major, 16 x K), elements of `width` bits: 1, 4, 8, 16 or 32.
/// Source  PTX ISA 9.0, 9.7.14.5, the figures of mma.m16n8k4 to m16n8k256.
[[nodiscard]] constexpr FragmentPlace fragment_a(FragmentSlot slot, int width) {
  const int per_word = 32 / width;
  return {slot.lane / 4 + 8 * (slot.reg % 2),
          (slot.lane % 4 + 4 * (slot.reg / 2)) * per_word + slot.element};
}

/// B (column-major, K x 8).
[[nodiscard]] constexpr FragmentPlace fragment_b(FragmentSlot slot, int width) {
  const int per_word = 32 / width;
  return {(slot.lane % 4 + 4 * slot.reg) * per_word + slot.element, slot.lane / 4};
}

/// C and D (16 x 8) of 32-bit elements; `element` is 0.
[[nodiscard]] constexpr FragmentPlace fragment_c(FragmentSlot slot) {
  return {slot.lane / 4 + 8 * (slot.reg / 2), 2 * (slot.lane % 4) + slot.reg % 2};
}

/// The inverses: which slot holds the element.
[[nodiscard]] constexpr FragmentSlot slot_a(FragmentPlace at, int width) {
  const int per_word = 32 / width;
  const int word = at.column / per_word;
  return {at.row / 8 + 2 * (word / 4), 4 * (at.row % 8) + word % 4, at.column % per_word};
}
[[nodiscard]] constexpr FragmentSlot slot_b(FragmentPlace at, int width) {
  const int per_word = 32 / width;
  const int word = at.row / per_word;
  return {word / 4, 4 * at.column + word % 4, at.row % per_word};
}
[[nodiscard]] constexpr FragmentSlot slot_c(FragmentPlace at) {
  return {2 * (at.row / 8) + at.column % 2, 4 * (at.row % 8) + at.column / 2, 0};
}

/// mma.m8n8k4 of f16 is four products of 8 x 4 by 4 x 8, each of 8 lanes: 4q to 4q + 3 and 16 more.
/// Register 0 holds elements 0 and 1 of a lane, register 1 holds 2 and 3, and so on.
/// Source  PTX ISA 9.0, 9.7.14.5.1.
[[nodiscard]] constexpr int quad_pair(int lane) {
  return lane % 16 / 4;
}
/// A, row-major (8 x 4); column-major is B's place for it, transposed.
[[nodiscard]] constexpr FragmentPlace quad_pair_a(FragmentSlot slot, bool is_column_major) {
  const int high = 4 * (slot.lane / 16);
  const int i = 2 * slot.reg + slot.element;
  return is_column_major ? FragmentPlace{i + high, slot.lane % 4}
                         : FragmentPlace{slot.lane % 4 + high, i};
}
/// B (4 x 8).
[[nodiscard]] constexpr FragmentPlace quad_pair_b(FragmentSlot slot, bool is_column_major) {
  const FragmentPlace at = quad_pair_a(slot, !is_column_major);
  return {at.column, at.row};
}
/// C and D (8 x 8) of f16, in 4 registers.
[[nodiscard]] constexpr FragmentPlace quad_pair_c16(FragmentSlot slot) {
  return {slot.lane % 4 + 4 * (slot.lane / 16), 2 * slot.reg + slot.element};
}
/// C and D of f32, in 8 registers.
[[nodiscard]] constexpr FragmentPlace quad_pair_c32(FragmentSlot slot) {
  return {slot.lane % 2 + (slot.reg & 2) + 4 * (slot.lane / 16),
          (slot.reg & 4) + (slot.lane & 2) + slot.reg % 2};
}

}  // namespace attest::ptx
