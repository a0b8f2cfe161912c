// Softmax attention in double, and the sums that the error bound is made of.
// SPDX-License-Identifier: Apache-2.0
#include "reference/attention.h"

#include "reference/attention_row.h"
#include "reference/elementary.h"
#include "reference/likely_terms.h"
#include "reference/mask.h"
#include "reference/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace attest {

KeysAndValues::KeysAndValues(const Problem& problem,
                             const Inputs& inputs,
                             std::int64_t batch,
                             std::int64_t head) {
  keys.resize(problem.seq_kv, problem.head_dim);
  magnitudes.resize(problem.seq_kv, problem.head_dim);
  const double smallest = smallest_normal(problem.dtype);
  for (Index j = 0; j < problem.seq_kv; ++j) {
    for (Index d = 0; d < problem.head_dim; ++d) {
      keys(j, d) = inputs.k.value(batch, head, j, d);
      magnitudes(j, d) = aligned_magnitude(keys(j, d), smallest);
    }
  }
  const Index blocks = (problem.head_dim_v + kLanes - 1) / kLanes;
  values.setZero(blocks * problem.seq_kv * kLanes);
  for (Index j = 0; j < problem.seq_kv; ++j) {
    for (Index d = 0; d < problem.head_dim_v; ++d) {
      values(((d / kLanes) * problem.seq_kv + j) * kLanes + d % kLanes) =
          inputs.v.value(batch, head, j, d);
    }
  }
}

