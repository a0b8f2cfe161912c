// The loop: cases drawn by index, run, and shrunk along RapidCheck's tree of smaller cases.
// SPDX-License-Identifier: Apache-2.0
#include "properties/search.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "properties/generators.h"
#include "properties/operation_generators.h"
#include "properties/pairs.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace attest {
namespace {

constexpr std::uint64_t kSchedules = 10'000;
constexpr std::uint64_t kOperationsPart = 0x6f70;  // of the seed: no index of a case

/// What one kernel is asked about one dtype; lanes take turns. What is drawn depends on the lane's
/// own name and turn, not on how many others there are.
struct Lane {
  const KernelSpec* kernel = nullptr;
  const OperationSpec* operation = nullptr;
  Dtype dtype = Dtype::f16;
  std::vector<AxisValue> axes;
  std::vector<OperationForm> forms;

  [[nodiscard]] const std::string& kernel_name() const {
    return kernel != nullptr ? kernel->name : operation->name;
  }
};

std::uint64_t named_seed(std::uint64_t parent, std::string_view text) {
  for (const char c : text)
    parent = derive_seed(parent, static_cast<unsigned char>(c));
  return parent;
}

std::uint64_t seed_of(const Lane& lane, std::uint64_t run) {
  return named_seed(derive_seed(named_seed(run, lane.kernel_name()), 0), name(lane.dtype));
}

bool is_asked(const SearchOptions& options, Dtype dtype) {
  const auto& asked = options.dtypes;
  return asked.empty() || std::find(asked.begin(), asked.end(), dtype) != asked.end();
}

std::vector<Lane> lanes_of(const SearchOptions& options) {
  std::vector<Lane> lanes;
  for (const KernelSpec* kernel : options.kernels) {
    for (const Dtype dtype : kernel->dtypes) {
      if (!is_asked(options, dtype)) continue;
      lanes.push_back({kernel, nullptr, dtype, axis_values(*kernel, dtype), {}});
    }
  }
  return lanes;
}

std::vector<Lane> operation_lanes_of(const SearchOptions& options) {
  std::vector<Lane> lanes;
  for (const OperationSpec* kernel : options.operations) {
    for (const Dtype dtype : kernel->dtypes) {
      if (!is_asked(options, dtype)) continue;
      Lane lane{nullptr, kernel, dtype, {}, claimed_forms(*kernel, dtype)};
      if (!lane.forms.empty()) lanes.push_back(std::move(lane));
    }
  }
  return lanes;
}

/// Properties in the order of their turns, each as often as its share and evenly spread.
std::vector<const Property*> turns_of(const std::vector<const Property*>& properties) {
  int all = 0;
  for (const Property* property : properties)
    all += property->share;
  std::vector<int> due(properties.size());
  std::vector<const Property*> turns;
  for (int turn = 0; turn < all; ++turn) {
    for (std::size_t i = 0; i < due.size(); ++i)
      due[i] += properties[i]->share;
    const auto next = std::max_element(due.begin(), due.end());
    *next -= all;
    turns.push_back(properties[static_cast<std::size_t>(next - due.begin())]);
  }
  return turns;
}

/// The axis value that the n-th turn of a lane asks for. Each place of the round of properties
/// starts at another one, so that the lane has met every value after about as many turns as there
/// are values, and every place every value after `places` times as many.
const AxisValue* wanted_axis(const Lane& lane, std::size_t turn, std::size_t places) {
  if (lane.axes.empty()) return nullptr;
  const std::size_t start = turn % places * (lane.axes.size() / places + 1);
  return &lane.axes[(turn / places + start) % lane.axes.size()];
}

/// Rounds of the axes, one value at a time, before turns go to pairs of values that are missing.
constexpr std::size_t kRoundsOfValues = 4;

/// What a turn asks for.
struct Wanted {
  const AxisValue* first = nullptr;
  const AxisValue* second = nullptr;
};

Wanted wanted_by(const Lane& lane, PairTable* pairs, std::size_t turn, std::size_t places) {
  if (pairs != nullptr && turn >= kRoundsOfValues * lane.axes.size()) {
    if (const auto missing = pairs->next_missing()) return {missing->first, missing->second};
  }
  return {wanted_axis(lane, turn, places), nullptr};
}

/// What the options fix of a mode, and the rest from the case's seed.
Mode draw_mode(const SearchOptions& options, std::uint64_t seed) {
  Mode mode;
  mode.arch = options.arch;
  mode.mma = options.mma;
  const std::uint64_t order = derive_seed(seed, 0);
  mode.schedule = options.schedule.value_or(order % 3 == 0 ? 0 : 1 + order / 3 % kSchedules);
  const std::uint64_t approx = derive_seed(seed, 1);
  const bool is_correct = approx % 2 == 0;
  mode.approx = options.approx.value_or(is_correct ? Approx::cr : kApprox[1 + approx / 2 % 3]);
  const std::uint64_t contract = derive_seed(seed, 2);
  const bool is_fused = options.profile.draws_contract && contract % 2 != 0;
  mode.contract = options.contract.value_or(is_fused ? Contract::on : Contract::off);
  return mode;
}

AnyProblem draw_problem_of(const SearchOptions& options,
                           const Lane& lane,
                           const Property& property,
                           const Wanted& wanted,
                           std::uint64_t seed) {
  if (lane.operation != nullptr) {
    const OperationForm form = lane.forms[derive_seed(seed, 3) % lane.forms.size()];
    const std::int64_t work = options.profile.work / property.runs;
    return as_any(draw_operation({lane.operation, form, lane.dtype, work}, seed));
  }
  DrawRequest request;
  request.kernel = lane.kernel;
  request.property = &property;
  request.dtype = lane.dtype;
  request.work = options.profile.work;
  request.wanted = wanted.first;
  request.also = wanted.second;
  return draw_problem(request, seed);
}

/// Of all cases with this index, the one of this attempt.
PlannedCase draw_case(const SearchOptions& options,
                      const std::vector<Lane>& lanes,
                      const std::vector<const Property*>& turns,
                      PairTable* pairs,
                      std::size_t index,
                      std::uint64_t attempt) {
  const Lane& lane = lanes[index % lanes.size()];
  const std::size_t turn = index / lanes.size();
  PlannedCase out;
  out.kernel = lane.kernel;
  out.operation = lane.operation;
  out.property = turns[turn % turns.size()];
  const std::uint64_t seed = derive_seed(derive_seed(seed_of(lane, options.seed), turn), attempt);
  const Wanted wanted = wanted_by(lane, pairs, turn, turns.size());
  out.which.problem = draw_problem_of(options, lane, *out.property, wanted, seed);
  out.which.kernel = lane.kernel_name();
  out.which.property = out.property->name;
  out.which.mode = draw_mode(options, seed);
  return out;
}

bool applies(const PlannedCase& planned) {
  if (planned.operation != nullptr) return true;
  return planned.property->applies(planned.which.attention());
}

bool is_refused(const PlannedCase& planned) {
  if (planned.kernel != nullptr)
    return planned.kernel->refusal(planned.which.attention()).has_value();
  return planned.operation->refusal(as_operation(planned.which.problem).value()).has_value();
}

Plan plan_lanes(const SearchOptions& options,
                const std::vector<Lane>& lanes,
                const std::vector<const Property*>& turns,
                std::int64_t cases) {
  constexpr std::uint64_t kAttempts = 8;
  Plan plan;
  if (lanes.empty() || turns.empty()) return plan;
  std::vector<PairTable> tables;  // of each lane of attention
  for (const Lane& lane : lanes) {
    if (lane.kernel != nullptr) tables.emplace_back(*lane.kernel, lane.dtype, lane.axes);
  }
  std::unordered_set<std::string> ids;
  std::int64_t accepted = 0;
  const std::int64_t most = 2 * cases;  // indices: nothing new is left beyond
  for (std::int64_t index = 0; index < most && accepted < cases; ++index) {
    const auto place = static_cast<std::size_t>(index);
    PairTable* const pairs = tables.empty() ? nullptr : &tables[place % lanes.size()];
    for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
      PlannedCase next = draw_case(options, lanes, turns, pairs, place, attempt);
      if (!applies(next)) {
        ++plan.discarded;
        continue;
      }
      if (!ids.insert(id(next.which)).second) {
        ++plan.duplicates;
        continue;
      }
      const bool refused = is_refused(next);
      (refused ? plan.refused : accepted) += 1;
      if (pairs != nullptr && !refused) pairs->meet(next.which.attention());
      plan.cases.push_back(std::move(next));
      break;
    }
  }
  return plan;
}

