// What the reference knows: outputs in double, and the sums that an error bound is made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace attest {

/// What rounding errors add up to where they are independent: sums of squares, and what stays where
/// signs cancel. Packed as ReferenceTerms, for the same kept keys. r_j is the number of keys of the
/// row whose weight is the same as p_j, or so near that both are rounded alike.
/// z_j^2 = scale^2 sum_d (q_d k_jd)^2, where a subnormal counts as the smallest normal, as in a_j.
struct LikelyTerms {
  // Element terms.
  std::vector<double> values_squared;   // sum r_j p_j^2 v_j^2
  std::vector<double> spread_squared;   // sum r_j p_j^2 (v_j - o)^2
  std::vector<double> scores_squared;   // sum r_j p_j^2 (v_j - o)^2 (s_j^2 + z_j^2)
  std::vector<double> depth_squared;    // sum r_j p_j^2 (v_j - o)^2 (m - s_j)^2
  std::vector<double> scores_together;  // |sum p_j s_j (v_j - o)|
  std::vector<double> prefix_max;       // max over n of |sum of the first n p_j v_j|

  // Row terms.
  std::vector<double> weights_squared;       // sum r_j p_j^2
  std::vector<double> scores_squared_mean;   // sum r_j p_j^2 (s_j^2 + z_j^2)
  std::vector<double> depth_squared_mean;    // sum r_j p_j^2 (m - s_j)^2
  std::vector<double> scores_together_mean;  // |sum p_j s_j|
  std::vector<std::int64_t> distinct;        // values that exp(s_j - m) has, rounded to the dtype
};

/// All arrays in double and packed row-major. Element arrays: [batch, heads_q, seq_q, head_dim_v].
/// Row arrays: [batch, heads_q, seq_q]. p_j are the exact softmax weights of kept keys, s_j the
/// scaled scores, a_j = |scale| * sum_d |q_d k_jd|, m = max s_j, o = sum p_j v_j. In a_j a
/// subnormal operand counts as the dtype's smallest normal: a tensor core aligns its product as if
/// it were one. With a finite fill every key is in the sums; one that the mask hides has s_j = fill
/// and a_j = 0. s_j is the score that softmax sees: after softcap, bias and ALiBi, whose sizes a_j has in
/// it. A sink is one more key with its logit as s, v = 0 and a = 0, in every sum, and in m; `kept` does
/// not count it. A row without a kept key (fill=-inf) has o = 0, lse = -inf and all terms 0; with a sink
/// lse and m are its logit.
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

  std::optional<LikelyTerms> likely;  // where they were asked for
};

}  // namespace attest
