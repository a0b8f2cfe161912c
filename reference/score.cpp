// Softcap, bias and ALiBi of one score, as the contract says them; shared with no kernel.
// SPDX-License-Identifier: Apache-2.0
#include "reference/score.h"

#include "reference/elementary.h"

#include <cmath>
#include <cstdlib>

namespace attest {

Score final_score(const Problem& problem, const Inputs& inputs, const Pair& pair, Score score) {
  if (problem.softcap) {  // |softcap tanh(x / softcap)| <= |x|
    const auto cap = static_cast<double>(static_cast<float>(*problem.softcap));
    score.value = cap * hyperbolic_tangent(score.value / cap);
  }
  if (problem.mask.bias) {
    const double bias = inputs.bias.value(pair.batch, pair.head, pair.row, pair.key);
    score.value += bias;
    score.magnitude += std::fabs(bias);
  }
  if (problem.mask.alibi) {
    const std::int64_t diagonal = pair.row + kv_length(problem, pair.batch) - problem.seq_q;
    const auto distance = static_cast<double>(std::abs(diagonal - pair.key));
    const double penalty = static_cast<double>(alibi_slope(problem.heads_q, pair.head)) * distance;
    score.value -= penalty;
    score.magnitude += penalty;
  }
  return score;
}

}  // namespace attest