/// The cases of both, each in its order and evenly spread.
Plan interleaved(Plan a, Plan b) {
  const std::size_t all = a.cases.size() + b.cases.size();
  std::vector<PlannedCase> cases;
  cases.reserve(all);
  std::size_t taken = 0;  // of b
  for (std::size_t i = 0; i < all; ++i) {
    const bool is_turn_of_b = (i + 1) * b.cases.size() / all > taken;
    cases.push_back(std::move(is_turn_of_b ? b.cases[taken] : a.cases[i - taken]));
    if (is_turn_of_b) ++taken;
  }
  a.cases = std::move(cases);
  a.refused += b.refused;
  a.discarded += b.discarded;
  a.duplicates += b.duplicates;
  return a;
}

/// Every how many cases one is run on two devices and compared as well.
constexpr std::size_t kComparedOneIn = 8;

bool has_gpu(const SearchOptions& options) {
  return std::find(options.devices.begin(), options.devices.end(), Device::cuda) !=
         options.devices.end();
}

/// The interpreter answers as the GPU does, as far as it can.
Mode compared_mode(const SearchOptions& options, Mode mode) {
  mode.approx = Approx::cr;
  mode.contract = Contract::off;
  mode.mma = MmaBits::exact;
  if (mode.arch.empty()) mode.arch = options.gpu_arch;
  return mode;
}

