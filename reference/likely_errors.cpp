// Squares of errors through gemm, masked softmax, the elementwise operations and attention.
// SPDX-License-Identifier: Apache-2.0
//
// e(x)^2 is the square of what an error of x stays below in all likelihood. For independent errors:
//   sum a b    sum a^2 e(b)^2 + e(a)^2 (b^2 + e(b)^2), and the sum's own (DotErrors)
//   softmax    dp_j = p_j (d_j - sum p_k d_k) for errors d of the scores:
//              p_j^2 ((1 - 2 p_j) e_j^2 + sum p_k^2 e_k^2); large d with growth(d) = e^d - 1 for d
//   attention  do = sum p_j d_j (v_j - o) + p_j dv_j: sum p_j^2 (e_j^2 (v_j - o)^2 + e(v_j)^2)
// Errors that are known to be the same do not only add up as squares. By Cauchy and Schwarz, N equal
// ones do so after N-fold squares. This covers
//   - equal weights of a row, which are rounded alike (a row of which all is filled), and
//   - a fill that the dtype does not hold, in all filled places of a row.
//   The error of l moves a whole row of weights: its square is taken times 1 / sum p^2, the number
//   of keys among which the weight is spread.
// An error of one weight moves all columns of its row of O together, and a product with W after it
// mixes these columns: the squares are those of the weight's error times (V W)^2, not of O's columns
// one by one. With few keys in a row that matters: SharedErrors are taken through the next product.
// Left out, where squares may be too small:
//   - errors of one q (or of one k) move all scores of its row (or column) together. For keys and
//     values that do not go together their signs do not either, and the squares are right on average;
//     what is common to all scores of a row is nothing to softmax, and taken as if it were something.
//   - errors of the weights of a row after softmax sum to 0: taken as independent, which is more.
//   - x is read by all three projections exactly, so nothing is shared there.
#include "reference/likely_errors.h"

#include "harness/base/check.h"
#include "reference/elementary.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace attest {
namespace {

using Index = Eigen::Index;
using Row = Eigen::RowVectorXd;

double as_float(double value) {
  return static_cast<double>(static_cast<float>(value));
}

double square(double x) {
  return x * x;
}

Matrix squares(const Matrix& matrix) {
  return matrix.cwiseAbs2();
}

/// Of all elements; 0 where the operand is exact.
Matrix square_errors(const Balls& balls, std::int64_t batch, std::int64_t head) {
  if (balls.radius.empty()) return Matrix::Zero(balls.layout.shape[2], balls.layout.shape[3]);
  return squares(radii(balls, batch, head));
}

Matrix oriented(const Matrix& matrix, bool is_transposed) {
  if (is_transposed) return matrix.transpose();
  return matrix;
}

/// An operand of a product: x and e(x)^2.
struct Factor {
  Matrix value;
  Matrix error;
};

Factor factor(const Balls& balls, std::int64_t batch, std::int64_t head, bool is_transposed) {
  return {oriented(values(balls, batch, head), is_transposed),
          oriented(square_errors(balls, batch, head), is_transposed)};
}

/// e^2 of sum_j D_ij (value_j - centre_i), multiplied out.
Matrix spread(const Matrix& square, const Matrix& value, const Matrix& centre) {
  Matrix error = product(square, squares(value));
  if (centre.size() == 0) return error;
  error -= 2 * centre.cwiseProduct(product(square, value));
  error += square.rowwise().sum().asDiagonal() * squares(centre);
  return error.cwiseMax(0);
}

/// e^2 of a result, whole and without what its columns share.
struct Errors {
  Matrix all;
  Matrix apart;
  std::vector<SharedErrors> shared;

