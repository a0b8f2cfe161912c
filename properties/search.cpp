// Cases run, and shrunk along RapidCheck's tree of smaller ones.
// SPDX-License-Identifier: Apache-2.0
#include "properties/search.h"

#include "harness/base/check.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <utility>

namespace attest {
namespace {

CaseResult not_judged(const Case& which, Verdict verdict, std::string reason) {
  CaseResult result;
  result.which = which;
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

std::string line_of(const CodeSite& site) {
  return site.line > 0 ? fmt::format("{}:{}", site.file, site.line)
                       : fmt::format("ptx:{}", site.ptx_line);
}

rc::Shrinkable<Case> tree(const Case& which, const KeptAxes& kept) {
  return rc::shrinkable::shrinkRecur(
      which, [kept](const Case& from) { return rc::seq::fromContainer(shrink_steps(from, kept)); });
}

std::vector<rc::Shrinkable<Case>> children(const rc::Shrinkable<Case>& parent) {
  std::vector<rc::Shrinkable<Case>> out;
  auto steps = parent.shrinks();
  while (auto step = steps.next())
    out.push_back(*step);
  return out;
}

}  // namespace

CaseResult run_case(const Case& which, const Subject& subject, const Property& property) {
  if (!std::holds_alternative<Problem>(which.problem)) {
    return not_judged(which, Verdict::refused, "not a case of attention");
  }
  const auto refusal = subject.refusal(which.attention());
  if (refusal) return not_judged(which, Verdict::refused, *refusal);
  if (!property.applies(which.attention())) {
    return not_judged(which, Verdict::not_run, property.name + " says nothing about this problem");
  }
  Result<CaseResult> result = property.check(subject, which);
  if (!result) return not_judged(which, Verdict::not_run, result.error().to_string());
  return std::move(result).value();
}

CaseResult run_case(const Case& which,
                    const KernelSpec& kernel,
                    const Property& property,
                    Executor& executor) {
  return run_case(which, kernel_subject(kernel, executor), property);
}

CaseResult run_case(const Case& which, const OperationSubject& subject, const Property& property) {
  const auto operation = as_operation(which.problem);
  if (!operation) return not_judged(which, Verdict::refused, "not an operation of the layer");
  const auto refusal = subject.refusal(*operation);
  if (refusal) return not_judged(which, Verdict::refused, *refusal);
  if (property.check_operation == nullptr) {
    return not_judged(which, Verdict::not_run, property.name + " says nothing about operations");
  }
  Result<CaseResult> result = property.check_operation(subject, which);
  if (!result) return not_judged(which, Verdict::not_run, result.error().to_string());
  return std::move(result).value();
}

CaseResult run_case(const Case& which,
                    const OperationSpec& kernel,
                    const Property& property,
                    Executor& executor) {
  return run_case(which, kernel_subject(kernel, executor), property);
}

CaseResult run_case(const Case& which, const PlannedCase& planned, Executor& executor) {
  if (planned.kernel != nullptr) {
    return run_case(which, *planned.kernel, *planned.property, executor);
  }
  return run_case(which, *planned.operation, *planned.property, executor);
}

bool is_failure(const CaseResult& result) {
  return result.verdict == Verdict::disagree || result.verdict == Verdict::fault;
}

Signature signature_of(const CaseResult& result) {
  Signature out;
  out.verdict = result.verdict;
  if (!result.findings.empty()) {
    const Finding& finding = result.findings.front();
    out.kind = name(finding.kind);
    out.tensor = finding.allocation;
    out.lines.push_back(line_of(finding.party.site));
    if (finding.other) out.lines.push_back(line_of(finding.other->site));
    std::sort(out.lines.begin(), out.lines.end());
  } else if (result.divergence) {
    out.kind = result.divergence->tier;
    out.tensor = result.divergence->tensor;
  }
  return out;
}

std::vector<std::size_t> distinct_failures(const std::vector<CaseResult>& results) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!is_failure(results[i]) || !results[i].known.empty()) continue;
    const Signature signature = signature_of(results[i]);
    const bool is_known = std::any_of(out.begin(), out.end(), [&](std::size_t known) {
      return results[known].which.kernel == results[i].which.kernel &&
             signature_of(results[known]) == signature;
    });
    if (!is_known) out.push_back(i);
  }
  return out;
}

std::int64_t same_failures(const std::vector<CaseResult>& results, std::size_t n) {
  const Signature wanted = signature_of(results[n]);
  return std::count_if(results.begin(), results.end(), [&](const CaseResult& other) {
    return is_failure(other) && other.which.kernel == results[n].which.kernel &&
           signature_of(other) == wanted;
  });
}

FailureRecord shrink(const CaseResult& found,
                     const Evaluate& evaluate,
                     const ShrinkOptions& options) {
  ATTEST_CHECK(is_failure(found));
  const Signature wanted = signature_of(found);
  FailureRecord record{found.which, found, 0};
  std::unordered_set<std::string> tried;
  auto steps = children(tree(found.which, options.kept));
  // After a step was taken, go on at its place: what failed just before it is likely to fail again.
  // The end is a whole round in which no step kept the signature.
  std::size_t at = 0;
  for (std::size_t lost = 0; lost < steps.size() && record.steps < options.budget;) {
    if (at >= steps.size()) at = 0;
    const rc::Shrinkable<Case> step = steps[at];
    ++at;
    ++lost;
    const Case candidate = step.value();
    if (!tried.insert(replay_line(candidate)).second) continue;
    CaseResult result = evaluate(candidate);
    if (result.verdict == Verdict::refused || result.verdict == Verdict::not_run) continue;
    ++record.steps;
    if (signature_of(result) != wanted) continue;
    record.shrunk = std::move(result);
    steps = children(step);
    lost = 0;
    --at;
  }
  return record;
}

}  // namespace attest
