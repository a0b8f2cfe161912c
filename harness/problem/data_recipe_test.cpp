// What each kind of data promises of its scores and of v, in every dtype.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data_recipe.h"

#include "harness/problem/data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

Problem problem(DataKind kind, Dtype dtype, std::int64_t keys = 300) {
  Problem p;
  p.batch = 2;
  p.heads_q = 4;
  p.heads_kv = 2;
  p.seq_q = 20;
  p.seq_kv = keys;
  p.head_dim = 64;
  p.head_dim_v = 24;
  p.dtype = dtype;
  p.data.kind = kind;
  p.seed = 11;
  return p;
}

/// Calls row(scores of all keys, Row of q) for every row of q, at the problem's scale.
template <class F>
void for_each_row(const Problem& p, const Inputs& in, F row) {
  const auto keys = static_cast<std::size_t>(p.seq_kv);
  std::vector<double> scores(keys);
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; ++h) {
      for (std::int64_t i = 0; i < p.seq_q; ++i) {
        for (std::size_t j = 0; j < keys; ++j) {
          double sum = 0;
          for (std::int64_t d = 0; d < p.head_dim; ++d) {
            const std::int64_t head = h / (p.heads_q / p.heads_kv);
            sum += in.q.value(b, h, i, d) * in.k.value(b, head, static_cast<std::int64_t>(j), d);
          }
          scores[j] = static_cast<double>(effective_scale(p)) * sum;
        }
        row(scores, Row{b, h, i});
      }
    }
  }
}

template <class F>
void for_each_v(const Problem& p, const Inputs& in, F element) {
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_kv; ++h) {
      for (std::int64_t j = 0; j < p.seq_kv; ++j) {
        for (std::int64_t d = 0; d < p.head_dim_v; ++d)
          element(in.v.value(b, h, j, d), j, d);
      }
    }
  }
}

std::size_t top(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

double highest(const std::vector<double>& scores, std::size_t without) {
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < scores.size(); ++j) {
    if (j != without) most = std::max(most, scores[j]);
  }
  return most;
}

class Recipes : public testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, Recipes, testing::ValuesIn(kDtypes), [](const auto& dtype) {
  return std::string(name(dtype.param));
});

TEST_P(Recipes, EveryKindButPoisonIsFinite) {
  for (int i = 0; i < kDataKinds; ++i) {
    const auto kind = static_cast<DataKind>(i);
    if (kind == DataKind::poison) continue;
    for (const std::int64_t dim : {1, 2, 64, 256}) {
      Problem p = problem(kind, GetParam());
      p.head_dim = dim;
      if (kind == DataKind::normal) p.data.amplitude = 1e4;
      const Inputs in = draw_inputs(p);
      for (const HostTensor* tensor : {&in.q, &in.k, &in.v}) {
        for (std::int64_t e = 0; e < tensor->layout.span_elements(); ++e) {
          ASSERT_TRUE(std::isfinite(decode(p.dtype, load_bits(p.dtype, tensor->bytes.data(), e))))
              << name(kind) << " d=" << dim;
        }
      }
    }
  }
}

TEST_P(Recipes, NormalScoresHaveUnitVariance) {
  const Problem p = problem(DataKind::normal, GetParam());
  double squares = 0;
  double count = 0;
  for_each_row(p, draw_inputs(p), [&](const std::vector<double>& scores, const Row&) {
    for (const double score : scores)
      squares += score * score;
    count += static_cast<double>(scores.size());
  });
  // 160 rows share one q each: their |q|^2 / d vary by sqrt(2 / 64); 6 standard errors of the mean.
  EXPECT_LT(std::abs(squares / count - 1), 6 * std::sqrt(2.0 / 64 / 80));
}

TEST_P(Recipes, RampsMoveTheMaximumOfEveryTile) {
  for (const DataKind kind : {DataKind::ramp_up, DataKind::ramp_down}) {
    const double direction = kind == DataKind::ramp_up ? 1 : -1;
    const Problem p = problem(kind, GetParam(), 512);
    for_each_row(p, draw_inputs(p), [&](const std::vector<double>& scores, const Row&) {
      for (auto tile = scores.begin() + 64; tile != scores.end(); tile += 64) {
        const double before = *std::max_element(tile - 64, tile);
        ASSERT_GT(direction * (*std::max_element(tile, tile + 64) - before), 0.0);
      }
    });
  }
}

TEST_P(Recipes, AllNegativeScoresAreFarBelowZero) {
  for (const std::int64_t dim : {1, 64}) {
    Problem p = problem(DataKind::all_negative, GetParam());
    p.head_dim = dim;
    double lowest = 0;
    for_each_row(p, draw_inputs(p), [&](const std::vector<double>& scores, const Row&) {
      ASSERT_LE(scores[top(scores)], -100.0);
      lowest = std::min(lowest, scores[0]);
    });
    EXPECT_LT(lowest, -12000.0);  // beyond the sentinel of -10000
  }
}

TEST_P(Recipes, NeedleDominatesAtATileBoundaryOrTheLastValidKey) {
  for (const std::int64_t dim : {1, 64}) {
    Problem p = problem(DataKind::needle, GetParam());
    p.head_dim = dim;
    p.mask.kv_lengths = std::vector<std::int64_t>{300, 100};
    for_each_row(p, draw_inputs(p), [&](std::vector<double> scores, const Row& at) {
      const std::int64_t length = kv_length(p, at.batch);
      scores.resize(static_cast<std::size_t>(length));
      const std::size_t needle = top(scores);
      ASSERT_GT(scores[needle] - highest(scores, needle), 5.0);
      ASSERT_TRUE(needle % 64 == 0 || needle % 64 == 63 ||
                  static_cast<std::int64_t>(needle) == length - 1)
          << needle;
    });
  }
}

