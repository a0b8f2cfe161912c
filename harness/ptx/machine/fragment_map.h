// FragmentMap: a whole matrix of an mma or wmma in the registers of a warp, and out of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/fragment.h"

#include <compare>
#include <cstdint>
#include <vector>

namespace attest::ptx {

enum class FragmentRole : std::uint8_t { a, b, c };  // c: of d too

/// A matrix and the registers that hold it.
struct FragmentShape {
  FragmentRole role = FragmentRole::a;
  int rows = 0;
  int columns = 0;
  int width = 32;                // bits of an element; of b1 too, where an element is a word of 32
  int registers = 0;             // per lane; more than the matrix needs: it is repeated in them
  bool is_quad_pairs = false;    // four matrices, of mma.m8n8k4 with f16
  bool is_column_major = false;  // of those, A or B
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a pointer where there is none
  friend auto operator<=>(const FragmentShape&, const FragmentShape&) = default;
};

/// Where the slot's element is. Larger matrices than m16n8kK are pieces of it: 16 rows of A and C,
/// 8 columns of B and C, the pieces of one after the other in the registers; 8 rows of A or C are
/// the upper half of a piece. The layout of wmma is the machine's choice.
[[nodiscard]] FragmentPlace fragment_place(const FragmentShape& shape, FragmentSlot slot);

/// Elements are numbered row by row (of B: column by column), quad pair after quad pair.
class FragmentMap {
 public:
  explicit FragmentMap(const FragmentShape& shape);
  [[nodiscard]] const FragmentShape& shape() const { return shape_; }
  [[nodiscard]] int elements() const { return static_cast<int>(slot_of_.size()); }
  [[nodiscard]] int registers() const { return shape_.registers; }
  [[nodiscard]] int per_word() const { return per_word_; }
  /// Number of the element in register `reg` of `lane`.
  [[nodiscard]] int element(FragmentSlot slot) const {
    return element_of_[static_cast<std::size_t>(index(slot))];
  }

  /// Registers of 32 lanes of 32 bits to elements, and back. `rows[r]` is register r.
  void gather(const std::uint32_t* const* rows, std::uint32_t* elements) const;
  void scatter(const std::uint32_t* elements, std::uint32_t* const* rows) const;
  /// The same for registers of 64 bits.
  void gather(const double* const* rows, double* elements) const;
  void scatter(const double* elements, double* const* rows) const;

 private:
  [[nodiscard]] int index(FragmentSlot slot) const {
    return (slot.reg * 32 + slot.lane) * per_word_ + slot.element;
  }
  FragmentShape shape_;
  int per_word_ = 1;
  bool is_runs_ = false;  // elements follow each other in the registers in runs of 128 bits
  std::vector<std::uint16_t> slot_of_;     // element -> index of its first slot
  std::vector<std::uint16_t> element_of_;  // index of a slot -> element
};

/// The one map of a shape; lives as long as the program.
[[nodiscard]] const FragmentMap& fragment_map(const FragmentShape& shape);

}  // namespace attest::ptx
