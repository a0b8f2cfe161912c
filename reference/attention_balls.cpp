// Attention as matrix products, with radii carried through scores, weights and O.
// SPDX-License-Identifier: Apache-2.0
//
// Notation as in problem/terms.h, and for inputs moved within their radii:
//   rho_j  how far the score s_j moves: |scale| sum_d |q| rk + rq (|k| + rk); 0 where filled
//   h      max rho_j;  e = sum p_j rho_j;  ratio = (e^h - 1) / h
//   p'_j   the moved weights: p_j e^delta_j / D, |delta_j| <= rho_j, e^-e <= D <= e^(ratio e), so that
//          p'_j <= G p_j for G = e^(h + ratio e)
//   O      sum p'_j v_j - o = sum p_j (e^delta_j - 1)(v_j - o) / D, at most
//          ratio e^e sum p_j rho_j |v_j - o|; and sum p'_j rv_j <= G sum p_j rv_j for the radii of v.
//          Both weights are averages: the parts are at most max |v| + |o| and max rv, too.
// Sums over p' of terms from above are at most G times those over p, with s_j, a_j, v_j at their
// largest and m - s_j grown by rho_j + h. |v_j - o| is at most |v_j| + |o|, all at their largest.
#include "reference/attention_balls.h"

#include "harness/base/check.h"
#include "reference/elementary.h"
#include "reference/mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

using Index = Eigen::Index;
using Column = Eigen::VectorXd;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One batch and head of q.
struct Head {
  const Problem& problem;
  std::int64_t batch;
  std::int64_t head;
  Matrix kept{};      // [seq_q, seq_kv], 1 where the key is in the sum
  Matrix score{};     // s_j
  Matrix products{};  // a_j, from above
  Matrix moves{};     // rho_j, or without elements
  Matrix weight{};    // p_j; 0 where not in the sum
  Matrix depth{};     // m - s_j from above; 0 where not in the sum
  Column maximum{};   // m
  Column total{};     // l
  Column most{};      // G
  Column ratio{};     // (e^h - 1) / h
  Column mean{};      // e
};

Matrix sum(const Matrix& x, const Matrix& y) {
  return y.size() == 0 ? x : Matrix(x + y);
}

/// Each row times its factor; one that is infinite leaves nothing known of its row.
Matrix scaled_rows(const Column& factors, const Matrix& matrix) {
  Matrix out(matrix.rows(), matrix.cols());
  for (Index i = 0; i < matrix.rows(); ++i) {
    if (factors(i) < kInfinity) {
      out.row(i) = factors(i) * matrix.row(i);
    } else {
      out.row(i).setConstant(kInfinity);
    }
  }
  return out;
}

Matrix row_sums(const Matrix& a, const Matrix& b) {
  return a.cwiseProduct(b).rowwise().sum();
}

void score(Head& head, const Balls& q, const Balls& k) {
  const Problem& p = head.problem;
  const std::int64_t group = p.heads_q / p.heads_kv;
  const auto scale = static_cast<double>(effective_scale(p));
  const Matrix keys = values(k, head.batch, head.head / group).transpose();
  const Matrix queries = values(q, head.batch, head.head);
  const Matrix keys_radius = radii(k, head.batch, head.head / group).transpose();
  const Matrix queries_radius = radii(q, head.batch, head.head);
  const Matrix keys_most = sum(keys.cwiseAbs(), keys_radius);
  head.score = scale * product(queries, keys);
  head.products = std::fabs(scale) *
                  product(aligned_magnitudes(sum(queries.cwiseAbs(), queries_radius), p.dtype),
                          aligned_magnitudes(keys_most, p.dtype));
  if (keys_radius.size() + queries_radius.size() == 0) return;
  head.moves.setZero(p.seq_q, p.seq_kv);
  if (keys_radius.size() > 0) {
    head.moves += std::fabs(scale) * product(queries.cwiseAbs(), keys_radius);
  }
  if (queries_radius.size() > 0) {
    head.moves += std::fabs(scale) * product(queries_radius, keys_most);
  }
}

// Fills or excludes the keys that the mask hides.
void hide(Head& head, const Inputs& mask) {
  const Problem& p = head.problem;
  const bool is_filled = std::isfinite(p.fill);
  head.kept.setOnes(p.seq_q, p.seq_kv);
  for (Index i = 0; i < p.seq_q; ++i) {
    for (Index j = 0; j < p.seq_kv; ++j) {
      if (is_kept(p, mask, head.batch, i, j)) continue;
      head.kept(i, j) = is_filled ? 1 : 0;
      head.score(i, j) = p.fill;
      head.products(i, j) = 0;
      if (head.moves.size() > 0) head.moves(i, j) = 0;
    }
  }
}

