// Asks the oracles about one element.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/opinions.h"

#include "harness/judge/judge.h"
#include "properties/remake.h"
#include "reference/attention.h"
#include "reference/oracle/oracle.h"

#include <fmt/format.h>

#include <cmath>

namespace attest {
namespace {

/// The reference is asked by itself.
constexpr std::string_view kReference = "reference";

std::vector<OpinionAt> ask_others(const Problem& problem, std::size_t element) {
  std::vector<OpinionAt> out;
  for (const Oracle& oracle : all_oracles()) {
    if (!oracle.is_built()) {
      out.push_back({oracle.name, std::nullopt, "not built"});
      continue;
    }
    if (const auto refusal = oracle.refusal(problem)) {
      out.push_back({oracle.name, std::nullopt, "refused: " + *refusal});
      continue;
    }
    const auto opinion = oracle.run(problem);
    if (!opinion) {
      out.push_back({oracle.name, std::nullopt, opinion.error().message});
    } else if (opinion->tier != kReference) {
      out.push_back({oracle.name, opinion->o.at(element), opinion->tier});
    }
  }
  return out;
}

std::string text_of(const OpinionAt& opinion) {
  if (!opinion.value) return fmt::format("{} has none ({})", opinion.who, opinion.reason);
  return fmt::format("{} {:.6g}", opinion.who, *opinion.value);
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string who_stands_alone(double kernel, double eigen, const std::vector<OpinionAt>& others) {
  std::vector<std::string> with_eigen;
  std::vector<std::string> with_kernel;
  for (const OpinionAt& other : others) {
    if (!other.value) continue;
    const bool is_nearer = std::fabs(*other.value - kernel) < std::fabs(*other.value - eigen);
    (is_nearer ? with_kernel : with_eigen).push_back(other.who);
  }
  if (with_eigen.empty() && with_kernel.empty()) return "no third opinion";
  if (with_kernel.empty()) return "the kernel stands alone: " + joined(with_eigen) + " with eigen";
  if (with_eigen.empty()) return "eigen stands alone: " + joined(with_kernel) + " with the kernel";
  return fmt::format("nobody stands alone: {} with eigen, {} with the kernel",
                     joined(with_eigen),
                     joined(with_kernel));
}

std::vector<std::string> opinions(const CaseResult& failure, const Subject& subject) {
  const Problem& problem = failure.which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Mode& mode = failure.which.mode;
  auto answer = subject.run(problem, inputs, Conditions{.mode = mode});
  if (!answer || !answer->findings.empty()) return {};
  const ReferenceTerms terms = reference_attention(problem, inputs);
  const std::string_view arch = mode.arch.empty() ? std::string_view(subject.arch) : mode.arch;
  const Judgement judgement =
      judge(problem, answer->outputs, terms, subject.arithmetic(problem), arch);
  if (judgement.verdict == Verdict::agree || !judgement.worst_o || judgement.ratio_o <= 1)
    return {};
  const auto& [b, h, i, d] = *judgement.worst_o;
  const std::size_t element =
      row_index(problem, {b, h, i}) * static_cast<std::size_t>(problem.head_dim_v) +
      static_cast<std::size_t>(d);
  const double kernel = answer->outputs.o.value(b, h, i, d);
  const double eigen = terms.o[element];
  const std::vector<OpinionAt> others = ask_others(problem, element);
  std::string said =
      fmt::format("o[{},{},{},{}]: kernel {:.6g}, eigen {:.6g}", b, h, i, d, kernel, eigen);
  for (const OpinionAt& other : others)
    said += ", " + text_of(other);
  return {fmt::format("  {:<9} {}", "opinions", said),
          fmt::format("  {:<9} {}", "alone", who_stands_alone(kernel, eigen, others))};
}

}  // namespace attest
