// The conventions that cuDNN is asked about in every large run, and the mistakes that they must not be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <string>
#include <vector>

namespace attest {

/// Attentions with a sink, ALiBi, softcap or a bias, which no kernel of attest takes, so that no run draws
/// them: cuDNN's definition against the reference alone. As many for each described GPU, since the
/// survey goes round the GPUs.
[[nodiscard]] const std::vector<Problem>& cudnn_conventions();

/// The same attention with one convention mistaken.
struct Mistake {
  std::string name;  // "the sink is ignored"
  Problem problem;
  Inputs inputs;  // with data=normal(1), as the conventions are compared
};
/// Those that this problem can show: a window off by one, the other alignment, a sink, softcap, bias
/// or boolean mask ignored, ALiBi with the other sign.
[[nodiscard]] std::vector<Mistake> mistakes(const Problem& problem);

}  // namespace attest
