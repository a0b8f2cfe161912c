// A GPU and the interpreter of PTX give the same answer to the same launch.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/trial.h"
#include "reference/attention.h"
#include "reference/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace attest {
namespace {

/// Neighbouring values have neighbouring numbers; -0 and +0 have one.
std::int64_t place_of(std::uint32_t bits, int width) {
  const std::uint32_t sign = 1U << static_cast<unsigned>(width - 1);
  const auto magnitude = static_cast<std::int64_t>(bits & (sign - 1));
  return (bits & sign) != 0 ? -magnitude : magnitude;
}

std::int64_t ulps_between(std::uint32_t a, std::uint32_t b, int width) {
  return std::abs(place_of(a, width) - place_of(b, width));
}

std::int64_t largest_ulps(const HostTensor& a, const HostTensor& b) {
  const int width = static_cast<int>(8 * size_bytes(a.layout.dtype));
  const auto& [batch, heads, rows, columns] = a.layout.shape;
  std::int64_t most = 0;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c)
          most = std::max(most, ulps_between(a.bits(n, h, r, c), b.bits(n, h, r, c), width));
      }
    }
  }
  return most;
}

std::int64_t largest_ulps(const std::vector<float>& a, const std::vector<float>& b) {
  std::int64_t most = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    std::memcpy(&x, &a[n], sizeof x);
    std::memcpy(&y, &b[n], sizeof y);
    most = std::max(most, ulps_between(x, y, 32));
  }
  return most;
}

/// Every score is 0 or masked: no result of exp() but 1 is in the answer.
bool has_zero_scores(const Problem& problem, const Inputs& inputs) {
  if (effective_scale(problem) == 0) return true;
  const HostTensor& q = inputs.q;
  const std::uint32_t sign = 1U << static_cast<unsigned>(8 * size_bytes(q.layout.dtype) - 1);
  const auto& [batch, heads, rows, columns] = q.layout.shape;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          if ((q.bits(n, h, r, c) & ~sign) != 0) return false;
        }
      }
    }
  }
  return true;
}

/// No function of the operation is approximate, so that both have the same bits.
bool is_exact(const Operation& operation) {
  return !std::holds_alternative<MaskSoftmax>(operation);
}

Conditions on_gpu(const Case& which) {
  Conditions conditions{.mode = which.mode};
  conditions.mode.device = Device::cuda;
  return conditions;
}

Conditions on_cpu(const Case& which) {
  Conditions conditions{.mode = which.mode};
  conditions.mode.device = Device::ptx;
  return conditions;
}

CaseResult with_ulps(CaseResult result, std::int64_t ulps) {
  const std::string text = fmt::format("the executors differ by at most {} ulp", ulps);
  if (result.divergence) {
    std::string& terms = result.divergence->bound_terms;
    terms += (terms.empty() ? "" : "; ") + text;
  } else if (result.verdict == Verdict::agree) {
    result.reason = text;
  }
  return result;
}

/// The GPU first: where there is none, nothing else is run.
Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto gpu, trial.run(problem, inputs, on_gpu(which)));
  ATTEST_TRY(const auto cpu, trial.run(problem, inputs, on_cpu(which)));
  if (!gpu || !cpu) return std::move(trial).result();
  if (has_zero_scores(problem, inputs)) {
    trial.expect_equal(problem, *gpu, *cpu);
  } else {
    const ReferenceTerms terms = reference_attention(problem, inputs);
    trial.expect_within_bound(problem, *cpu, terms);
    trial.expect_within_bound(problem, *gpu, terms);
  }
  const std::int64_t ulps =
      std::max(largest_ulps(gpu->o, cpu->o), largest_ulps(gpu->lse, cpu->lse));
  return with_ulps(std::move(trial).result(), ulps);
}

Result<CaseResult> check_operation(const OperationSubject& subject, const Case& which) {
  const Operation operation = as_operation(which.problem).value();
  const Operands operands = draw_operands(operation);
  OperationTrial trial(subject, which);
  ATTEST_TRY(const auto gpu, trial.run(operation, operands, on_gpu(which)));
  ATTEST_TRY(const auto cpu, trial.run(operation, operands, on_cpu(which)));
  if (!gpu || !cpu) return std::move(trial).result();
  const OperationTerms terms = reference_operation(operation, exact_balls(operands));
  trial.expect_within_bound(operation, *cpu, terms);
  trial.expect_within_bound(operation, *gpu, terms);
  if (is_exact(operation)) trial.expect_equal(operation, *gpu, *cpu);
  std::int64_t ulps = 0;
  for (std::size_t n = 0; n < gpu->c.size(); ++n)
    ulps = std::max(ulps, largest_ulps(gpu->c[n], cpu->c[n]));
  return with_ulps(std::move(trial).result(), ulps);
}

}  // namespace

Property property_executors_agree() {
  Property p;
  p.name = "executors_agree";
  p.sentence =
      "a GPU and the interpreter give the same bits where nothing is approximate (all scores 0, "
      "GEMMs, elementwise), else both lie within the bound";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/no_rescale";
  p.runs = 2;
  p.compares_devices = true;
  p.applies = [](const Problem& problem) {  // else there is no launch, on either
    return problem.batch > 0 && problem.seq_q > 0;
  };
  p.focus = [](const Problem& problem, std::uint64_t bits) {
    Problem focused = problem;
    if (bits % 4 == 0) focused.scale = 0;  // as Q = 0 is
    return focused;
  };
  p.check = check;
  p.check_operation = check_operation;
  return p;
}

}  // namespace attest
