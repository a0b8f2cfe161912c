// Every term of ReferenceTerms against its definition, written out once more in long double.
// SPDX-License-Identifier: Apache-2.0
#include "reference/attention.h"

#include "reference/hand_made.h"
#include "reference/mask.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace attest {
namespace {

using Real = long double;

struct Key {
  std::int64_t j = 0;
  Real score = 0;
  Real product = 0;
  Real weight = 0;
};

// Definitions, key by key; the mask alone is the reference's (it has tests of its own).
struct Plain {
  std::vector<Key> keys;
  Real sum = 0;
  Real maximum = -std::numeric_limits<Real>::infinity();

  Plain(const Problem& p, const Inputs& in, std::int64_t b, std::int64_t h, std::int64_t i) {
    const std::int64_t kv_head = h / (p.heads_q / p.heads_kv);
    const Real scale = effective_scale(p);
    const double normal = p.dtype == Dtype::f16 ? 0x1p-14 : 0x1p-126;
    const auto aligned = [normal](double x) { return x == 0 ? 0 : std::max(std::fabs(x), normal); };
    for (std::int64_t j = 0; j < p.seq_kv; ++j) {
      Key key{j};
      if (is_kept(p, in, b, i, j)) {
        for (std::int64_t d = 0; d < p.head_dim; ++d) {
          const double q = in.q.value(b, h, i, d);
          const double k = in.k.value(b, kv_head, j, d);
          key.score += scale * q * k;
          key.product += std::fabs(scale) * aligned(q) * aligned(k);
        }
      } else if (std::isinf(p.fill)) {
        continue;
      } else {
        key.score = p.fill;
      }
      maximum = std::max(maximum, key.score);
      keys.push_back(key);
    }
    for (const Key& key : keys)
      sum += std::exp(key.score - maximum);
    for (Key& key : keys)
      key.weight = std::exp(key.score - maximum) / sum;
  }

