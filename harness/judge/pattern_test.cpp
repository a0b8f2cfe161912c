// Descriptions of places, for sets written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/pattern.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

using Places = std::vector<std::array<std::int64_t, 4>>;

constexpr std::array<std::int64_t, 4> kShape = {2, 3, 200, 8};

template <class Keep>
Places places(Keep keep) {
  Places out;
  for (std::int64_t b = 0; b < kShape[0]; ++b)
    for (std::int64_t h = 0; h < kShape[1]; ++h)
      for (std::int64_t r = 0; r < kShape[2]; ++r)
        for (std::int64_t c = 0; c < kShape[3]; ++c)
          if (keep(b, h, r, c)) out.push_back({b, h, r, c});
  return out;
}

template <class Keep>
std::string described(Keep keep) {
  return describe_pattern(places(keep), kShape);
}

TEST(Pattern, NamesTheAxesThatAreNotWhole) {
  EXPECT_EQ(described([](auto, auto, auto r, auto) { return r >= 64 && r < 128; }),
            "rows 64..127 of every head");
  EXPECT_EQ(described([](auto, auto, auto, auto c) { return c == 3; }),
            "column 3 of every head only");
  EXPECT_EQ(described([](auto, auto h, auto r, auto) { return h == 1 && r == 192; }),
            "head 1, row 192 only");
  EXPECT_EQ(described([](auto b, auto, auto, auto) { return b == 1; }), "batch 1 only");
  EXPECT_EQ(described([](auto, auto, auto r, auto c) { return r % 16 == 5 && c < 2; }),
            "rows 5..197 step 16, columns 0..1 of every head");
  EXPECT_EQ(described([](auto, auto, auto r, auto) { return r == 1 || r == 7 || r == 9; }),
            "rows 1, 7, 9 of every head");
  EXPECT_EQ(described([](auto...) { return true; }), "all elements");
}

TEST(Pattern, SaysHowFullTheBoxIs) {
  // The diagonal c = r of an 8 x 8 corner: 8 places in a box of 64, in one head.
  EXPECT_EQ(
      described([](auto b, auto h, auto r, auto c) { return b == 0 && h == 2 && r < 8 && c == r; }),
      "8 of 64 elements in batch 0, head 2, rows 0..7");
  EXPECT_EQ(described([](auto b, auto h, auto r, auto c) {
              return b == 0 && h == 0 && c == 0 &&
                     (r == 1 || r == 2 || r == 4 || r == 8 || r == 100);
            }),
            "batch 0, head 0, 5 rows in 1..100, column 0");
}

TEST(Pattern, AnAxisOfOneIsNeverNamed) {
  EXPECT_EQ(describe_pattern({{0, 0, 5, 0}}, {1, 1, 9, 1}), "row 5 only");
  EXPECT_EQ(describe_pattern({{0, 0, 0, 0}}, {1, 1, 1, 1}), "all elements");
  EXPECT_EQ(describe_pattern({}, {1, 1, 1, 1}), "nowhere");
}

}  // namespace
}  // namespace attest
