// Inputs keep their bits when the problem shrinks or lies in memory another way.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <set>

namespace attest {
namespace {

Problem problem(DataKind kind = DataKind::normal) {
  Problem p;
  p.batch = 2;
  p.heads_q = 4;
  p.heads_kv = 2;
  p.seq_q = 12;
  p.seq_kv = 150;
  p.head_dim = 16;
  p.head_dim_v = 24;
  p.data.kind = kind;
  p.seed = 5;
  return p;
}

/// Rows (batch, head, row) of the smaller tensor that differ from the same rows of the larger.
int changed_rows(const HostTensor& small, const HostTensor& large) {
  int changed = 0;
  const auto& [batch, heads, rows, columns] = small.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t s = 0; s < rows; ++s) {
        bool is_same = true;
        for (std::int64_t d = 0; d < columns; ++d) {
          is_same = is_same && small.bits(b, h, s, d) == large.bits(b, h, s, d);
        }
        changed += is_same ? 0 : 1;
      }
    }
  }
  return changed;
}

TEST(DrawInputs, ShrinkingBatchHeadsOrRowsKeepsTheRest) {
  const std::function<void(Problem&)> shrinks[] = {
      [](Problem& p) { p.batch = 1; },
      [](Problem& p) { p.heads_q = 2; },
      [](Problem& p) { p.heads_q = p.heads_kv = 1; },
      [](Problem& p) { p.seq_q = 5; },
      [](Problem& p) { p.head_dim_v = 11; },
  };
  for (int kind = 0; kind < kDataKinds; ++kind) {
    const Problem large = problem(static_cast<DataKind>(kind));
    const Inputs before = draw_inputs(large);
    for (const auto& shrink : shrinks) {
      Problem small = large;
      shrink(small);
      if (small.head_dim_v != large.head_dim_v && small.data.kind == DataKind::indicator_v)
        continue;
      const Inputs after = draw_inputs(small);
      EXPECT_EQ(changed_rows(after.q, before.q), 0) << to_string(small);
      EXPECT_EQ(changed_rows(after.k, before.k), 0) << to_string(small);
      EXPECT_EQ(changed_rows(after.v, before.v), 0) << to_string(small);
    }
  }
}

TEST(DrawInputs, FewerKeysMoveAtMostTheDominantOne) {
  for (int kind = 0; kind < kDataKinds; ++kind) {
    const Problem large = problem(static_cast<DataKind>(kind));
    Problem small = large;
    small.seq_kv = 149;
    const Inputs before = draw_inputs(large);
    const Inputs after = draw_inputs(small);
    // One new dominant key per batch and kv-head, where the last key was the old one.
    EXPECT_LE(changed_rows(after.k, before.k), 4) << to_string(small);
    EXPECT_LE(changed_rows(after.v, before.v), 4) << to_string(small);
    EXPECT_LE(changed_rows(after.q, before.q), 96 / 4) << to_string(small);  // one-hot targets
  }
}

TEST(DrawInputs, ShrinkingHeadDimKeepsTheRestOfNormalRows) {
  const Problem large = problem();
  Problem small = large;
  small.head_dim = 7;
  EXPECT_EQ(changed_rows(draw_inputs(small).k, draw_inputs(large).k), 0);
}

TEST(DrawInputs, LayoutGapAndSkewDoNotChangeValues) {
  const Problem plain = problem();
  Problem other = plain;
  other.layout = Layout::bhsd;
  other.gap = {8, 1, 3, 0};
  other.skew = {2, 4, 6, 0};
  const Inputs a = draw_inputs(plain);
  const Inputs b = draw_inputs(other);
  EXPECT_EQ(changed_rows(a.q, b.q), 0);
  EXPECT_EQ(changed_rows(a.k, b.k), 0);
  EXPECT_EQ(changed_rows(a.v, b.v), 0);
}

TEST(DrawInputs, GapsHoldNanBytes) {
  Problem p = problem();
  p.gap[1] = 5;
  const HostTensor k = draw_inputs(p).k;  // rows of 2 * 16 elements, 37 apart
  ASSERT_EQ(k.layout.strides[2], 37);
  for (std::int64_t row = 0; row + 1 < p.batch * p.seq_kv; ++row) {
    for (std::int64_t e = 32; e < 37; ++e) {
      ASSERT_EQ(load_bits(p.dtype, k.bytes.data(), row * 37 + e), 0xffffu);
    }
  }
}

TEST(DrawInputs, SeedsTensorsAndRowsDiffer) {
  Problem p = problem();
  p.head_dim_v = p.head_dim;
  const Inputs a = draw_inputs(p);
  std::set<std::uint32_t> firsts;
  for (const HostTensor* tensor : {&a.q, &a.k, &a.v}) {
    for (std::int64_t b = 0; b < 2; ++b) {
      for (std::int64_t h = 0; h < 2; ++h) {
        for (std::int64_t s = 0; s < 12; ++s) {
          firsts.insert(tensor->bits(b, h, s, 0) << 16 | tensor->bits(b, h, s, 1));
        }
      }
    }
  }
  EXPECT_GT(firsts.size(), 140u);  // of 144
  p.seed = 6;
  EXPECT_EQ(changed_rows(draw_inputs(p).q, a.q), 2 * 4 * 12);
}

