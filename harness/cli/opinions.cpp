// Asks the oracles about one element.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/opinions.h"

#include "harness/judge/judge.h"
#include "properties/remake.h"
#include "reference/attention.h"
#include "reference/oracle/oracle.h"
#include "reference/unfused.h"

#include <fmt/format.h>

#include <array>
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

struct WorstElement {
  std::array<std::int64_t, 4> place{};
  std::size_t element = 0;
  double kernel = 0;
  double eigen = 0;
};

/// Of O, for the case's own data; nothing where all of it is within the bound.
std::optional<WorstElement> worst_element(const CaseResult& failure, const Subject& subject) {
  const Problem& problem = failure.which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Mode& mode = failure.which.mode;
  auto answer = subject.run(problem, inputs, Conditions{.mode = mode});
  if (!answer || !answer->findings.empty()) return std::nullopt;
  const ReferenceTerms terms = reference_attention(problem, inputs);
  const std::string_view arch = mode.arch.empty() ? std::string_view(subject.arch) : mode.arch;
  const Judgement judgement =
      judge(problem, answer->outputs, terms, subject.arithmetic(problem), arch);
  const bool is_wrong = judgement.verdict != Verdict::agree && !(judgement.ratio_o <= 1);
  if (!is_wrong || !judgement.worst_o) return std::nullopt;
  WorstElement out;
  out.place = *judgement.worst_o;
  const auto& [b, h, i, d] = out.place;
  out.element = row_index(problem, {b, h, i}) * static_cast<std::size_t>(problem.head_dim_v) +
                static_cast<std::size_t>(d);
  out.kernel = answer->outputs.o.value(b, h, i, d);
  out.eigen = terms.o[out.element];
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
  const auto worst = worst_element(failure, subject);
  if (!worst) return {};
  const std::vector<OpinionAt> others = ask_others(failure.which.attention(), worst->element);
  std::string said = fmt::format("o[{}]: kernel {:.6g}, eigen {:.6g}",
                                 fmt::join(worst->place, ","),
                                 worst->kernel,
                                 worst->eigen);
  for (const OpinionAt& other : others)
    said += ", " + text_of(other);
  return {
      fmt::format("  {:<9} {}", "opinions", said),
      fmt::format("  {:<9} {}", "alone", who_stands_alone(worst->kernel, worst->eigen, others))};
}

std::string unfused_opinion(const CaseResult& failure, const Subject& subject) {
  const auto worst = worst_element(failure, subject);
  if (!worst || score_extra(failure.which.attention())) return "";
  const Problem& problem = failure.which.attention();
  const double unfused = unfused_attention(problem, draw_inputs(problem)).o[worst->element];
  return who_stands_alone(worst->kernel, worst->eigen, {{"unfused", unfused, ""}});
}

}  // namespace attest
