// Scores, softmax and P v as three steps, each rounded to the dtype.
// SPDX-License-Identifier: Apache-2.0
#include "reference/unfused.h"

#include "harness/base/check.h"
#include "reference/elementary.h"
#include "reference/mask.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace attest {
namespace {

// Each element has one accumulator and takes its terms in order: Eigen vectorises across elements.
using Index = Eigen::Index;
using Row = Eigen::ArrayXf;
using Columns = Eigen::ArrayXXf;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float rounded(Dtype dtype, float value) {
  if (dtype == Dtype::f32) return value;
  return static_cast<float>(decode(dtype, encode(dtype, static_cast<double>(value))));
}

/// K [seq_kv, head_dim] and V [head_dim_v, seq_kv] of one batch and kv head: a column is one term.
struct Operands {
  Columns keys;
  Columns values;

  Operands(const Problem& p, const Inputs& in, std::int64_t batch, std::int64_t head)
      : keys(p.seq_kv, p.head_dim), values(p.head_dim_v, p.seq_kv) {
    for (Index j = 0; j < p.seq_kv; ++j) {
      for (Index d = 0; d < p.head_dim; ++d)
        keys(j, d) = static_cast<float>(in.k.value(batch, head, j, d));
      for (Index d = 0; d < p.head_dim_v; ++d)
        values(d, j) = static_cast<float>(in.v.value(batch, head, j, d));
    }
  }
};

struct Where {
  std::int64_t batch;
  std::int64_t head;
  std::int64_t row;
};

/// Scores of a row in the dtype; -Inf where a key is not in the sum.
Row scores_of(const Problem& p, const Inputs& in, const Operands& operands, const Where& at) {
  Row scores = Row::Zero(p.seq_kv);
  for (Index d = 0; d < p.head_dim; ++d) {
    const auto q = static_cast<float>(in.q.value(at.batch, at.head, at.row, d));
    scores += q * operands.keys.col(d);
  }
  const float scale = effective_scale(p);
  for (Index j = 0; j < p.seq_kv; ++j) {
    const bool is_in = is_kept(p, in, at.batch, at.row, j);
    scores(j) = is_in ? rounded(p.dtype, scale * rounded(p.dtype, scores(j)))
                      : rounded(p.dtype, static_cast<float>(p.fill));
  }
  return scores;
}

}  // namespace

UnfusedAttention unfused_attention(const Problem& p, const Inputs& inputs) {
  ATTEST_CHECK(!score_extra(p));
  UnfusedAttention out;
  const std::int64_t group = p.heads_q / p.heads_kv;
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; h += group) {
      const Operands operands(p, inputs, b, h / group);
      for (std::int64_t row = h * p.seq_q; row < (h + group) * p.seq_q; ++row) {
        Row weights = scores_of(p, inputs, operands, {b, row / p.seq_q, row % p.seq_q});
        const float largest = p.seq_kv > 0 ? weights.maxCoeff() : -kInfinity;
        Row o = Row::Zero(p.head_dim_v);
        if (largest == -kInfinity) {  // no key
          out.o.insert(out.o.end(), static_cast<std::size_t>(p.head_dim_v), 0.0);
          out.lse.push_back(static_cast<double>(-kInfinity));
          continue;
        }
        float sum = 0;
        for (float& w : weights) {
          w = static_cast<float>(natural_exp(static_cast<double>(w - largest)));
          sum += w;
        }
        for (Index j = 0; j < p.seq_kv; ++j) {
          const float weight = rounded(p.dtype, weights(j) / sum);
          if (weight != 0) o += weight * operands.values.col(j);
        }
        for (const float x : o)
          out.o.push_back(static_cast<double>(rounded(p.dtype, x)));
        const double log_sum = natural_log(static_cast<double>(sum));
        out.lse.push_back(static_cast<double>(largest + static_cast<float>(log_sum)));
      }
    }
  }
  return out;
}

}  // namespace attest