  template <class Value>
  [[nodiscard]] Real mean(Value value) const {
    Real total = 0;
    for (const Key& key : keys)
      total += key.weight * value(key);
    return total;
  }
};

// Each term is a sum of nonnegative parts: relative error of a weight (the largest of a score's, an
// exp, a division), of the part's own few operations and of `kept` additions, and of l.
Real relative_error(const Problem& problem, const ReferenceTerms& terms, std::size_t row) {
  const double fill = std::isfinite(problem.fill) ? std::fabs(problem.fill) : 0;
  const double largest = std::max(terms.products_max[row], fill);
  const double score = static_cast<double>(problem.head_dim + 2) * largest +
                       (std::fabs(terms.row_max[row]) + largest);
  const double own =
      static_cast<double>(problem.head_dim) + 2 * static_cast<double>(terms.kept[row]) + 8;
  return 0x1p-53 * (1 + 0x1p-20) * (score + own);
}

void check_row(const Problem& problem,
               const ReferenceTerms& terms,
               const Plain& plain,
               std::size_t row) {
  const Real relative = relative_error(problem, terms, row);
  const auto near = [&](double got, Real want, Real shift, const char* what) {
    EXPECT_LE(std::fabs(got - want), relative * std::fabs(want) + shift) << what << " row " << row;
  };
  // A score's own error, where the score is not a weight: m - s and |s| near 0.
  const Real score_error =
      0x1p-52 * static_cast<Real>(problem.head_dim + 3) * terms.products_max[row];
  EXPECT_EQ(terms.kept[row], static_cast<std::int64_t>(plain.keys.size()));
  near(terms.row_max[row], plain.maximum, score_error, "row_max");
  Real products_max = 0;
  for (const Key& key : plain.keys)
    products_max = std::max(products_max, key.product);
  near(terms.products_max[row], products_max, 0, "products_max");
  near(terms.products_mean[row],
       plain.mean([](const Key& k) { return k.product; }),
       0,
       "products_mean");
  near(terms.scores_mean[row],
       plain.mean([](const Key& k) { return std::fabs(k.score); }),
       score_error,
       "scores_mean");
  near(terms.depth_mean[row],
       plain.mean([&](const Key& k) { return plain.maximum - k.score; }),
       score_error,
       "depth_mean");
  EXPECT_NEAR(terms.lse[row],
              static_cast<double>(plain.maximum + std::log(plain.sum)),
              ReferenceError(problem, terms).lse(row) + 0x1p-52 * std::fabs(terms.lse[row]));
}

void check_element(const Problem& problem,
                   const ReferenceTerms& terms,
                   const Plain& plain,
                   std::size_t element,
                   const std::vector<double>& v) {
  const std::size_t row = element / static_cast<std::size_t>(problem.head_dim_v);
  const Real relative = relative_error(problem, terms, row);
  const auto value = [&](const Key& k) {
    return static_cast<Real>(v[static_cast<std::size_t>(k.j)]);
  };
  const Real o = plain.mean(value);
  const Real o_error = ReferenceError(problem, terms).output(element);
  EXPECT_LE(std::fabs(terms.o[element] - o), o_error);
  // |v - o| moves by at most the error of o; so does its mean, times the factor's mean.
  const Real score_error =
      0x1p-52 * static_cast<Real>(problem.head_dim + 3) * terms.products_max[row];
  const auto spread = [&](const Key& k) { return std::fabs(value(k) - o); };
  const Real spread_mean = plain.mean(spread);
  const auto near = [&](double got, Real want, Real shift, const char* what) {
    EXPECT_LE(std::fabs(got - want), relative * want + shift * (1 + relative))
        << what << ' ' << element;
  };
  near(terms.weighted_abs_v[element],
       plain.mean([&](const Key& k) { return std::fabs(value(k)); }),
       0,
       "weighted_abs_v");
  near(terms.weighted_spread[element], spread_mean, o_error, "weighted_spread");
  near(terms.products_spread[element],
       plain.mean([&](const Key& k) { return k.product * spread(k); }),
       o_error * terms.products_mean[row],
       "products_spread");
  near(terms.scores_spread[element],
       plain.mean([&](const Key& k) { return std::fabs(k.score) * spread(k); }),
       o_error * terms.scores_mean[row] + score_error * (spread_mean + o_error),
       "scores_spread");
  near(terms.depth_spread[element],
       plain.mean([&](const Key& k) { return (plain.maximum - k.score) * spread(k); }),
       o_error * terms.depth_mean[row] + score_error * (spread_mean + o_error),
       "depth_spread");
  Real magnitude = 0;
  double largest = 0;
  for (const Key& key : plain.keys) {
    magnitude += std::fabs(value(key));
    largest = std::max(largest, std::fabs(v[static_cast<std::size_t>(key.j)]));
  }
  near(terms.abs_v_over_l[element], magnitude / plain.sum, 0, "abs_v_over_l");
  EXPECT_EQ(terms.abs_v_max[element], largest);
}

TEST(Attention, EveryTermIsItsDefinition) {
  const char* const texts[] = {
      "attn(sq=3,skv=70,d=5,dtype=f32)",
      "attn(b=2,hq=4,hkv=2,sq=9,skv=13,d=16,dv=11,dtype=f16,mask=causal-br&padding(13,6))",
      "attn(hq=2,hkv=1,sq=6,skv=40,d=8,dtype=bf16,mask=window(3,9,tl)&bool,data=normal(4))",
      "attn(sq=4,skv=33,d=8,dtype=f16,data=subnormal-p)",
      "attn(sq=4,skv=33,d=8,dtype=f16,data=normal(0.0001))",
      "attn(sq=4,skv=20,d=8,dtype=f32,mask=bool,fill=-3)",
      "attn(sq=3,skv=65,d=32,dtype=f32,data=all-negative,layout=bhsd,gap(q=3,k=1,v=5))",
  };
  for (const char* text : texts) {
    SCOPED_TRACE(text);
    const Problem problem = parsed(text);
    const Inputs inputs = draw_inputs(problem);
    const ReferenceTerms terms = reference_attention(problem, inputs);
    std::size_t row = 0;
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      for (std::int64_t h = 0; h < problem.heads_q; ++h) {
        for (std::int64_t i = 0; i < problem.seq_q; ++i, ++row) {
          const Plain plain(problem, inputs, b, h, i);
          if (plain.keys.empty()) continue;
          check_row(problem, terms, plain, row);
          for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
            std::vector<double> v;
            for (std::int64_t j = 0; j < problem.seq_kv; ++j)
              v.push_back(inputs.v.value(b, h / (problem.heads_q / problem.heads_kv), j, d));
            const auto element =
                static_cast<std::size_t>(static_cast<std::int64_t>(row) * problem.head_dim_v + d);
            check_element(problem, terms, plain, element, v);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace attest
