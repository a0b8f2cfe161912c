// What every judgement of O and LSE begins and ends with: counts first, then the worst element.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/element.h"
#include "harness/judge/judge.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace attest {

// The number of elements that `outputs` really holds, against the problem's.
inline std::optional<Divergence> count_divergence(const Problem& problem, const Outputs& outputs) {
  if (auto wrong = layout_divergence("o", outputs.o, tensor_layout(problem, Tensor::o))) {
    return wrong;
  }
  const auto rows = problem.batch * problem.heads_q * problem.seq_q;
  const auto lse = static_cast<std::int64_t>(outputs.lse.size());
  if (lse != rows) return wrong_count("lse", lse, rows, fmt::format("{} of {} rows", lse, rows));
  return std::nullopt;
}

inline Judgement disagreement(Divergence divergence) {
  Judgement judgement;
  judgement.verdict = Verdict::disagree;
  (divergence.tensor == "o" ? judgement.ratio_o : judgement.ratio_lse) =
      std::numeric_limits<double>::infinity();
  judgement.divergence = std::move(divergence);
  return judgement;
}

inline Place o_shape(const Problem& p) {
  return {p.batch, p.heads_q, p.seq_q, p.head_dim_v};
}
inline Place lse_shape(const Problem& p) {
  return {p.batch, p.heads_q, p.seq_q, 1};
}

inline Judgement conclude(const TensorFindings& o, const TensorFindings& lse) {
  Judgement judgement;
  judgement.ratio_o = o.ratio();
  judgement.ratio_lse = lse.ratio();
  judgement.worst_o = o.ratio_place();
  judgement.divergence = first_divergence({&o, &lse});
  judgement.verdict = judgement.divergence ? Verdict::disagree : Verdict::agree;
  return judgement;
}

// Calls visit(place, row) for every row of the problem, in row-major order.
template <class Visit>
void for_each_row(const Problem& problem, Visit visit) {
  std::size_t row = 0;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      for (std::int64_t i = 0; i < problem.seq_q; ++i) {
        visit(Place{b, h, i, 0}, row++);
      }
    }
  }
}

}  // namespace attest
