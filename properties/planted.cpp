// Wrappers round the reference, and draws from a plan over a kernel that has claims only.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include "harness/base/check.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace attest {
namespace {

constexpr std::int64_t kWork = 1 << 16;

bool is_aligned(const Problem& p) {
  return std::all_of(kTensors.begin(), kTensors.end(), [&](Tensor tensor) {
    const auto at = static_cast<std::size_t>(tensor);
    return p.gap[at] * size_bytes(p.dtype) % 16 == 0 && p.skew[at] % 16 == 0;
  });
}

}  // namespace

Subject spoilt_subject(Spoil spoil) {
  Subject subject = reference_subject();
  subject.name = "spoilt";
  subject.run = [spoil = std::move(spoil), right = subject.run](
                    const Problem& problem,
                    const Inputs& inputs,
                    const Conditions& conditions) -> Result<Answer> {
    ATTEST_TRY(Answer answer, right(problem, inputs, conditions));
    spoil(problem, inputs, conditions, answer);
    return answer;
  };
  return subject;
}

Subject misreading_subject(Misread misread) {
  Subject subject = reference_subject();
  subject.name = "misreading";
  subject.run = [misread = std::move(misread), right = subject.run](
                    const Problem& problem, const Inputs& inputs, const Conditions& conditions) {
    Problem other = problem;
    Inputs read = inputs;
    misread(other, read);
    return right(other, read, conditions);
  };
  return subject;
}

KernelSpec claim_all(std::string name, std::vector<Dtype> dtypes) {
  KernelSpec kernel;
  kernel.name = std::move(name);
  kernel.dtypes = std::move(dtypes);
  kernel.head_dims = {32, 64, 128};
  kernel.refusal = [](const Problem&) { return std::optional<std::string>(); };
  kernel.plan = [](const KernelImage&, const Problem&) { return std::vector<Launch>(); };
  kernel.arithmetic = [](const Problem&) { return Arithmetic{}; };
  return kernel;
}

KernelSpec claim_aligned(std::string name, std::vector<Dtype> dtypes) {
  KernelSpec kernel = claim_all(std::move(name), std::move(dtypes));
  kernel.refusal = [](const Problem& p) -> std::optional<std::string> {
    if (p.fill != -std::numeric_limits<double>::infinity()) return "fill other than -inf";
    if (!is_aligned(p)) return "rows that are not multiples of 16 bytes";
    return std::nullopt;
  };
  return kernel;
}

std::vector<Case> spread(const Property& property, std::int64_t count, std::uint64_t seed) {
  const KernelSpec kernel = claim_all("reference", {kDtypes.begin(), kDtypes.end()});
  SearchOptions options;
  options.kernels = {&kernel};
  options.properties = {&property};
  options.profile = {.name = "spread", .cases = count, .shrink_budget = 0, .work = kWork};
  options.seed = seed;
  if (property.compares_devices) options.devices = {Device::ptx, Device::cuda};
  std::vector<Case> out;
  for (const PlannedCase& planned : plan_cases(options).cases)
    out.push_back(planned.which);
  ATTEST_CHECK(std::cmp_equal(out.size(), count));
  return out;
}

const Property& property_named(std::string_view name) {
  const auto& all = all_properties();
  const auto at = std::find_if(
      all.begin(), all.end(), [&](const Property& property) { return property.name == name; });
  ATTEST_CHECK(at != all.end());
  return *at;
}

std::vector<CaseResult> failures(const Subject& subject,
                                 const Property& property,
                                 std::int64_t count,
                                 std::uint64_t seed) {
  std::vector<CaseResult> out;
  for (const Case& which : spread(property, count, seed)) {
    CaseResult result = run_case(which, subject, property);
    ATTEST_CHECK(result.verdict == Verdict::agree || is_failure(result));
    if (is_failure(result)) out.push_back(std::move(result));
  }
  return out;
}

Case case_of(std::string_view problem, std::string_view property) {
  Case out;
  out.problem = parse_problem(problem).value();
  out.kernel = "planted";
  out.property = property;
  return out;
}

}  // namespace attest
