// How far an evaluation of the layer in double may be off.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/layer.h"
#include "harness/problem/operation_data.h"

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <vector>

namespace attest {

/// First-order errors of x W^T + b, scores, softmax, P v and o W^T + b in double, u = 2^-53, for
/// any order of the sums and an exp within one ulp. A sum of n products is off by n u sum |a||b|,
/// of operands with errors by sum |a| e_b + e_a |b| more:
///   q, k, v  (D + 1) u (sum |x||w| + |b|)
///   s_j      (d + 1) u scale sum |q||k|, the scale's product included, and q's and k's errors
///   p_j      p_j (delta_j + sum p delta), delta_j = e_s + u |m - s_j|: its argument;
///            (3 + seq) u p_j: exp one ulp (2u), seq additions of l less one, the division
///   o        seq u sum p |v|, and p's and v's errors
///   y        (D + 1) u (sum |o||w| + |b|), and o's errors
/// A filled score has e_s = 0. What is left out, products of such terms, is below 2^-20 of them as
/// long as each is below 2^-21; so is what the values here, computed in double themselves, are off.
class LayerError {
 public:
  LayerError(const LayerProblem& layer, const LayerInputs& inputs)
      : layer_(layer), inputs_(inputs) {}

  /// [seq, dim] of one batch.
  [[nodiscard]] Eigen::MatrixXd of_batch(std::int64_t batch) const {
    const Ball qkv = linear({decoded(inputs_.x, batch), {}}, inputs_.w_qkv, inputs_.b_qkv);
    const Eigen::Index d = layer_.head_dim();
    Ball o{Eigen::MatrixXd(layer_.seq, layer_.dim), Eigen::MatrixXd(layer_.seq, layer_.dim)};
    for (Eigen::Index h = 0; h < layer_.heads; ++h) {
      const auto columns = [&](Eigen::Index first) {
        return Ball{qkv.value.middleCols(first + h * d, d), qkv.error.middleCols(first + h * d, d)};
      };
      const Ball k = columns(layer_.dim);
      Ball scores =
          times(columns(0), {k.value.transpose(), k.error.transpose()}, static_cast<double>(d + 1));
      weigh(scores, batch);
      const Ball head = times(scores, columns(2 * layer_.dim), static_cast<double>(layer_.seq));
      o.value.middleCols(h * d, d) = head.value;
      o.error.middleCols(h * d, d) = head.error;
    }
    return (1 + 0x1p-20) * linear(o, inputs_.w_out, inputs_.b_out).error;
  }

 private:
  static constexpr double kU = 0x1p-53;
  struct Ball {
    Eigen::MatrixXd value;
    Eigen::MatrixXd error;  // a matrix without elements: exact
  };

  static Eigen::MatrixXd decoded(const HostTensor& tensor, std::int64_t batch) {
    return Eigen::MatrixXd::NullaryExpr(
        tensor.layout.shape[2], tensor.layout.shape[3], [&](Eigen::Index i, Eigen::Index j) {
          return tensor.value(batch, 0, i, j);
        });
  }

  static Ball times(const Ball& a, const Ball& b, double roundings) {
    const Eigen::MatrixXd size_a = a.value.cwiseAbs();
    const Eigen::MatrixXd size_b = b.value.cwiseAbs();
    Ball out{a.value * b.value, roundings * kU * (size_a * size_b)};
    if (a.error.size() > 0) out.error += a.error * size_b;
    if (b.error.size() > 0) out.error += size_a * b.error;
    return out;
  }

  static Ball linear(const Ball& x, const HostTensor& weight, const HostTensor& bias) {
    const Eigen::MatrixXd w = decoded(weight, 0).transpose();
    const Eigen::RowVectorXd b = decoded(bias, 0);
    const auto roundings = static_cast<double>(w.rows() + 1);
    Ball out = times(x, {w, {}}, roundings);
    out.value.rowwise() += b;
    out.error.rowwise() += Eigen::RowVectorXd(roundings * kU * b.cwiseAbs());
    return out;
  }

  /// Products q k become weights.
  void weigh(Ball& scores, std::int64_t batch) const {
    const double scale = static_cast<float>(1 / std::sqrt(static_cast<double>(layer_.head_dim())));
    for (Eigen::Index i = 0; i < layer_.seq; ++i) {
      Eigen::RowVectorXd s = scale * scores.value.row(i);
      Eigen::RowVectorXd delta = scale * scores.error.row(i);
      for (Eigen::Index j = 0; j < layer_.seq; ++j) {
        const auto at = static_cast<std::size_t>((batch * layer_.seq + i) * layer_.seq + j);
        if (inputs_.mask[at] != 0) continue;
        s(j) = static_cast<float>(layer_.fill);
        delta(j) = 0;
      }
      const double most = s.maxCoeff();
      delta.array() += kU * (most - s.array());
      Eigen::RowVectorXd p = (s.array() - most).exp();
      p /= p.sum();
      const double own = p.dot(delta) + kU * static_cast<double>(layer_.seq + 3);
      scores.value.row(i) = p;
      scores.error.row(i) = p.array() * (delta.array() + own);
    }
  }

  const LayerProblem& layer_;
  const LayerInputs& inputs_;
};

/// [batch, seq, dim], packed.
inline std::vector<double> layer_error(const LayerProblem& layer, const LayerInputs& inputs) {
  const LayerError error(layer, inputs);
  std::vector<double> out;
  for (std::int64_t b = 0; b < layer.batch; ++b) {
    const Eigen::MatrixXd of_batch = error.of_batch(b);
    for (Eigen::Index i = 0; i < of_batch.rows(); ++i)
      for (Eigen::Index j = 0; j < of_batch.cols(); ++j)
        out.push_back(of_batch(i, j));
  }
  return out;
}

}  // namespace attest
