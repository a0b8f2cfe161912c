// reference_layer: one batch at a time, one query at a time.
// SPDX-License-Identifier: Apache-2.0
#include "reference/layer.h"

#include "reference/balls.h"
#include "reference/elementary.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

using Index = Eigen::Index;
using Row = Eigen::RowVectorXd;

Matrix decoded(const HostTensor& tensor, std::int64_t batch) {
  Matrix out(tensor.layout.shape[2], tensor.layout.shape[3]);
  for (Index i = 0; i < out.rows(); ++i)
    for (Index j = 0; j < out.cols(); ++j)
      out(i, j) = tensor.value(batch, 0, i, j);
  return out;
}

/// x W^T + b, as a linear layer has it.
Matrix linear(const Matrix& x, const HostTensor& weight, const HostTensor& bias) {
  Matrix y = product(x, decoded(weight, 0).transpose());
  y.rowwise() += Row(decoded(bias, 0).row(0));
  return y;
}

/// softmax of one row of scores, in place.
void softmax(Row& scores) {
  const double largest = scores.maxCoeff();
  scores.array() -= largest;
  natural_exp(scores.data(), scores.data(), static_cast<std::size_t>(scores.size()));
  scores /= scores.sum();
}

/// Heads side by side in, heads side by side out: concat_h softmax(fill(q_h k_h^T / sqrt(d))) v_h.
Matrix attend(const LayerProblem& layer, const Matrix& qkv, const std::uint8_t* mask) {
  const Index d = layer.head_dim();
  const auto scale =
      static_cast<float>(1 / std::sqrt(static_cast<double>(d)));  // as kernels get it
  Matrix out(layer.seq, layer.dim);
  for (Index h = 0; h < layer.heads; ++h) {
    const Matrix q = qkv.middleCols(h * d, d);
    const Matrix k = qkv.middleCols(layer.dim + h * d, d);
    const Matrix v = qkv.middleCols(2 * layer.dim + h * d, d);
    Matrix scores = static_cast<double>(scale) * product(q, k.transpose());
    for (Index i = 0; i < layer.seq; ++i) {
      Row row = scores.row(i);
      for (Index j = 0; j < layer.seq; ++j)
        if (mask[i * layer.seq + j] == 0)
          row(j) = static_cast<double>(static_cast<float>(layer.fill));
      softmax(row);
      scores.row(i) = row;
    }
    out.middleCols(h * d, d) = product(scores, v);
  }
  return out;
}

}  // namespace

std::vector<double> reference_layer(const LayerProblem& layer, const LayerInputs& inputs) {
  std::vector<double> y;
  y.reserve(static_cast<std::size_t>(layer.batch * layer.seq * layer.dim));
  for (std::int64_t b = 0; b < layer.batch; ++b) {
    const Matrix qkv = linear(decoded(inputs.x, b), inputs.w_qkv, inputs.b_qkv);
    const Matrix o = attend(layer, qkv, inputs.mask.data() + b * layer.seq * layer.seq);
    const Matrix out = linear(o, inputs.w_out, inputs.b_out);
    y.insert(y.end(), out.data(), out.data() + out.size());
  }
  return y;
}

}  // namespace attest
