// The two comparisons: what they run, what is right, and what they let pass.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/comparison.h"

#include "harness/base/check.h"
#include "reference/attention.h"
#include "reference/operation.h"
#include "reference/unfused.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

namespace attest {
namespace embedded {
std::string_view zoo_plain_tests();
}  // namespace embedded

namespace {

constexpr const char* kAllclose = "random normal, allclose 1e-2";
constexpr const char* kFlash = "FlashAttention's rule";
constexpr double kTolerance = 1e-2;   // relative, and absolute
constexpr double kFlashFactor = 2;    // times the unfused error
constexpr double kFlashSlack = 1e-5;  // on top

enum class Rule : std::uint8_t { allclose, flash };

const char* name(Rule rule) {
  return rule == Rule::allclose ? kAllclose : kFlash;
}

bool is_close(double got, double want) {
  return got == want || std::fabs(got - want) <= kTolerance + kTolerance * std::fabs(want);
}

/// NaN where any difference is.
double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  ATTEST_CHECK(a.size() == b.size());
  double largest = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    const double difference = std::fabs(a[n] - b[n]);
    if (!(difference <= largest)) largest = difference;
    if (std::isnan(largest)) return largest;
  }
  return largest;
}

/// All elements of tensors that hold the columns of a result side by side, packed row-major.
std::vector<double> values_of(const std::vector<const HostTensor*>& parts) {
  std::vector<double> out;
  const auto& [batch, heads, rows, columns] = parts.front()->layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t i = 0; i < rows; ++i) {
        for (const HostTensor* const part : parts) {
          for (std::int64_t d = 0; d < columns; ++d)
            out.push_back(part->value(b, h, i, d));
        }
      }
    }
  }
  return out;
}

std::vector<double> values_of(const OperationOutputs& outputs) {
  std::vector<const HostTensor*> parts;
  for (const HostTensor& part : outputs.c)
    parts.push_back(&part);
  return values_of(parts);
}

bool takes(const Patient& patient, const AnyProblem& problem) {
  if (const auto* const attention = std::get_if<Problem>(&problem))
    return patient.attention != nullptr && !patient.attention->refusal(*attention);
  if (const auto* const layer = std::get_if<LayerProblem>(&problem))
    return patient.pipeline != nullptr && patient.pipeline->plan(*layer).has_value();
  return patient.operation != nullptr && !patient.operation->refusal(as_operation(problem).value());
}

/// O of one run, or nothing where it ended in a finding.
std::optional<std::vector<double>> run(const Patient& patient,
                                       const AnyProblem& problem,
                                       Executor& executor) {
  if (patient.attention != nullptr) {
    const auto& attention = std::get<Problem>(problem);
    const auto answer =
        kernel_subject(*patient.attention, executor).run(attention, draw_inputs(attention), {});
    if (!answer || !answer->findings.empty()) return std::nullopt;
    return values_of({&answer->outputs.o});
  }
  const Operation operation = as_operation(problem).value();
  const auto answer =
      kernel_subject(*patient.operation, executor).run(operation, draw_operands(operation), {});
  if (!answer || !answer->findings.empty()) return std::nullopt;
  return values_of(answer->outputs);
}

/// Of a layer, its worst element decides.
bool layer_is_seen(const Pipeline& pipeline, const AnyProblem& problem, Executor& executor) {
  Case which;
  which.problem = problem;
  const CaseResult result = judge_case({nullptr, nullptr, &pipeline}, {}, which, executor);
  if (!result.findings.empty()) return true;
  return result.divergence && !is_close(result.divergence->got, result.divergence->want);
}

}  // namespace

struct Comparisons::Truth {
  std::vector<double> value;
  double unfused_error = 0;
};

struct Comparisons::PlainTest {
  Rule rule = Rule::allclose;
  AnyProblem problem;
};

Comparisons::Comparisons() {
  std::istringstream lines{std::string(embedded::zoo_plain_tests())};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = line.find(' ');
    const std::string rule = line.substr(0, blank);
    ATTEST_CHECK(rule == "allclose" || rule == "flash");
    const AnyProblem problem = parse_any(line.substr(blank + 1)).value();
    tests_.push_back({rule == "flash" ? Rule::flash : Rule::allclose, problem});
  }
}

Comparisons::~Comparisons() = default;

std::vector<ZooDetector> Comparisons::detectors() {
  return {{kAllclose, DetectorKind::comparison}, {kFlash, DetectorKind::comparison}};
}

std::vector<std::string> Comparisons::that_speak_of(const Patient& patient) const {
  std::vector<std::string> out;
  for (const Rule rule : {Rule::allclose, Rule::flash}) {
    const bool speaks = std::any_of(tests_.begin(), tests_.end(), [&](const PlainTest& test) {
      AnyProblem problem = test.problem;
      return test.rule == rule && std::any_of(kDtypes.begin(), kDtypes.end(), [&](Dtype dtype) {
               std::visit([dtype](auto& p) { p.dtype = dtype; }, problem);
               return takes(patient, problem);
             });
    });
    if (speaks) out.emplace_back(name(rule));
  }
  return out;
}

std::vector<std::string> Comparisons::that_see(const Patient& patient,
                                               Executor& executor,
                                               const std::function<bool()>& is_late) {
  UncheckedExecutor unchecked(executor);
  std::vector<std::string> out;
  for (const PlainTest& test : tests_) {
    const char* const rule = name(test.rule);
    for (const Dtype dtype : kDtypes) {
      if (std::find(out.begin(), out.end(), rule) != out.end() || is_late()) break;
      PlainTest here = test;
      std::visit([dtype](auto& p) { p.dtype = dtype; }, here.problem);
      if (takes(patient, here.problem) && sees(here, patient, unchecked)) out.emplace_back(rule);
    }
  }
  return out;
}

bool Comparisons::sees(const PlainTest& test, const Patient& patient, Executor& executor) {
  if (patient.pipeline != nullptr) return layer_is_seen(*patient.pipeline, test.problem, executor);
  const auto got = run(patient, test.problem, executor);
  if (!got) return true;
  const Truth& truth = truth_of(test.problem);
  if (test.rule == Rule::flash) {
    const double error = largest_difference(*got, truth.value);
    return !(error <= kFlashFactor * truth.unfused_error + kFlashSlack);
  }
  ATTEST_CHECK(got->size() == truth.value.size());
  for (std::size_t n = 0; n < got->size(); ++n) {
    if (!is_close((*got)[n], truth.value[n])) return true;
  }
  return false;
}

const Comparisons::Truth& Comparisons::truth_of(const AnyProblem& problem) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Truth>& truth = truths_[to_string(problem)];
  if (truth) return *truth;
  truth = std::make_unique<Truth>();
  if (const auto* const attention = std::get_if<Problem>(&problem)) {
    const Inputs inputs = draw_inputs(*attention);
    truth->value = reference_attention(*attention, inputs).o;
    truth->unfused_error =
        largest_difference(unfused_attention(*attention, inputs).o, truth->value);
  } else {
    const Operation operation = as_operation(problem).value();
    truth->value = reference_operation(operation, exact_balls(draw_operands(operation))).value;
  }
  return *truth;
}

}  // namespace attest