  void share(SharedErrors part) {
    all += spread(part.square, part.value, part.centre);
    shared.push_back(std::move(part));
  }
  /// A matrix that is added to both.
  void add(const Matrix& error) {
    all += error;
    apart += error;
  }
};

Errors unshared(const Matrix& error) {
  return {error, error, {}};
}

/// e^2 of A B for errors of A that its columns share.
Matrix through(const SharedErrors& part, const Matrix& b) {
  const Matrix factor = b.middleRows(part.head * part.value.cols(), part.value.cols());
  Matrix centre;
  if (part.centre.size() > 0) centre = product(part.centre, factor);
  return spread(part.square, product(part.value, factor), centre);
}

/// e^2 of a b but for the errors of a.
Matrix product_errors(const Factor& a, const Factor& b, const DotErrors& dot, const Matrix& value) {
  Matrix error = dot.of_sum * squares(value);
  error += product(squares(a.value), dot.of_squares * squares(b.value) + b.error);
  if ((b.error.array() != 0).any()) error += product(a.error, b.error);
  return error;
}

/// e^2 of storing a value that is itself off by `error`.
Matrix rounding(const Matrix& value, const Matrix& error, const RoundingModel& model) {
  return (model.output * (squares(value) + error)).array() + model.output_tiny;
}

/// Of one batch, [rows, columns]; null without a mask.
const std::uint8_t* mask_of(const std::vector<std::uint8_t>& mask,
                            std::int64_t batch,
                            std::int64_t elements) {
  return mask.empty() ? nullptr : mask.data() + batch * elements;
}

/// e^2 of the fill as stored in each filled place of a row with so many of them; else nothing.
void fill_row(
    const std::uint8_t* mask, bool fills_kept, double fill_error, Matrix& error, Index i) {
  const Index n = error.cols();
  const auto is_filled = [&](Index j) { return (mask[i * n + j] != 0) == fills_kept; };
  Index filled = 0;
  for (Index j = 0; j < n; ++j)
    filled += is_filled(j) ? 1 : 0;
  for (Index j = 0; j < n; ++j)
    if (is_filled(j)) error(i, j) = square(fill_error) * static_cast<double>(filled);
}

double stored_error(Dtype dtype, double fill) {
  return decode(dtype, encode(dtype, as_float(fill))) - as_float(fill);
}

/// Where errors are made and come from: one batch and head of the result.
struct Place {
  std::int64_t batch;
  std::int64_t head;
};

Errors errors(const Gemm& gemm,
              const OperandBalls& in,
              const RoundingModel& model,
              const std::vector<SharedErrors>& shared,
              const Place& at) {
  const double alpha = as_float(gemm.alpha);
  const Factor a = factor(in.a, at.batch, at.head, gemm.transpose_a);
  const Factor b = factor(in.b, at.batch, at.head, gemm.transpose_b);
  Matrix value = product(a.value, b.value);
  Errors out = unshared(alpha * alpha * product_errors(a, b, model.inner, value));
  if (!in.a.radius.empty()) out.share({at.batch, at.head, a.error, alpha * b.value, {}});
  for (const SharedErrors& part : shared) {
    const Index rows = part.square.rows();
    const Matrix moved = alpha * alpha * through(part, b.value);
    out.all.middleRows(part.batch * rows, rows) += moved;
    out.apart.middleRows(part.batch * rows, rows) += moved;
  }
  value *= alpha;
  if (alpha != 1) out.add(model.step * squares(value));
  if (gemm.has_bias) {
    value.rowwise() += Row(values(in.bias, 0, 0).row(0));
    out.add(model.step * squares(value));
    out.add(Row(square_errors(in.bias, 0, 0).row(0)).replicate(value.rows(), 1));
  }
  out.add(rounding(value, out.all, model));
  if (!gemm.has_mask) return out;
  const std::uint8_t* const mask = mask_of(in.mask, at.batch, gemm.m * gemm.n);
  for (Index i = 0; i < gemm.m; ++i)
    fill_row(mask, false, stored_error(gemm.dtype, gemm.fill), out.all, i);
  return unshared(out.all);
}

/// One row of scores, and its weights.
struct Scores {
  Row value;
  Row error;    // e^2
  Row weight;   // exp(x_j - m), then p_j
  Row repeats;  // how many weights of the row are the same
  double total = 0;