// The weights of one row; one without keys keeps weights of 0.
void weigh_row(Head& head, Index i) {
  const Index n = head.problem.seq_kv;
  auto weight = head.weight.row(i);
  auto depth = head.depth.row(i);
  head.maximum(i) = n == 0 ? -kInfinity : head.score.row(i).maxCoeff();
  if (head.maximum(i) == -kInfinity) return;
  for (Index j = 0; j < n; ++j)
    weight(j) = head.score(i, j) - head.maximum(i);
  for (Index j = 0; j < n; ++j)
    depth(j) = head.kept(i, j) != 0 ? -weight(j) : 0;
  natural_exp(weight.data(), weight.data(), static_cast<std::size_t>(n));
  double total = 0;
  for (Index j = 0; j < n; ++j)
    total += weight(j);
  weight /= total;
  head.total(i) = total;
  if (head.moves.size() == 0) return;
  const double largest = head.moves.row(i).maxCoeff();
  for (Index j = 0; j < n; ++j)
    head.mean(i) += weight(j) * head.moves(i, j);
  if (largest > 0) head.ratio(i) = growth(largest) / largest;
  head.most(i) = 1 + growth(largest + head.ratio(i) * head.mean(i));
  depth += head.kept.row(i).cwiseProduct((head.moves.row(i).array() + largest).matrix());
}

void weigh(Head& head) {
  const Index rows = head.problem.seq_q;
  head.weight.setZero(rows, head.problem.seq_kv);
  head.depth.setZero(rows, head.problem.seq_kv);
  for (Column* const column : {&head.maximum, &head.total, &head.mean})
    column->setZero(rows);
  head.most.setOnes(rows);
  head.ratio.setOnes(rows);
  for (Index i = 0; i < rows; ++i)
    weigh_row(head, i);
}

// Where one head's rows or elements start, and its rows by its columns.
Eigen::Map<Matrix> place(const Head& head, std::vector<double>& array, std::int64_t columns) {
  const Problem& p = head.problem;
  return {
      array.data() + (head.batch * p.heads_q + head.head) * p.seq_q * columns, p.seq_q, columns};
}

void fill_rows(Head& head, const Matrix& size, ReferenceTerms& terms) {
  const Problem& p = head.problem;
  const auto row = [&](std::vector<double>& array) { return place(head, array, 1); };
  row(terms.products_mean) = scaled_rows(head.most, row_sums(head.weight, head.products));
  row(terms.scores_mean) = scaled_rows(head.most, row_sums(head.weight, size));
  row(terms.depth_mean) = scaled_rows(head.most, row_sums(head.weight, head.depth));
  for (Index i = 0; i < p.seq_q; ++i) {
    const double maximum = head.maximum(i);
    const bool is_empty = maximum == -kInfinity;
    const auto at = static_cast<std::size_t>((head.batch * p.heads_q + head.head) * p.seq_q + i);
    terms.row_max[at] = maximum;
    terms.lse[at] = is_empty ? -kInfinity : maximum + natural_log(head.total(i));
    terms.products_max[at] = is_empty ? 0 : head.products.row(i).maxCoeff();
    terms.kept[at] = is_empty ? 0 : static_cast<std::int64_t>(head.kept.row(i).sum());
  }
}

// sum p_j c_j |v_j - o|, from above.
Matrix spread(const Head& head, const Matrix& factor, const Matrix& v, const Matrix& o) {
  const Matrix weighted = head.weight.cwiseProduct(factor);
  const Column mean = weighted.rowwise().sum();
  return scaled_rows(head.most, product(weighted, v) + mean.asDiagonal() * o);
}