/// A case of another property, as one of `property`; nothing where that says nothing about it.
std::optional<PlannedCase> compared(const SearchOptions& options,
                                    const Property& property,
                                    PlannedCase planned) {
  planned.property = &property;
  planned.which.property = property.name;
  if (planned.kernel != nullptr) {
    const std::uint64_t bits = derive_seed(seed(planned.which.problem), kComparedOneIn);
    planned.which.problem = property.focus(planned.which.attention(), bits);
  }
  planned.which.mode = compared_mode(options, planned.which.mode);
  const bool speaks = planned.operation != nullptr ? property.check_operation != nullptr
                                                   : property.applies(planned.which.attention());
  if (!speaks || is_refused(planned)) return std::nullopt;
  return planned;
}

/// Adds each `one_in`-th of the others as one that compares devices; one a kernel without a GPU.
void add_compared(const SearchOptions& options,
                  const Property& property,
                  const std::vector<PlannedCase>& others,
                  std::size_t one_in,
                  Plan& plan) {
  std::unordered_set<std::string> seen;  // ids, or kernels
  for (std::size_t n = 0; n < others.size(); ++n) {
    if (has_gpu(options) && n % one_in != 0) continue;
    auto next = compared(options, property, others[n]);
    if (!next) continue;
    if (!seen.insert(has_gpu(options) ? id(next->which) : next->which.kernel).second) continue;
    plan.cases.push_back(std::move(*next));
  }
}

/// Each case on every device; one that compares devices is left alone.
void spread_over_devices(const SearchOptions& options, Plan& plan) {
  if (options.devices == std::vector{Device::ptx}) return;
  std::unordered_set<std::string> ids;
  std::vector<PlannedCase> cases;
  std::int64_t refused = 0;
  for (const PlannedCase& planned : plan.cases) {
    for (const Device device : options.devices) {
      PlannedCase next = planned;
      if (device != Device::ptx && !planned.property->compares_devices)
        next.which.mode = Mode{.arch = options.gpu_arch, .device = device};
      if (!ids.insert(id(next.which)).second) {
        plan.duplicates += planned.property->compares_devices ? 0 : 1;
        continue;
      }
      refused += is_refused(next) ? 1 : 0;
      cases.push_back(std::move(next));
    }
  }
  plan.cases = std::move(cases);
  plan.refused = refused;
}

template <class T>
const T* named(const std::vector<const T*>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&](const T* entry) { return entry->name == name; });
  return at == entries.end() ? nullptr : *at;
}

