// What the reference knows: outputs in double, and the sums that an error bound is made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace attest {

/// All arrays in double and packed row-major. Element arrays: [batch, heads_q, seq_q, head_dim_v].
/// Row arrays: [batch, heads_q, seq_q]. p_j are the exact softmax weights of kept keys, s_j the
/// scaled scores, a_j = |scale| * sum_d |q_d k_jd|, m = max s_j, o = sum p_j v_j. In a_j a
/// subnormal operand counts as the dtype's smallest normal: a tensor core aligns its product as if
/// it were one. With a finite fill every key is in the sums; one that the mask hides has s_j = fill
/// and a_j = 0. A row without a kept key (fill=-inf) has o = 0, lse = -inf and all terms 0.
struct ReferenceTerms {
  std::vector<double> o;
  std::vector<double> lse;

  // Element terms (sums over kept keys j).
  std::vector<double> weighted_abs_v;   // sum p_j |v_j|
  std::vector<double> weighted_spread;  // sum p_j |v_j - o|
  std::vector<double> products_spread;  // sum p_j a_j |v_j - o|
  std::vector<double> scores_spread;    // sum p_j |s_j| |v_j - o|
  std::vector<double> depth_spread;     // sum p_j (m - s_j) |v_j - o|
  std::vector<double> abs_v_over_l;     // sum |v_j| / l, with l = sum exp(s_j - m)
  std::vector<double> abs_v_max;        // max |v_j|

  // Row terms.
  std::vector<double> row_max;        // m; -inf for an empty row
  std::vector<double> products_mean;  // sum p_j a_j
  std::vector<double> scores_mean;    // sum p_j |s_j|
  std::vector<double> depth_mean;     // sum p_j (m - s_j)
  std::vector<double> products_max;   // max a_j
  std::vector<std::int64_t> kept;     // number of kept keys
};

}  // namespace attest
