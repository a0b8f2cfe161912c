// Hill climbing over problems.
// SPDX-License-Identifier: Apache-2.0
#include "properties/climb.h"

#include "harness/base/rng.h"
#include "harness/problem/data.h"
#include "properties/axes.h"
#include "properties/generators.h"

#include <algorithm>
#include <array>
#include <utility>

namespace attest {
namespace {

constexpr std::int64_t kDraws = 8;      // before the first change, and after each retreat
constexpr std::int64_t kPatience = 24;  // changes in vain before a retreat

double height(const CaseResult& result) {
  return std::max(result.ratio_o, result.ratio_lse);
}

std::int64_t changed_size(std::int64_t size, std::int64_t tile, std::uint64_t bits) {
  switch (bits % 5) {
    case 0:
      return size + 1;
    case 1:
      return std::max<std::int64_t>(1, size - 1);
    case 2:
      return 2 * size;
    case 3:
      return std::max<std::int64_t>(1, size / 2);
    default:
      return size + tile;
  }
}

/// One thing changed.
Problem changed(const Problem& from, const KernelSpec& kernel, std::uint64_t bits) {
  Problem p = from;
  const std::uint64_t what = derive_seed(bits, 0) % 8;
  const std::uint64_t how = derive_seed(bits, 1);
  switch (what) {
    case 0:
    case 1:
    case 2:
      p.seed = how >> 32U;
      break;
    case 3:
      p.data = {.kind = static_cast<DataKind>(how % kDataKinds)};
      break;
    case 4:
      p.data = {.kind = DataKind::normal,
                .amplitude = std::array{0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 40.0}[how % 7]};
      break;
    case 5:
      p.seq_kv = changed_size(p.seq_kv, kernel.tile_kv, how);
      break;
    case 6:
      p.seq_q = changed_size(p.seq_q, kernel.tile_q, how);
      break;
    default:
      if (how % 3 == 0) {
        p.scale = std::array{0.375, 1.0, -0.5}[how / 3 % 3];
      } else if (!kernel.head_dims.empty()) {
        p.head_dim = p.head_dim_v = kernel.head_dims[how / 3 % kernel.head_dims.size()];
      }
  }
  fit_lengths(p);
  return p;
}

class Climber {
 public:
  Climber(const SearchOptions& options,
          const Slope& slope,
          std::size_t number,
          std::int64_t evaluations,
          const Evaluate& evaluate)
      : options_(options),
        slope_(slope),
        seed_(derive_seed(derive_seed(options.seed, 0x636c696d62), number)),
        left_(evaluations),
        attempts_(8 * evaluations),
        evaluate_(evaluate) {}

  std::optional<CaseResult> climb() {
    while (goes_on()) {
      std::optional<CaseResult> here;
      for (std::int64_t n = 0; n < kDraws && goes_on(); ++n)
        take_higher(here, try_case(drawn()));
      for (std::int64_t vain = 0; vain < kPatience && goes_on() && here; ++vain) {
        const Problem next = changed(here->which.attention(), *slope_.kernel, bits());
        if (take_higher(here, try_case(next))) vain = -1;
      }
      take_higher(best_, std::move(here));
    }
    return best_;
  }

 private:
  [[nodiscard]] bool goes_on() const {
    return left_ > 0 && attempts_ > 0 && !(best_ && is_failure(*best_)) && !has_failed_;
  }
  std::uint64_t bits() { return derive_seed(seed_, ++count_); }

  Problem drawn() {
    DrawRequest request;
    request.kernel = slope_.kernel;
    request.property = slope_.property;
    request.dtype = slope_.dtype;
    request.work = options_.profile.work;
    return draw_problem(request, bits());
  }

  /// Nothing for a problem that cannot be, that the kernel refuses or that is too much work.
  std::optional<CaseResult> try_case(const Problem& problem) {
    --attempts_;
    const bool is_possible =
        validate(problem) && !slope_.kernel->refusal(problem) &&
        slope_.property->applies(problem) &&
        work(*slope_.kernel, *slope_.property, problem) <= options_.profile.work;
    if (!is_possible) return std::nullopt;
    Case which;
    which.problem = problem;
    which.kernel = slope_.kernel->name;
    which.property = slope_.property->name;
    which.mode.arch = options_.arch;
    which.mode.mma = options_.mma;
    which.mode.schedule = options_.schedule.value_or(0);
    which.mode.approx = options_.approx.value_or(Approx::cr);
    which.mode.contract = options_.contract.value_or(Contract::off);
    --left_;
    CaseResult result = evaluate_(which);
    if (!is_judged(result.verdict)) return std::nullopt;
    has_failed_ = has_failed_ || is_failure(result);
    return result;
  }

  /// A failure is higher than all.
  static bool take_higher(std::optional<CaseResult>& best, std::optional<CaseResult> next) {
    if (!next) return false;
    const bool is_higher =
        !best || (!is_failure(*best) && (is_failure(*next) || height(*next) > height(*best)));
    if (is_higher) best = std::move(next);
    return is_higher;
  }

  const SearchOptions& options_;
  const Slope& slope_;
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
  std::int64_t left_;
  std::int64_t attempts_;
  const Evaluate& evaluate_;
  bool has_failed_ = false;
  std::optional<CaseResult> best_;
};

}  // namespace

std::vector<Slope> slopes_of(const SearchOptions& options) {
  std::vector<Slope> slopes;
  for (const KernelSpec* kernel : options.kernels) {
    const auto speaks = [&](const Property* property) {
      return !property->compares_devices && property->exactness == Exactness::bounded;
    };
    const auto at = std::find_if(options.properties.begin(), options.properties.end(), speaks);
    if (at == options.properties.end()) continue;
    for (const Dtype dtype : kernel->dtypes) {
      const auto& asked = options.dtypes;
      if (!asked.empty() && std::find(asked.begin(), asked.end(), dtype) == asked.end()) continue;
      slopes.push_back({kernel, dtype, *at});
    }
  }
  return slopes;
}

std::optional<CaseResult> climb(const SearchOptions& options,
                                const Slope& slope,
                                std::size_t number,
                                std::int64_t evaluations,
                                const Evaluate& evaluate) {
  return Climber(options, slope, number, evaluations, evaluate).climb();
}

}  // namespace attest
