// Sums of squares over the keys of a row, and which of its weights are rounded alike.
// SPDX-License-Identifier: Apache-2.0
#include "reference/likely_terms.h"

#include "harness/base/dtype.h"

#include <bit>
#include <utility>

namespace attest {
namespace {

/// Weights that share the dtype's bits of precision and these more are taken as rounded alike. In
/// f32 only those that are the same are.
constexpr int kBitsMore = 6;

/// Bits of a double below the leading `precision + kBitsMore` of its significand, rounded away.
std::uint64_t leading_bits(double value, Dtype dtype) {
  constexpr int kDouble = 53;
  int precision = 1;
  for (double u = unit_roundoff(dtype); u < 1; u *= 2)
    ++precision;
  precision += dtype == Dtype::f32 ? -1 : kBitsMore - 1;
  const int dropped = kDouble - precision;
  return (std::bit_cast<std::uint64_t>(value) + (std::uint64_t{1} << (dropped - 1))) >> dropped;
}

/// How many keys have the weight of each, and how many weights there are in the dtype.
struct Repeats {
  std::vector<double> count;
  std::int64_t distinct = 0;

  Repeats(const RowWork& work, Dtype dtype) : count(work.weight.size(), 1) {
    std::vector<std::pair<std::uint64_t, std::size_t>> sorted;
    sorted.reserve(work.weight.size());
    for (std::size_t j = 0; j < work.weight.size(); ++j)
      sorted.emplace_back(leading_bits(work.weight[j] * work.sum, dtype), j);
    std::sort(sorted.begin(), sorted.end());
    std::uint32_t last = 0;  // +0: weights that vanish are none
    for (std::size_t first = 0; first < sorted.size();) {
      std::size_t next = first;
      while (next < sorted.size() && sorted[next].first == sorted[first].first)
        ++next;
      for (std::size_t n = first; n < next; ++n)
        count[sorted[n].second] = static_cast<double>(next - first);
      const double weight = work.weight[sorted[first].second] * work.sum;
      const std::uint32_t bits = encode(dtype, weight);
      if (bits != last) ++distinct;
      last = bits;
      first = next;
    }
  }
};

double square(double x) {
  return x * x;
}

struct KeySquares {
  double weight;  // r p^2
  double scores;  // s^2 + z^2
  double depth;   // (m - s)^2
};

void add_columns(const Problem& problem,
                 const KeysAndValues& kv,
                 const RowWork& work,
                 const std::vector<KeySquares>& squares,
                 std::size_t at,
                 ReferenceTerms& terms) {
  LikelyTerms& out = *terms.likely;
  for (Index first = 0; first < problem.head_dim_v; first += kLanes) {
    const double* block = kv.values.data() + first * problem.seq_kv;
    const Index columns = std::min(kLanes, problem.head_dim_v - first);
    Lanes o = Lanes::Zero();
    for (Index c = 0; c < columns; ++c)
      o(c) = terms.o[at + static_cast<std::size_t>(first + c)];
    Lanes values = Lanes::Zero();
    Lanes spread = Lanes::Zero();
    Lanes scores = Lanes::Zero();
    Lanes depth = Lanes::Zero();
    Lanes together = Lanes::Zero();
    Lanes prefix = Lanes::Zero();
    Lanes largest = Lanes::Zero();
    for (std::size_t j = 0; j < work.key.size(); ++j) {
      const double p = work.weight[j];
      if (p == 0) continue;
      const LanesView v(block + work.key[j] * kLanes);
      const Lanes distance = v - o;
      const Lanes distance_squared = squares[j].weight * distance.square();
      values += squares[j].weight * v.square();
      spread += distance_squared;
      scores += squares[j].scores * distance_squared;
      depth += squares[j].depth * distance_squared;
      together += (p * work.score[j]) * distance;
      prefix += p * v;
      largest = largest.max(prefix.abs());
    }
    for (Index c = 0; c < columns; ++c) {
      const std::size_t element = at + static_cast<std::size_t>(first + c);
      out.values_squared[element] = values(c);
      out.spread_squared[element] = spread(c);
      out.scores_squared[element] = scores(c);
      out.depth_squared[element] = depth(c);
      out.scores_together[element] = std::fabs(together(c));
      out.prefix_max[element] = largest(c);
    }
  }
}

}  // namespace

LikelyTerms empty_likely_terms(const Problem& problem) {
  const auto rows = static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q);
  const std::size_t elements = rows * static_cast<std::size_t>(problem.head_dim_v);
  LikelyTerms out;
  for (std::vector<double>* array : {&out.values_squared,
                                     &out.spread_squared,
                                     &out.scores_squared,
                                     &out.depth_squared,
                                     &out.scores_together,
                                     &out.prefix_max}) {
    array->assign(elements, 0.0);
  }
  for (std::vector<double>* array : {&out.weights_squared,
                                     &out.scores_squared_mean,
                                     &out.depth_squared_mean,
                                     &out.scores_together_mean}) {
    array->assign(rows, 0.0);
  }
  out.distinct.assign(rows, 0);
  return out;
}

void add_likely_row(const Problem& problem,
                    const KeysAndValues& kv,
                    const RowWork& work,
                    std::size_t at,
                    ReferenceTerms& terms) {
  const Repeats repeats(work, problem.dtype);
  LikelyTerms& out = *terms.likely;
  out.distinct[at] = repeats.distinct;
  std::vector<KeySquares> squares(work.key.size());
  double together = 0;
  for (std::size_t j = 0; j < work.key.size(); ++j) {
    squares[j] = {repeats.count[j] * square(work.weight[j]),
                  square(work.score[j]) + work.product_squared[j],
                  square(work.depth[j])};
    if (work.weight[j] == 0) continue;
    together += work.weight[j] * work.score[j];
    out.weights_squared[at] += squares[j].weight;
    out.scores_squared_mean[at] += squares[j].weight * squares[j].scores;
    out.depth_squared_mean[at] += squares[j].weight * squares[j].depth;
  }
  out.scores_together_mean[at] = std::fabs(together);
  add_columns(problem, kv, work, squares, at * static_cast<std::size_t>(problem.head_dim_v), terms);
}

}  // namespace attest
