// Gemm, masked softmax and the elementwise operations on balls.
// SPDX-License-Identifier: Apache-2.0
#include "reference/operation.h"

#include "harness/base/check.h"
#include "reference/elementary.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace attest {
namespace {

using Index = Eigen::Index;

// The number that a kernel receives.
double as_float(double value) {
  return static_cast<double>(static_cast<float>(value));
}

std::size_t count(const std::array<std::int64_t, 4>& shape) {
  return static_cast<std::size_t>(shape[0] * shape[1] * shape[2] * shape[3]);
}

bool has_radii(const OperandBalls& operands) {
  return !operands.a.radius.empty() || !operands.b.radius.empty() || !operands.bias.radius.empty();
}

OperationTerms terms_for(const Operation& operation, bool moves) {
  OperationTerms terms;
  terms.shape = result_shape(operation);
  terms.value.resize(count(terms.shape));
  if (moves) terms.radius.resize(terms.value.size());
  return terms;
}

// Element arrays of one batch and head, as a matrix [m, n].
Eigen::Map<Matrix> plane(OperationTerms& terms,
                         std::vector<double>& elements,
                         std::int64_t batch,
                         std::int64_t head) {
  const auto [batches, heads, m, n] = terms.shape;
  return {elements.data() + (batch * heads + head) * m * n, m, n};
}

template <class Visit>
void for_each_matrix(const OperationTerms& terms, Visit visit) {
  for (std::int64_t b = 0; b < terms.shape[0]; ++b) {
    for (std::int64_t h = 0; h < terms.shape[1]; ++h)
      visit(b, h);
  }
}

// Calls visit(element, place in the mask) for every element, in row-major order.
template <class Visit>
void for_each_element(const OperationTerms& terms, Visit visit) {
  const auto [batches, heads, m, n] = terms.shape;
  std::size_t element = 0;
  for (std::int64_t b = 0; b < batches; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t at = 0; at < m * n; ++at, ++element)
        visit(element, static_cast<std::size_t>(b * m * n + at));
    }
  }
}

Matrix oriented(Matrix matrix, bool is_transposed) {
  if (is_transposed && matrix.size() > 0) return matrix.transpose();
  return matrix;
}

/// x + y where either may be without elements, which is 0.
Matrix sum(const Matrix& x, const Matrix& y) {
  if (x.size() == 0) return y;
  if (y.size() == 0) return x;
  return x + y;
}

// c = alpha sum a b + bias. With a + da, b + db for |da| <= ra, |db| <= rb:
//   |(a + da)(b + db) - a b| <= |a| rb + ra (|b| + rb)
// summed over k, times |alpha|, and the radius of the bias. A filled place does not move.
void gemm_matrix(const Gemm& gemm,
                 const OperandBalls& in,
                 std::int64_t batch,
                 std::int64_t head,
                 OperationTerms& terms) {
  const double alpha = as_float(gemm.alpha);
  const Matrix a = oriented(values(in.a, batch, head), gemm.transpose_a);  // [m, k]
  const Matrix b = oriented(values(in.b, batch, head), gemm.transpose_b);  // [k, n]
  const Matrix ra = oriented(radii(in.a, batch, head), gemm.transpose_a);
  const Matrix rb = oriented(radii(in.b, batch, head), gemm.transpose_b);
  const Matrix a_most = sum(a.cwiseAbs(), ra);
  const Matrix b_most = sum(b.cwiseAbs(), rb);
  auto value = plane(terms, terms.value, batch, head);
  value = alpha * product(a, b);
  plane(terms, terms.products, batch, head) =
      std::fabs(alpha) *
      product(aligned_magnitudes(a_most, gemm.dtype), aligned_magnitudes(b_most, gemm.dtype));
  if (gemm.has_bias) value.rowwise() += values(in.bias, 0, 0).row(0);
  if (terms.radius.empty()) return;
  auto radius = plane(terms, terms.radius, batch, head);
  radius.setZero();
  if (rb.size() > 0) radius += std::fabs(alpha) * product(a.cwiseAbs(), rb);
  if (ra.size() > 0) radius += std::fabs(alpha) * product(ra, b_most);
  if (!in.bias.radius.empty()) radius.rowwise() += radii(in.bias, 0, 0).row(0);
}

