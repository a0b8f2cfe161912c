// What a lowered graph says of a Problem: O and LSE in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"
#include "reference/oracle/cudnn/graph.h"
#include "reference/oracle/cudnn/sdpa.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

/// The problem that conventions are compared on: the same shapes and masks with data=normal(1). What
/// hidden keys hold is no part of cuDNN's definition (its graph multiplies them by 0), and large
/// scores would only measure double's own rounding.
[[nodiscard]] Problem convention_problem(const Problem& problem);

struct GraphOpinion {
  std::vector<double> o;    // packed [batch, heads_q, seq_q, head_dim_v]
  std::vector<double> lse;  // packed [batch, heads_q, seq_q]
};

/// Evaluates the graph on the drawn inputs of `problem`; `sdpa` is as_sdpa(problem) as it was planned.
/// Errors  as evaluate_lowered().
Result<GraphOpinion> graph_opinion(const LoweredGraph& graph,
                                   const Problem& problem,
                                   const Sdpa& sdpa);

/// Where the graph and the reference differ by more than 1e-12 * sum p|v| in O, or
/// 1e-12 * (1 + |LSE|) in LSE, on a row with a visible key or a sink; nothing where they agree.
struct GraphDifference {
  std::string tensor;  // "o", "lse"
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t row = 0;
  double graph = 0;
  double reference = 0;
};
[[nodiscard]] std::optional<GraphDifference> compare(const Problem& problem,
                                                     const GraphOpinion& opinion,
                                                     const ReferenceTerms& reference);
/// "o at batch 0 head 1 row 3: the graph says 1.5, the reference 0"
[[nodiscard]] std::string to_string(const GraphDifference& difference);

}  // namespace attest
