// Fragment maps: every element has one slot, and sixteen-bit registers are 8 x 8 matrices.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/fragment.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace attest::ptx {
namespace {

/// Element widths in bits, and K of the shapes of mma.m16n8kK: {width, K}.
constexpr std::pair<int, int> kShapes[] = {
    {32, 4}, {32, 8}, {16, 8}, {16, 16}, {8, 16}, {8, 32}, {4, 32}, {4, 64}, {1, 128}, {1, 256}};

TEST(Fragment, HoldsEveryElementOnceForEveryShape) {
  for (const auto& [width, k] : kShapes) {
    const int words_a = 16 * k * width / 1024;  // registers of 32 lanes of 32 bits
    std::set<std::pair<int, int>> of_a;
    std::set<std::pair<int, int>> of_b;
    for (int lane = 0; lane < 32; ++lane) {
      for (int element = 0; element < 32 / width; ++element) {
        for (int reg = 0; reg < words_a; ++reg) {
          const FragmentPlace at = fragment_a({reg, lane, element}, width);
          ASSERT_TRUE(at.row >= 0 && at.row < 16 && at.column >= 0 && at.column < k);
          ASSERT_EQ(slot_a(at, width), (FragmentSlot{reg, lane, element}));
          of_a.emplace(at.row, at.column);
        }
        for (int reg = 0; reg < words_a / 2; ++reg) {
          const FragmentPlace at = fragment_b({reg, lane, element}, width);
          ASSERT_TRUE(at.row >= 0 && at.row < k && at.column >= 0 && at.column < 8);
          ASSERT_EQ(slot_b(at, width), (FragmentSlot{reg, lane, element}));
          of_b.emplace(at.row, at.column);
        }
      }
    }
    EXPECT_EQ(of_a.size(), static_cast<std::size_t>(16 * k)) << width << "x" << k;
    EXPECT_EQ(of_b.size(), static_cast<std::size_t>(8 * k)) << width << "x" << k;
  }
}

TEST(Fragment, HoldsEveryAccumulatorOnce) {
  std::set<std::pair<int, int>> of_c;
  for (int reg = 0; reg < 4; ++reg) {
    for (int lane = 0; lane < 32; ++lane) {
      const FragmentPlace at = fragment_c({reg, lane, 0});
      ASSERT_EQ(slot_c(at), (FragmentSlot{reg, lane, 0}));
      of_c.emplace(at.row, at.column);
    }
  }
  EXPECT_EQ(of_c.size(), 128U);
}

// Points read off the figures of PTX ISA 9.0, 9.7.14.5.8 (m16n8k16) and 9.7.14.5.7 (m16n8k8 tf32).
TEST(Fragment, AgreesWithThePublishedFigures) {
  EXPECT_EQ(fragment_a({0, 0, 0}, 16), (FragmentPlace{0, 0}));
  EXPECT_EQ(fragment_a({1, 0, 1}, 16), (FragmentPlace{8, 1}));     // a3 of T0
  EXPECT_EQ(fragment_a({2, 5, 0}, 16), (FragmentPlace{1, 10}));    // a4 of T5
  EXPECT_EQ(fragment_a({3, 31, 1}, 16), (FragmentPlace{15, 15}));  // a7 of T31
  EXPECT_EQ(fragment_b({0, 6, 1}, 16), (FragmentPlace{5, 1}));     // b1 of T6
  EXPECT_EQ(fragment_b({1, 31, 0}, 16), (FragmentPlace{14, 7}));   // b2 of T31
  EXPECT_EQ(fragment_c({1, 4, 0}), (FragmentPlace{1, 1}));         // c1 of T4
  EXPECT_EQ(fragment_c({2, 31, 0}), (FragmentPlace{15, 6}));       // c2 of T31
  EXPECT_EQ(fragment_a({3, 6, 0}, 32), (FragmentPlace{9, 6}));     // tf32 a3 of T6
  EXPECT_EQ(fragment_b({1, 6, 0}, 32), (FragmentPlace{6, 1}));     // tf32 b1 of T6
}

// What ldmatrix and the fast mma rely on: in lane order, a register of sixteen-bit elements is an
// 8 x 8 matrix in row-major order (for B: row n, column k).
TEST(Fragment, IsRowMajorMatricesInLaneOrder) {
  for (int reg = 0; reg < 4; ++reg) {
    for (int i = 0; i < 64; ++i) {
      const FragmentSlot slot = {reg, i / 2, i % 2};
      EXPECT_EQ(fragment_a(slot, 16),
                (FragmentPlace{8 * (reg % 2) + i / 8, 8 * (reg / 2) + i % 8}));
      if (reg < 2) {
        EXPECT_EQ(fragment_b(slot, 16), (FragmentPlace{8 * reg + i % 8, i / 8}));
      }
    }
  }
}

// FlashAttention's P: the accumulators of two neighbouring n8 tiles, packed in pairs, are A.
TEST(Fragment, TurnsAccumulatorsOfTwoTilesIntoA) {
  for (int tile = 0; tile < 2; ++tile) {
    for (int i = 0; i < 4; ++i) {
      for (int lane = 0; lane < 32; ++lane) {
        const FragmentPlace c = fragment_c({i, lane, 0});
        EXPECT_EQ(fragment_a({2 * tile + i / 2, lane, i % 2}, 16),
                  (FragmentPlace{c.row, c.column + 8 * tile}));
      }
    }
  }
}

}  // namespace
}  // namespace attest::ptx