  explicit Scores(Index n) : value(n), error(Row::Zero(n)), weight(n), repeats(n) {}

  /// Errors of the scores become those of the logarithms of the weights.
  void weigh(const RoundingModel& model) {
    const double maximum = value.maxCoeff();
    weight = value.array() - maximum;
    error += model.step * (2 * value.cwiseAbs2() + 5 * weight.cwiseAbs2());
    for (double& e : error)
      e = square(growth(std::min(300.0, std::sqrt(e + model.exponential))));
    natural_exp(weight.data(), weight.data(), static_cast<std::size_t>(weight.size()));
    total = weight.sum();
    weight /= total;
    count_repeats();
  }

  void count_repeats() {
    std::vector<double> sorted(weight.begin(), weight.end());
    std::sort(sorted.begin(), sorted.end());
    for (Index j = 0; j < weight.size(); ++j) {
      const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), weight(j));
      repeats(j) = static_cast<double>(last - first);
    }
  }
};

Errors errors(const MaskSoftmax& softmax,
              const OperandBalls& in,
              const RoundingModel& model,
              const std::vector<SharedErrors>&,
              const Place& at) {
  const double scale = as_float(softmax.scale);
  const Matrix x = values(in.a, at.batch, at.head);
  const Matrix moves = square_errors(in.a, at.batch, at.head);
  const std::uint8_t* const mask = mask_of(in.mask, at.batch, softmax.m * softmax.n);
  Matrix error(softmax.m, softmax.n);
  Scores row(softmax.n);
  for (Index i = 0; i < softmax.m; ++i) {
    for (Index j = 0; j < softmax.n; ++j) {
      const bool is_kept = !softmax.has_mask || mask[i * softmax.n + j] != 0;
      row.value(j) = is_kept ? scale * x(i, j) : as_float(softmax.fill);
      row.error(j) = is_kept ? scale * scale * moves(i, j) : 0;
    }
    row.weigh(model);
    const Row p2 = row.weight.cwiseAbs2();
    const double common = p2.dot(row.error) + model.row_sum / p2.sum();
    const Row own = (1 - 2 * row.weight.array()) * row.error.array();
    error.row(i) = p2.array() * (own.array() + common).max(0);
    error.row(i).array() += model.output * p2.array() * row.repeats.array() + model.output_tiny;
  }
  return unshared(error);
}

Errors errors(const BiasSplit& bias_split,
              const OperandBalls& in,
              const RoundingModel& model,
              const std::vector<SharedErrors>&,
              const Place&) {
  Matrix value = values(in.a, 0, 0);
  Matrix error = square_errors(in.a, 0, 0);
  value.rowwise() += Row(values(in.bias, 0, 0).row(0));
  error.rowwise() += Row(square_errors(in.bias, 0, 0).row(0));
  ATTEST_CHECK(error.cols() == bias_split.n);
  error += model.step * squares(value);
  error += rounding(value, error, model);
  return unshared(error);
}

Errors errors(const Elementwise& step,
              const OperandBalls& in,
              const RoundingModel& model,
              const std::vector<SharedErrors>&,
              const Place& at) {
  ATTEST_CHECK(step.kind != ElementwiseKind::equals_zero);
  const double alpha = as_float(step.alpha);
  Matrix error = square_errors(in.a, at.batch, at.head);
  if (step.kind == ElementwiseKind::scale) {
    const Matrix value = alpha * values(in.a, at.batch, at.head);
    error = alpha * alpha * error + model.step * squares(value);
    error += rounding(value, error, model);
    return unshared(error);
  }
  const std::uint8_t* const mask = mask_of(in.mask, at.batch, step.m * step.n);
  for (Index i = 0; i < step.m; ++i)
    fill_row(mask, true, stored_error(step.dtype, step.alpha), error, i);
  return unshared(error);
}