namespace {

struct Where {
  std::int64_t batch;
  std::int64_t head;
  std::int64_t row;
};

// Scores of the keys in the sum. Hidden keys (fill=-inf) are left out before any arithmetic on them
// is used, so what they hold cannot matter.
void score_row(const Problem& problem,
               const Inputs& inputs,
               const KeysAndValues& kv,
               const Where& where,
               bool has_squares,
               RowWork& work) {
  const auto scale = static_cast<double>(effective_scale(problem));
  const double smallest = smallest_normal(problem.dtype);
  const bool is_filled = std::isfinite(problem.fill);
  work.key.clear();
  work.score.clear();
  work.product.clear();
  work.product_squared.clear();
  std::vector<Index> kept;
  for (Index j = 0; j < problem.seq_kv; ++j) {
    if (is_kept(problem, inputs, where.batch, where.row, j)) kept.push_back(j);
  }
  Row dot;
  Row magnitude;
  Row squares;
  const Index first = kept.empty() ? 0 : kept.front();
  const Index count = kept.empty() ? 0 : kept.back() + 1 - first;
  dot.setZero(count);
  magnitude.setZero(count);
  squares.setZero(has_squares ? count : 0);
  for (Index d = 0; d < problem.head_dim; ++d) {
    const double q = inputs.q.value(where.batch, where.head, where.row, d);
    dot += q * kv.keys.col(d).segment(first, count);
    const double aligned = aligned_magnitude(q, smallest);
    magnitude += aligned * kv.magnitudes.col(d).segment(first, count);
    if (has_squares) squares += (aligned * kv.magnitudes.col(d).segment(first, count)).square();
  }
  auto next_kept = kept.begin();
  for (Index j = 0; j < problem.seq_kv; ++j) {
    const bool kept_here = next_kept != kept.end() && *next_kept == j;
    if (kept_here) {
      ++next_kept;
    } else if (!is_filled) {
      continue;
    }
    Score score{problem.fill, 0.0};
    if (kept_here) {
      const Score scaled{scale * dot(j - first), std::fabs(scale) * magnitude(j - first)};
      score = final_score(problem, inputs, {where.batch, where.head, where.row, j}, scaled);
    }
    work.key.push_back(j);
    work.score.push_back(score.value);
    work.product.push_back(score.magnitude);
    if (has_squares) {
      work.product_squared.push_back(kept_here ? scale * scale * squares(j - first) : 0.0);
    }
  }
}

// Weights, LSE and the row terms. `at` is the row's place in the row arrays. A sink is one more term
// behind the keys.
void weigh_row(RowWork& work, bool has_sink, std::size_t at, ReferenceTerms& terms) {
  const std::size_t count = work.key.size();
  work.depth.resize(count);
  work.weight.resize(count);
  work.maximum = has_sink ? work.sink : -std::numeric_limits<double>::infinity();
  for (const double score : work.score)
    work.maximum = std::max(work.maximum, score);
  for (std::size_t j = 0; j < count; ++j) {
    work.depth[j] = work.maximum - work.score[j];
    work.weight[j] = -work.depth[j];
  }
  natural_exp(work.weight.data(), work.weight.data(), count);
  work.sum = 0;
  for (const double p : work.weight) {
    work.sum += p;
  }
  const double sink_depth = has_sink ? work.maximum - work.sink : 0;
  work.sink_weight = has_sink ? natural_exp(-sink_depth) : 0;
  work.sum += work.sink_weight;
  work.sink_weight /= work.sum;
  double products = 0;
  double scores = 0;
  double depths = 0;
  double products_max = 0;
  for (std::size_t j = 0; j < count; ++j) {
    const double p = work.weight[j] /= work.sum;
    products_max = std::max(products_max, work.product[j]);
    if (p == 0) continue;
    products += p * work.product[j];
    scores += p * std::fabs(work.score[j]);
    depths += p * work.depth[j];
  }
  scores += work.sink_weight * std::fabs(work.sink);
  depths += work.sink_weight * sink_depth;
  terms.lse[at] = work.maximum + natural_log(work.sum);
  terms.row_max[at] = work.maximum;
  terms.products_mean[at] = products;
  terms.scores_mean[at] = scores;
  terms.depth_mean[at] = depths;
  terms.products_max[at] = products_max;
  terms.kept[at] = static_cast<std::int64_t>(count);
}

// The element terms of one row. `at` is the place of the row's first column in the element arrays.
void sum_row(const Problem& problem,
             const KeysAndValues& kv,
             const RowWork& work,
             std::size_t at,
             ReferenceTerms& terms) {
  const std::size_t count = work.key.size();
  for (Index d = 0; d < problem.head_dim_v; d += kLanes) {
    const double* block = kv.values.data() + d * problem.seq_kv;
    Lanes o = Lanes::Zero();
    Lanes weighted = Lanes::Zero();
    Lanes magnitude = Lanes::Zero();
    Lanes largest = Lanes::Zero();
    for (std::size_t j = 0; j < count; ++j) {
      const LanesView v(block + work.key[j] * kLanes);
      o += work.weight[j] * v;
      weighted += work.weight[j] * v.abs();
      magnitude += v.abs();
      largest = largest.max(v.abs());
    }
    Lanes spread = Lanes::Zero();
    Lanes products = Lanes::Zero();
    Lanes scores = Lanes::Zero();
    Lanes depths = Lanes::Zero();
    for (std::size_t j = 0; j < count; ++j) {
      if (work.weight[j] == 0) continue;  // adds exactly 0 to all four
      const Lanes distance = work.weight[j] * (LanesView(block + work.key[j] * kLanes) - o).abs();
      spread += distance;
      products += work.product[j] * distance;
      scores += std::fabs(work.score[j]) * distance;
      depths += work.depth[j] * distance;
    }
    if (work.sink_weight != 0) {  // a value of 0
      const Lanes distance = work.sink_weight * o.abs();
      spread += distance;
      scores += std::fabs(work.sink) * distance;
      depths += (work.maximum - work.sink) * distance;
    }
    const Index columns = std::min(kLanes, problem.head_dim_v - d);
    for (Index c = 0; c < columns; ++c) {
      const std::size_t element = at + static_cast<std::size_t>(d + c);
      terms.o[element] = o(c);
      terms.weighted_abs_v[element] = weighted(c);
      terms.weighted_spread[element] = spread(c);
      terms.products_spread[element] = products(c);
      terms.scores_spread[element] = scores(c);
      terms.depth_spread[element] = depths(c);
      terms.abs_v_over_l[element] = magnitude(c) / work.sum;
      terms.abs_v_max[element] = largest(c);
    }
  }
}

// Terms of rows without keys, which is what every row starts as.
ReferenceTerms empty_terms(const Problem& problem) {
  const auto rows = static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q);
  const std::size_t elements = rows * static_cast<std::size_t>(problem.head_dim_v);
  ReferenceTerms terms;
  for (std::vector<double>* array : {&terms.o,
                                     &terms.weighted_abs_v,
                                     &terms.weighted_spread,
                                     &terms.products_spread,
                                     &terms.scores_spread,
                                     &terms.depth_spread,
                                     &terms.abs_v_over_l,
                                     &terms.abs_v_max}) {
    array->assign(elements, 0.0);
  }
  for (std::vector<double>* array :
       {&terms.products_mean, &terms.scores_mean, &terms.depth_mean, &terms.products_max}) {
    array->assign(rows, 0.0);
  }
  terms.lse.assign(rows, -std::numeric_limits<double>::infinity());
  terms.row_max.assign(rows, -std::numeric_limits<double>::infinity());
  terms.kept.assign(rows, 0);
  return terms;
}

}  // namespace

ReferenceTerms reference_attention(const Problem& problem, const Inputs& inputs, Detail detail) {
  ReferenceTerms terms = empty_terms(problem);
  if (detail == Detail::likely) terms.likely = empty_likely_terms(problem);
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  RowWork work;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; h += group) {
      const KeysAndValues kv(problem, inputs, b, h / group);
      for (std::int64_t row = h * problem.seq_q; row < (h + group) * problem.seq_q; ++row) {
        const Where where{b, row / problem.seq_q, row % problem.seq_q};
        score_row(problem, inputs, kv, where, terms.likely.has_value(), work);
        if (problem.sink) {
          work.sink = static_cast<double>(inputs.sink[static_cast<std::size_t>(where.head)]);
        }
        if (work.key.empty() && !problem.sink) continue;
        const auto at = static_cast<std::size_t>(b * problem.heads_q * problem.seq_q + row);
        weigh_row(work, problem.sink, at, terms);
        sum_row(problem, kv, work, at * static_cast<std::size_t>(problem.head_dim_v), terms);
        if (terms.likely) add_likely_row(problem, kv, work, at, terms);
      }
    }
  }
  return terms;
}

}  // namespace attest