OperationTerms evaluate(const Gemm& gemm, const OperandBalls& in) {
  OperationTerms terms = terms_for(gemm, has_radii(in));
  terms.products.resize(terms.value.size());
  for_each_matrix(terms,
                  [&](std::int64_t b, std::int64_t h) { gemm_matrix(gemm, in, b, h, terms); });
  if (!gemm.has_mask) return terms;
  terms.is_stored.resize(terms.value.size());
  for_each_element(terms, [&](std::size_t element, std::size_t at) {
    if (in.mask[at] != 0) return;
    terms.is_stored[element] = 1;
    terms.value[element] = as_float(gemm.fill);
    terms.products[element] = 0;
    if (!terms.radius.empty()) terms.radius[element] = 0;
  });
  return terms;
}

// One row of a softmax under way.
struct SoftmaxRow {
  std::vector<double> score;   // x_j
  std::vector<double> radius;  // rho_j = |scale| r_j; 0 where filled
  std::vector<double> weight;  // exp(x_j - m), then p_j
  double maximum = 0;
  double radius_max = 0;

  explicit SoftmaxRow(std::int64_t n)
      : score(static_cast<std::size_t>(n)), radius(score.size()), weight(score.size()) {}

  void weigh() {
    maximum = *std::max_element(score.begin(), score.end());
    for (std::size_t j = 0; j < score.size(); ++j)
      weight[j] = score[j] - maximum;
    natural_exp(weight.data(), weight.data(), weight.size());
    double total = 0;
    for (const double w : weight)
      total += w;
    for (double& w : weight)
      w /= total;
    radius_max = *std::max_element(radius.begin(), radius.end());
  }
};

/// p (e^e - 1) from above. A p of 0 is below 2^-1074, and e^300 times that is still nothing.
double moved_weight(double p, double e) {
  if (p > 0) return p * growth(e);
  return e < 300 ? 0 : 1;
}

// With x_j + delta_j, |delta_j| <= rho_j, the weight of j is p_j e^delta_j / D for
//   D = sum p_i e^delta_i,  e^-mean <= D <= 1 + ratio mean <= e^(ratio mean)
// with mean = sum p_i rho_i (Jensen from below) and ratio = (e^h - 1) / h for h = max rho, since
// (e^x - 1)/x rises. So p_j changes by a factor between e^-e and e^e, e = rho_j + ratio mean; the
// change of p_j is at most p_j (e^e - 1), and at most max(p_j, 1 - p_j), as both lie in [0, 1].
// Means over the moved weights are at most e^(h + ratio mean) times those over p; the depth m - x_j
// grows by rho_j + h.
void add_softmax_row(const SoftmaxRow& row, std::size_t at, OperationTerms& terms) {
  const std::size_t n = row.score.size();
  double mean = 0;
  for (std::size_t j = 0; j < n; ++j)
    mean += row.weight[j] * row.radius[j];
  const double ratio = row.radius_max > 0 ? growth(row.radius_max) / row.radius_max : 1;
  const double moved = mean == 0 && row.radius_max == 0 ? 0 : ratio * mean;
  const double most = 1 + growth(row.radius_max + moved);
  double size_mean = 0;
  double depth_mean = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const std::size_t element = at * n + j;
    const double p = row.weight[j];
    const double size = std::fabs(row.score[j]) + row.radius[j];
    const double depth = row.maximum - row.score[j] + row.radius[j] + row.radius_max;
    terms.value[element] = p;
    terms.score_size[element] = size;
    terms.depth[element] = depth;
    terms.score_size_max[at] = std::max(terms.score_size_max[at], size);
    terms.depth_max[at] = std::max(terms.depth_max[at], depth);
    if (p > 0) {
      size_mean += p * size;
      depth_mean += p * depth;
    }
    if (terms.radius.empty()) continue;
    terms.radius[element] = std::min(moved_weight(p, row.radius[j] + moved), std::max(p, 1 - p));
  }
  terms.score_size_mean[at] = most * size_mean;
  terms.depth_mean[at] = most * depth_mean;
}

