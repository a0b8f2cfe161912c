// The n-th draw of a lane, from its name and n alone.
// SPDX-License-Identifier: Apache-2.0
#include "properties/turns.h"

#include "harness/base/rng.h"
#include "properties/generators.h"
#include "properties/pairs.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace attest {
namespace {

constexpr std::uint64_t kSchedules = 10'000;

std::uint64_t named_seed(std::uint64_t parent, std::string_view text) {
  for (const char c : text)
    parent = derive_seed(parent, static_cast<unsigned char>(c));
  return parent;
}

std::uint64_t seed_of(const Lane& lane, std::uint64_t run) {
  return named_seed(derive_seed(named_seed(run, lane.kernel_name()), 0), name(lane.dtype));
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

}  // namespace

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

bool is_refused(const PlannedCase& planned) {
  if (planned.kernel != nullptr)
    return planned.kernel->refusal(planned.which.attention()).has_value();
  return planned.operation->refusal(as_operation(planned.which.problem).value()).has_value();
}

Plan draw_turns(const SearchOptions& options,
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

}  // namespace attest