TEST_P(Recipes, NeedleIsNotAlwaysTheSame) {
  std::vector<std::int64_t> needles;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Problem p = problem(DataKind::needle, GetParam());
    p.seed = seed;
    needles.push_back(Drawing(p).dominant_key(0, 0));
  }
  EXPECT_TRUE(std::count(needles.begin(), needles.end(), needles[0]) < 15);
}

TEST_P(Recipes, OneHotRowsPickOneKeyWithNothingLeftInFloat) {
  for (const std::int64_t dim : {9, 64, 128}) {  // 2^9 >= 300 keys
    Problem p = problem(DataKind::one_hot, GetParam());
    p.head_dim = dim;
    std::vector<int> picked(300);
    for_each_row(p, draw_inputs(p), [&](const std::vector<double>& scores, const Row&) {
      const std::size_t key = top(scores);
      ++picked[key];
      ASSERT_GT(scores[key] - highest(scores, key), 104.0);  // 150 ln 2
    });
    EXPECT_LT(*std::max_element(picked.begin(), picked.end()), 16);  // of 160 rows
  }
}

TEST_P(Recipes, OneHotVTellsKeysHeadsAndColumnsApart) {
  const Problem p = problem(DataKind::one_hot, GetParam());
  const Inputs in = draw_inputs(p);
  const auto differ = [&](const Row& a, const Row& b) {
    for (std::int64_t d = 0; d < 4; ++d) {
      if (in.v.value(a.batch, a.head, a.row, d) != in.v.value(b.batch, b.head, b.row, d))
        return true;
    }
    return false;
  };
  for (std::int64_t j = 1; j < 300; ++j) {
    for (std::int64_t other = 0; other < j; ++other) {
      ASSERT_TRUE(differ({0, 0, j}, {0, 0, other})) << j << " " << other;
    }
  }
  EXPECT_TRUE(differ({0, 0, 5}, {0, 1, 5}));
  EXPECT_TRUE(differ({0, 0, 5}, {1, 0, 5}));
  EXPECT_NE(in.v.value(0, 0, 5, 0), in.v.value(0, 0, 5, 4));
}

TEST_P(Recipes, IndicatorAndConstantV) {
  Problem p = problem(DataKind::indicator_v, GetParam());
  for_each_v(p, draw_inputs(p), [](double v, std::int64_t j, std::int64_t d) {
    ASSERT_EQ(v, j % 24 == d ? 1.0 : 0.0);
  });
  p = problem(DataKind::constant_v, GetParam());
  for_each_v(p, draw_inputs(p), [](double v, std::int64_t, std::int64_t) { ASSERT_EQ(v, 1.0); });
}

TEST_P(Recipes, IndicatorScoresWeighEveryKey) {
  const Problem p = problem(DataKind::indicator_v, GetParam());
  for_each_row(p, draw_inputs(p), [](const std::vector<double>& scores, const Row&) {
    for (const double score : scores)
      ASSERT_LT(std::abs(score), 2.0);
  });
}

TEST_P(Recipes, IntegersAreSmallAndMostlyZero) {
  const Problem p = problem(DataKind::integers, GetParam());
  int zeros = 0;
  int count = 0;
  for_each_v(p, draw_inputs(p), [&](double v, std::int64_t, std::int64_t) {
    ASSERT_TRUE(v == -2 || v == -1 || v == 0 || v == 1 || v == 2) << v;
    zeros += v == 0 ? 1 : 0;
    ++count;
  });
  EXPECT_LT(std::abs(zeros - 0.8 * count), 6 * std::sqrt(0.8 * 0.2 * count));
}

TEST_P(Recipes, NearOverflowIsAsLargeAsItMayBe) {
  const Problem p = problem(DataKind::near_overflow, GetParam());
  const double limit = GetParam() == Dtype::f16 ? 65504 : 0x1p103;
  const double rounding = 1 + unit_roundoff(GetParam());
  for_each_v(p, draw_inputs(p), [&](double v, std::int64_t, std::int64_t) {
    ASSERT_GE(std::abs(v) * rounding, 0.25 * limit);
    ASSERT_LE(std::abs(v), 0.9 * limit * rounding);
  });
}

TEST_P(Recipes, SubnormalPIsBelowTheSmallestNormal) {
  const Problem p = problem(DataKind::subnormal_p, GetParam());
  const bool is_f16 = GetParam() == Dtype::f16;
  const double normal_ends = is_f16 ? -14 : -126;  // log2 of the smallest normal p
  const double most = normal_ends * 0.6931471805599453;
  const Drawing drawing(p);
  const Inputs in = draw_inputs(p);
  for_each_row(p, in, [&](const std::vector<double>& scores, const Row& at) {
    const auto key = static_cast<std::size_t>(drawing.dominant_key(at.batch, at.head / 2));
    ASSERT_EQ(top(scores), key);
    ASSERT_EQ(scores[key], 0.0);
    ASSERT_LT(highest(scores, key), most);
    ASSERT_GT(*std::min_element(scores.begin(), scores.end()), is_f16 ? -18.0 : -103.0);
  });
  for_each_v(p, in, [](double v, std::int64_t, std::int64_t) {
    ASSERT_TRUE(v == 0 || (v >= 256 && v <= 512)) << v;
  });
}

TEST(DataKind, NamesAreDistinct) {
  for (int i = 0; i < kDataKinds; ++i) {
    for (int j = 0; j < i; ++j) {
      EXPECT_NE(name(static_cast<DataKind>(i)), name(static_cast<DataKind>(j)));
    }
  }
}

}  // namespace
}  // namespace attest
