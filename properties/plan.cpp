// Attention and operations among each other, comparisons of devices, the corpus first.
// SPDX-License-Identifier: Apache-2.0
#include "properties/plan.h"

#include "harness/base/rng.h"
#include "properties/turns.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace attest {
namespace {

constexpr std::uint64_t kOperationsPart = 0x6f70;  // of the seed: no index of a case

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

}  // namespace

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
  Plan attention = draw_turns(options, lanes_of(options), turns_of(drawn), options.profile.cases);
  std::vector<const Property*> speaking;
  std::copy_if(
      drawn.begin(), drawn.end(), std::back_inserter(speaking), [](const Property* property) {
        return property->check_operation != nullptr;
      });
  SearchOptions of_operations = options;
  of_operations.seed = derive_seed(options.seed, kOperationsPart);
  Plan operations = draw_turns(of_operations,
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

}  // namespace attest