Matrix radius_of_o(const Head& head, const Matrix& v, const Matrix& v_radius, const Matrix& o) {
  Matrix radius = Matrix::Zero(o.rows(), o.cols());
  if (head.moves.size() > 0) {
    const Matrix weighted = head.weight.cwiseProduct(head.moves);
    radius = product(weighted, v.cwiseAbs()) + head.mean.asDiagonal() * o.cwiseAbs();
    const Column factor = head.ratio.array() * (1 + head.mean.unaryExpr(&growth).array());
    const Eigen::RowVectorXd largest = v.cwiseAbs().colwise().maxCoeff();
    const Matrix most = o.cwiseAbs().rowwise() + largest;
    radius = scaled_rows(factor, radius).cwiseMin(most);
  }
  if (v_radius.size() == 0) return radius;
  const Eigen::RowVectorXd largest = v_radius.colwise().maxCoeff();
  const Matrix moved = scaled_rows(head.most, product(head.weight, v_radius));
  return radius + moved.cwiseMin(largest.replicate(o.rows(), 1));
}

void fill_elements(Head& head, const Balls& v, AttentionBalls& out) {
  const Problem& p = head.problem;
  const std::int64_t kv_head = head.head / (p.heads_q / p.heads_kv);
  const Matrix centre = values(v, head.batch, kv_head);
  const Matrix v_radius = radii(v, head.batch, kv_head);
  const Matrix v_most = sum(centre.cwiseAbs(), v_radius);
  const Matrix o = product(head.weight, centre);
  Matrix o_most = o.cwiseAbs();
  const auto at = [&](std::vector<double>& array) { return place(head, array, p.head_dim_v); };
  at(out.terms.o) = o;
  if (!out.radius.empty()) {
    const Matrix radius = radius_of_o(head, centre, v_radius, o);
    at(out.radius) = radius;
    o_most += radius;
  }
  Matrix size = head.score.cwiseAbs();
  if (head.moves.size() > 0) size += head.moves;
  size = (head.kept.array() != 0).select(size, 0);
  fill_rows(head, size, out.terms);
  const Matrix ones = Matrix::Ones(size.rows(), size.cols());
  at(out.terms.weighted_abs_v) = scaled_rows(head.most, product(head.weight, v_most));
  at(out.terms.weighted_spread) = spread(head, ones, v_most, o_most);
  at(out.terms.products_spread) = spread(head, head.products, v_most, o_most);
  at(out.terms.scores_spread) = spread(head, size, v_most, o_most);
  at(out.terms.depth_spread) = spread(head, head.depth, v_most, o_most);
  // 1 / l' <= G / l: the weight of the largest score is 1 / l.
  const Column inverse = head.total.unaryExpr([](double l) { return l > 0 ? 1 / l : 0.0; });
  at(out.terms.abs_v_over_l) =
      scaled_rows(head.most, inverse.asDiagonal() * product(head.kept, v_most));
  auto largest = at(out.terms.abs_v_max);
  for (Index i = 0; i < p.seq_q; ++i)
    for (Index j = 0; j < p.seq_kv; ++j)
      if (head.kept(i, j) != 0) largest.row(i) = largest.row(i).cwiseMax(v_most.row(j));
}

AttentionBalls sized(const Problem& p, bool moves) {
  const auto rows = static_cast<std::size_t>(p.batch * p.heads_q * p.seq_q);
  const std::size_t elements = rows * static_cast<std::size_t>(p.head_dim_v);
  AttentionBalls out;
  ReferenceTerms& t = out.terms;
  for (auto* const array : {&t.o,
                            &t.weighted_abs_v,
                            &t.weighted_spread,
                            &t.products_spread,
                            &t.scores_spread,
                            &t.depth_spread,
                            &t.abs_v_over_l,
                            &t.abs_v_max}) {
    array->resize(elements);
  }
  for (auto* const array :
       {&t.lse, &t.row_max, &t.products_mean, &t.scores_mean, &t.depth_mean, &t.products_max}) {
    array->resize(rows);
  }
  t.kept.resize(rows);
  if (moves) out.radius.resize(elements);
  return out;
}

}  // namespace

AttentionBalls attention_balls(const Problem& problem,
                               const Balls& q,
                               const Balls& k,
                               const Balls& v,
                               const std::vector<std::uint8_t>& keep) {
  const bool moves = !q.radius.empty() || !k.radius.empty() || !v.radius.empty();
  AttentionBalls out = sized(problem, moves);
  Inputs mask;
  mask.keep = keep;
  ATTEST_CHECK(!score_extra(problem));
  ATTEST_CHECK(!problem.mask.boolean ||
               std::cmp_equal(keep.size(), problem.batch * problem.seq_q * problem.seq_kv));
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      Head head{.problem = problem, .batch = b, .head = h};
      score(head, q, k);
      hide(head, mask);
      weigh(head);
      fill_elements(head, v, out);
    }
  }
  return out;
}

}  // namespace attest
