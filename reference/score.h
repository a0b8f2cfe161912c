// From a scaled score to the one that softmax sees: softcap, bias, ALiBi.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <cstdint>

namespace attest {

/// Query row `row` of a head against one key.
struct Pair {
  std::int64_t batch = 0;
  std::int64_t head = 0;  // of q
  std::int64_t row = 0;
  std::int64_t key = 0;
};

struct Score {
  double value = 0;
  double magnitude = 0;  // at least |value|, and of every sum on the way to it
};

/// In the contract's order: softcap * tanh(x / softcap), + bias, - slope |i + off - j| with off of
/// bottom-right, whatever the masks' alignment. The score as it is where the problem has none of them.
[[nodiscard]] Score final_score(const Problem& problem,
                                const Inputs& inputs,
                                const Pair& pair,
                                Score score);

/// Roundings of 2^-53 times the magnitude that final_score adds: of tanh and the quotient and product
/// round it, of the sum with a bias, of the product and sum of ALiBi.
inline constexpr double kFinalScoreRoundings = 10;

}  // namespace attest
