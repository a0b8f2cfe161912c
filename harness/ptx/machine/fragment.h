// Where an element of a matrix lives in the registers of a warp, for mma.m16n8kK.
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

}  // namespace attest::ptx