/// Batches and heads outside, rows by columns inside.
void append(Errors errors, LikelyErrors& out) {
  for (Index at = 0; at < errors.all.size(); ++at) {
    out.all.push_back(std::sqrt(errors.all.data()[at]));
    out.apart.push_back(std::sqrt(errors.apart.data()[at]));
  }
  for (SharedErrors& part : errors.shared)
    out.shared.push_back(std::move(part));
}

/// The weights of one batch and head of attention, and the squares of their errors.
struct Weights {
  Matrix p;
  Matrix moved;    // p^2 e^2 of the scores
  Matrix rounded;  // p^2 times what rounding P adds
  Eigen::VectorXd tiny;

  Weights(Index rows, Index keys)
      : p(rows, keys), moved(rows, keys), rounded(rows, keys), tiny(rows) {}

  void set_row(Index i, const Scores& row, const RoundingModel& model) {
    p.row(i) = row.weight;
    moved.row(i) = row.weight.cwiseAbs2().cwiseProduct(row.error);
    rounded.row(i) = model.probability * row.weight.cwiseAbs2().cwiseProduct(row.repeats);
    tiny(i) = model.probability_tiny / square(row.total);
  }
};

Weights weights(const Problem& problem,
                const Factor& q,
                const Factor& k,
                const std::uint8_t* keep,
                const RoundingModel& model) {
  const auto scale = static_cast<double>(effective_scale(problem));
  const Matrix raw = product(q.value, k.value);
  Matrix moves = product_errors(q, k, model.inner, raw);
  if ((q.error.array() != 0).any()) moves += product(q.error, squares(k.value));
  Weights out(raw.rows(), raw.cols());
  Scores row(raw.cols());
  for (Index i = 0; i < raw.rows(); ++i) {
    for (Index j = 0; j < raw.cols(); ++j) {
      const bool is_kept = keep == nullptr || keep[i * raw.cols() + j] != 0;
      row.value(j) = is_kept ? scale * raw(i, j) : problem.fill;
      row.error(j) = is_kept ? scale * scale * moves(i, j) : 0;
    }
    row.weigh(model);
    out.set_row(i, row, model);
  }
  return out;
}

Errors errors(const Weights& weights,
              const Factor& v,
              const RoundingModel& model,
              const Place& at) {
  const Matrix o = product(weights.p, v.value);
  const Matrix o2 = squares(o);
  const Matrix v2 = squares(v.value);
  Errors out =
      unshared(product(squares(weights.p), model.outer.of_squares * v2 + v.error) +
               (model.outer.of_sum + model.row_sum) * o2 + weights.tiny * v2.colwise().sum());
  out.share({at.batch, at.head, weights.moved, v.value, o});
  out.share({at.batch, at.head, weights.rounded, v.value, {}});
  out.add(rounding(o, out.all, model));
  return out;
}

}  // namespace

LikelyErrors likely_errors(const Operation& operation,
                           const OperandBalls& operands,
                           const RoundingModel& model,
                           const std::vector<SharedErrors>& shared) {
  const auto [batches, heads, rows, columns] = result_shape(operation);
  LikelyErrors out;
  for (std::int64_t b = 0; b < batches; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      const auto of = [&](const auto& op) {
        return errors(op, operands, model, shared, Place{b, h});
      };
      append(std::visit(of, operation), out);
    }
  }
  return out;
}

LikelyErrors likely_errors(const Problem& problem,
                           const Balls& q,
                           const Balls& k,
                           const Balls& v,
                           const std::vector<std::uint8_t>& keep,
                           const RoundingModel& model) {
  ATTEST_CHECK(!score_extra(problem));
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  LikelyErrors out;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      const Weights of_keys = weights(problem,
                                      factor(q, b, h, false),
                                      factor(k, b, h / group, true),
                                      mask_of(keep, b, problem.seq_q * problem.seq_kv),
                                      model);
      append(errors(of_keys, factor(v, b, h / group, false), model, {b, h}), out);
    }
  }
  return out;
}

}  // namespace attest