TEST(DrawInputs, BoolMaskIsHalfKeptAndKeepsItsBitsWhenShrunk) {
  Problem p = problem();
  EXPECT_TRUE(draw_inputs(p).keep.empty());
  p.mask.boolean = true;
  const Inputs large = draw_inputs(p);
  ASSERT_EQ(large.keep.size(), 2u * 12 * 150);
  int kept = 0;
  for (const std::uint8_t bit : large.keep) {
    ASSERT_LE(bit, 1);
    kept += bit;
  }
  EXPECT_LT(std::abs(kept - 1800), 6 * 30);  // sqrt(3600) / 2 = 30
  for (std::size_t j = 1; j < 150; ++j) {
    for (std::size_t other = 0; other < j; ++other) {
      bool is_copy = true;
      for (std::size_t row = 0; row < 24; ++row) {
        is_copy = is_copy && large.keep[row * 150 + j] == large.keep[row * 150 + other];
      }
      ASSERT_FALSE(is_copy) << j << " " << other;
    }
  }
  p.seq_kv = 70;
  p.seq_q = 5;
  const Inputs small = draw_inputs(p);
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 70; ++j) {
        ASSERT_EQ(small.keep[(b * 5 + i) * 70 + j], large.keep[(b * 12 + i) * 150 + j]);
      }
    }
  }
}

TEST(DrawInputs, BiasIsOfEveryHeadAndKeepsItsBitsWhenShrunk) {
  Problem p = problem();
  EXPECT_TRUE(draw_inputs(p).bias.bytes.empty());
  p.mask.bias = true;
  const HostTensor large = draw_inputs(p).bias;
  EXPECT_EQ(large.layout.shape, (std::array<std::int64_t, 4>{2, 4, 12, 150}));
  std::set<std::uint32_t> firsts;
  for (std::int64_t row = 0; row < 2 * 4 * 12; ++row)
    firsts.insert(large.bits(row / 48, row / 12 % 4, row % 12, 0) << 16 |
                  large.bits(row / 48, row / 12 % 4, row % 12, 1));
  EXPECT_GT(firsts.size(), 90u);  // of 96
  double sum = 0;
  double squares = 0;
  for (std::int64_t at = 0; at < large.layout.elements(); ++at) {
    const double value = decode(p.dtype, load_bits(p.dtype, large.bytes.data(), at));
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(large.layout.elements());
  EXPECT_LT(std::abs(sum), 6 * std::sqrt(count));
  EXPECT_LT(std::abs(squares / count - 1), 6 * std::sqrt(2 / count));
  p.heads_q = p.heads_kv = p.batch = 1;
  p.seq_q = 5;
  EXPECT_EQ(changed_rows(draw_inputs(p).bias, large), 0);
  p.data.kind = DataKind::integers;
  const HostTensor integers = draw_inputs(p).bias;
  for (std::int64_t j = 0; j < 150; ++j)
    EXPECT_EQ(integers.value(0, 0, 0, j), std::round(integers.value(0, 0, 0, j)));
}

TEST(DrawInputs, SinkIsOfEveryHeadAndKeepsItsBitsWhenShrunk) {
  Problem p = problem();
  EXPECT_TRUE(draw_inputs(p).sink.empty());
  p.sink = true;
  const std::vector<float> large = draw_inputs(p).sink;
  ASSERT_EQ(large.size(), 4U);
  EXPECT_EQ(std::set<float>(large.begin(), large.end()).size(), 4U);
  p.heads_q = 2;
  EXPECT_EQ(draw_inputs(p).sink, std::vector<float>(large.begin(), large.begin() + 2));
  p.seed = 6;
  EXPECT_NE(draw_inputs(p).sink[0], large[0]);
  p.data.kind = DataKind::integers;
  for (const float logit : draw_inputs(p).sink)
    EXPECT_EQ(logit, std::round(logit));
}

TEST(DrawInputs, LengthsAreThoseOfThePadding) {
  Problem p = problem();
  EXPECT_TRUE(draw_inputs(p).kv_lengths.empty());
  p.mask.kv_lengths = std::vector<std::int64_t>{150, 0};
  EXPECT_EQ(draw_inputs(p).kv_lengths, (std::vector<std::int32_t>{150, 0}));
}

TEST(DrawInputs, EmptyProblemsHaveEmptyTensors) {
  for (int kind = 0; kind < kDataKinds; ++kind) {
    Problem p = problem(static_cast<DataKind>(kind));
    p.seq_kv = 0;
    const Inputs in = draw_inputs(p);
    EXPECT_TRUE(in.k.bytes.empty());
    EXPECT_FALSE(in.q.bytes.empty());
    p.batch = 0;
    EXPECT_TRUE(draw_inputs(p).q.bytes.empty());
  }
}

TEST(DrawInputs, RefusesAnInvalidProblem) {
  Problem p = problem();
  p.heads_kv = 3;
  EXPECT_THROW((void)draw_inputs(p), InternalError);
}

}  // namespace
}  // namespace attest
