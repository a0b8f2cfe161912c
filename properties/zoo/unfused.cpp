// Attention as unfused operations compute it in a narrow dtype: the baseline of FlashAttention's rule.
// SPDX-License-Identifier: Apache-2.0
#include "properties/remake.h"
#include "properties/zoo/comparison.h"
#include "reference/elementary.h"

#include <algorithm>
#include <cstddef>

namespace attest {
namespace {

float rounded(Dtype dtype, double value) {
  return static_cast<float>(decode(dtype, encode(dtype, value)));
}

/// [rows, columns] of one batch and head, times `factor`, rounded.
std::vector<float> matrix(
    const HostTensor& tensor, std::int64_t batch, std::int64_t head, double factor, Dtype dtype) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < tensor.layout.shape[2]; ++i) {
    for (std::int64_t d = 0; d < tensor.layout.shape[3]; ++d)
      out.push_back(rounded(dtype, factor * tensor.value(batch, head, i, d)));
  }
  return out;
}

/// Rounded weights of the kept keys.
std::vector<float> weights_of(const std::vector<float>& scores, Dtype dtype) {
  const float max = *std::max_element(scores.begin(), scores.end());
  std::vector<double> raised;
  double sum = 0;
  for (const float score : scores) {
    raised.push_back(natural_exp(static_cast<double>(score) - static_cast<double>(max)));
    sum += raised.back();
  }
  std::vector<float> out;
  for (const double weight : raised)
    out.push_back(rounded(dtype, weight / sum));
  return out;
}

float dot(const float* a, const float* b, std::size_t count) {
  float sum = 0;
  for (std::size_t d = 0; d < count; ++d)
    sum += a[d] * b[d];
  return sum;
}

}  // namespace

std::vector<double> unfused_attention(const Problem& problem, const Inputs& inputs) {
  const auto columns = static_cast<std::size_t>(problem.head_dim);
  const auto columns_v = static_cast<std::size_t>(problem.head_dim_v);
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  const auto scale = static_cast<double>(effective_scale(problem));
  std::vector<double> out;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      const std::vector<float> q = matrix(inputs.q, b, h, 1, problem.dtype);
      const std::vector<float> k = matrix(inputs.k, b, h / group, scale, problem.dtype);
      const std::vector<float> v = matrix(inputs.v, b, h / group, 1, problem.dtype);
      for (std::int64_t i = 0; i < problem.seq_q; ++i) {
        std::vector<float> sums(columns_v, 0.0F);
        const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, b, i);
        if (!kept.empty()) {
          const float* const row = &q[static_cast<std::size_t>(i) * columns];
          std::vector<float> scores;
          for (const std::int64_t j : kept) {
            const float* const key = &k[static_cast<std::size_t>(j) * columns];
            scores.push_back(rounded(problem.dtype, static_cast<double>(dot(row, key, columns))));
          }
          const std::vector<float> weights = weights_of(scores, problem.dtype);
          for (std::size_t n = 0; n < kept.size(); ++n) {
            const float* const value = &v[static_cast<std::size_t>(kept[n]) * columns_v];
            for (std::size_t d = 0; d < columns_v; ++d)
              sums[d] += weights[n] * value[d];
          }
        }
        for (const float sum : sums)
          out.push_back(static_cast<double>(rounded(problem.dtype, static_cast<double>(sum))));
      }
    }
  }
  return out;
}

}  // namespace attest