/// The corpus, as far as it is of this run's kernels, properties and dtypes; then the others.
void put_corpus_first(const SearchOptions& options, Plan& plan) {
  if (options.corpus.empty()) return;
  std::unordered_set<std::string> ids;
  std::vector<PlannedCase> cases;
  for (const CorpusLine& line : options.corpus) {
    PlannedCase next;
    next.which = line.which;
    next.known = line.known;
    next.property = named(options.properties, line.which.property);
    if (std::holds_alternative<Problem>(line.which.problem)) {
      next.kernel = named(options.kernels, line.which.kernel);
    } else {
      next.operation = named(options.operations, line.which.kernel);
    }
    const bool has_kernel = next.kernel != nullptr || next.operation != nullptr;
    if (!has_kernel || next.property == nullptr) continue;
    if (!is_asked(options, dtype(line.which.problem))) continue;
    if (line.which.mode.device != Device::ptx && !has_gpu(options)) continue;
    if (!ids.insert(id(next.which)).second) continue;
    plan.refused += is_refused(next) ? 1 : 0;
    cases.push_back(std::move(next));
  }
  for (PlannedCase& drawn : plan.cases) {
    if (ids.count(id(drawn.which)) == 0) {
      cases.push_back(std::move(drawn));
    } else {
      ++plan.duplicates;
      plan.refused -= is_refused(drawn) ? 1 : 0;
    }
  }
  plan.cases = std::move(cases);
}

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

const std::vector<Profile>& all_profiles() {
  static const std::vector<Profile> table = {{.name = "quick",
                                              .cases = 1'024,
                                              .shrink_budget = 2'000,
                                              .work = 1 << 19,
                                              .operation_cases = 256,
                                              .plans = 4},
                                             {.name = "ci",
                                              .cases = 10'240,
                                              .shrink_budget = 4'000,
                                              .work = 1 << 19,
                                              .operation_cases = 2'560,
                                              .plans = 200},
                                             {.name = "soak",
                                              .cases = 100'000,
                                              .shrink_budget = 10'000,
                                              .work = 1 << 19,
                                              .draws_contract = true,
                                              .operation_cases = 25'000,
                                              .plans = 200}};
  return table;
}

Result<Profile> find_profile(std::string_view name) {
  std::string allowed;
  for (const Profile& profile : all_profiles()) {
    if (profile.name == name) return profile;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", profile.name);
  }
  return Error{Code::bad_input, fmt::format("profile '{}', allowed: {}", name, allowed), ""};
}

void set_cases(SearchOptions& options, std::int64_t cases) {
  const bool has_both = !options.kernels.empty() && !options.operations.empty();
  options.profile.operation_cases = has_both ? cases / 5 : cases;
  options.profile.cases = has_both ? cases - cases / 5 : cases;
}

Plan plan_cases(const SearchOptions& options) {
  std::vector<const Property*> drawn;
  std::vector<const Property*> comparing;
  for (const Property* property : options.properties)
    (property->compares_devices ? comparing : drawn).push_back(property);
  const bool draws_comparing = drawn.empty();
  if (draws_comparing) drawn = comparing;
  Plan attention = plan_lanes(options, lanes_of(options), turns_of(drawn), options.profile.cases);
  std::vector<const Property*> speaking;
  std::copy_if(
      drawn.begin(), drawn.end(), std::back_inserter(speaking), [](const Property* property) {
        return property->check_operation != nullptr;
      });
  SearchOptions of_operations = options;
  of_operations.seed = derive_seed(options.seed, kOperationsPart);
  Plan operations = plan_lanes(of_operations,
                               operation_lanes_of(options),
                               turns_of(speaking),
                               options.profile.operation_cases);
  Plan plan = interleaved(std::move(attention), std::move(operations));
  const std::vector<PlannedCase> others = plan.cases;
  if (draws_comparing) plan.cases.clear();
  for (const Property* property : comparing)
    add_compared(options, *property, others, draws_comparing ? 1 : kComparedOneIn, plan);
  spread_over_devices(options, plan);
  put_corpus_first(options, plan);
  return plan;
}

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