OperationTerms evaluate(const MaskSoftmax& softmax, const OperandBalls& in) {
  OperationTerms terms = terms_for(softmax, has_radii(in));
  const auto [batches, heads, m, n] = terms.shape;
  const auto rows = static_cast<std::size_t>(batches * heads * m);
  for (auto* const elements : {&terms.score_size, &terms.depth})
    elements->resize(terms.value.size());
  for (auto* const array :
       {&terms.score_size_mean, &terms.score_size_max, &terms.depth_mean, &terms.depth_max}) {
    array->resize(rows);
  }
  const double scale = as_float(softmax.scale);
  SoftmaxRow row(n);
  for_each_matrix(terms, [&](std::int64_t b, std::int64_t h) {
    const Matrix scores = values(in.a, b, h);
    const Matrix moves = radii(in.a, b, h);
    for (std::int64_t i = 0; i < softmax.m; ++i) {
      for (std::int64_t j = 0; j < softmax.n; ++j) {
        const auto at = static_cast<std::size_t>(j);
        const auto place = static_cast<std::size_t>((b * softmax.m + i) * softmax.n + j);
        const bool is_kept = !softmax.has_mask || in.mask[place] != 0;
        row.score[at] = is_kept ? scale * scores(i, j) : as_float(softmax.fill);
        row.radius[at] = is_kept && moves.size() > 0 ? std::fabs(scale) * moves(i, j) : 0;
      }
      row.weigh();
      add_softmax_row(
          row, static_cast<std::size_t>((b * softmax.heads + h) * softmax.m + i), terms);
    }
  });
  return terms;
}

// y = x + bias: the radii add.
OperationTerms evaluate(const BiasSplit& bias_split, const OperandBalls& in) {
  OperationTerms terms = terms_for(bias_split, has_radii(in));
  auto value = plane(terms, terms.value, 0, 0);
  value = values(in.a, 0, 0);
  value.rowwise() += values(in.bias, 0, 0).row(0);
  if (terms.radius.empty()) return terms;
  auto radius = plane(terms, terms.radius, 0, 0);
  radius.setZero();
  if (!in.a.radius.empty()) radius = radii(in.a, 0, 0);
  if (!in.bias.radius.empty()) radius.rowwise() += radii(in.bias, 0, 0).row(0);
  return terms;
}

OperationTerms equals_zero(const Elementwise& step, const OperandBalls& in) {
  OperationTerms terms;
  terms.shape = {step.batch, 1, step.m, step.n};
  terms.is_stored.assign(count(terms.shape), 1);
  for (const std::uint8_t byte : in.mask)
    terms.value.push_back(byte == 0 ? 1 : 0);
  return terms;
}

// y = alpha x, which moves by |alpha| r; or x, or the fill, which does not move.
OperationTerms evaluate(const Elementwise& step, const OperandBalls& in) {
  if (step.kind == ElementwiseKind::equals_zero) return equals_zero(step, in);
  OperationTerms terms = terms_for(step, has_radii(in));
  const double alpha = as_float(step.alpha);
  const double factor = step.kind == ElementwiseKind::scale ? alpha : 1;
  for_each_matrix(terms, [&](std::int64_t b, std::int64_t h) {
    plane(terms, terms.value, b, h) = factor * values(in.a, b, h);
    if (terms.radius.empty()) return;
    plane(terms, terms.radius, b, h) = std::fabs(factor) * radii(in.a, b, h);
  });
  if (step.kind == ElementwiseKind::scale) return terms;
  terms.is_stored.assign(terms.value.size(), 1);
  for_each_element(terms, [&](std::size_t element, std::size_t at) {
    if (in.mask[at] == 0) return;
    terms.value[element] = alpha;
    if (!terms.radius.empty()) terms.radius[element] = 0;
  });
  return terms;
}

// Each buffer that the operation reads is there, and lies as it says.
void check_operands(const Operation& operation, const OperandBalls& in) {
  const auto fits = [&](OperationBuffer buffer, const Balls& balls) {
    if (!has_buffer(operation, buffer)) return true;
    const TensorLayout want = buffer_layout(operation, buffer);
    return balls.layout.shape == want.shape &&
           std::cmp_equal(balls.value.size(), balls.layout.span_elements()) &&
           (balls.radius.empty() || balls.radius.size() == balls.value.size());
  };
  ATTEST_CHECK(fits(OperationBuffer::a, in.a) && fits(OperationBuffer::b, in.b) &&
               fits(OperationBuffer::bias, in.bias));
  ATTEST_CHECK(!has_buffer(operation, OperationBuffer::mask) ||
               std::cmp_equal(in.mask.size(), buffer_bytes(operation, OperationBuffer::mask)));
}

}  // namespace

OperationTerms reference_operation(const Operation& operation, const OperandBalls& operands) {
  check_operands(operation, operands);
  return std::visit([&](const auto& op) { return evaluate(op, operands); }, operation);
}

}  // namespace attest
