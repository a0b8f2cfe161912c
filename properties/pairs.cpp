// A square of flags over the axis values, of which the upper half is used.
// SPDX-License-Identifier: Apache-2.0
#include "properties/pairs.h"

#include <algorithm>
#include <map>
#include <variant>

namespace attest {
namespace {

/// Whether both hold once both were forced, the one or the other first, and the kernel takes it.
bool can_hold(const KernelSpec& kernel, Dtype dtype, const AxisValue& a, const AxisValue& b) {
  for (const auto& [first, second] : {PairTable::Pair{&a, &b}, PairTable::Pair{&b, &a}}) {
    Problem p = plain_problem(kernel, dtype);
    first->force(p);
    second->force(p);
    fit_lengths(p);
    const bool holds = a.holds(p) && b.holds(p);
    if (holds && validate(p).has_value() && !kernel.refusal(p)) return true;
  }
  return false;
}

}  // namespace

PairTable::PairTable(const KernelSpec& kernel, Dtype dtype, const std::vector<AxisValue>& axes)
    : axes_(&axes), is_missing_(axes.size() * axes.size()) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::size_t b = a + 1; b < axes.size(); ++b)
      is_missing_[at(a, b)] = can_hold(kernel, dtype, axes[a], axes[b]);
  }
  for (const bool is_missing : is_missing_)
    possible_ += is_missing;
  missing_ = possible_;
}

void PairTable::meet(const Problem& problem) {
  if (missing_ == 0) return;
  std::vector<std::size_t> holding;
  for (std::size_t a = 0; a < axes_->size(); ++a) {
    if ((*axes_)[a].holds(problem)) holding.push_back(a);
  }
  for (std::size_t n = 0; n < holding.size(); ++n) {
    for (std::size_t m = n + 1; m < holding.size(); ++m) {
      const std::size_t pair = at(holding[n], holding[m]);
      missing_ -= is_missing_[pair];
      is_missing_[pair] = false;
    }
  }
}

std::optional<PairTable::Pair> PairTable::next_missing() {
  if (missing_ == 0) return std::nullopt;
  do {
    next_ = (next_ + 1) % is_missing_.size();
  } while (!is_missing_[next_]);
  return Pair{&(*axes_)[next_ / axes_->size()], &(*axes_)[next_ % axes_->size()]};
}

std::vector<std::string> PairTable::missing() const {
  const auto text = [](const AxisValue& value) { return value.axis + "=" + value.value; };
  std::vector<std::string> out;
  for (std::size_t n = 0; n < is_missing_.size(); ++n) {
    if (!is_missing_[n]) continue;
    out.push_back(text((*axes_)[n / axes_->size()]) + " with " + text((*axes_)[n % axes_->size()]));
  }
  return out;
}

std::vector<PairRecord> pair_records(const std::vector<CaseResult>& cases,
                                     const std::vector<const KernelSpec*>& kernels) {
  std::map<std::pair<std::string, Dtype>, std::vector<const Problem*>> judged;
  for (const CaseResult& result : cases) {
    const auto* const problem = std::get_if<Problem>(&result.which.problem);
    if (problem != nullptr && is_judged(result.verdict))
      judged[{result.which.kernel, problem->dtype}].push_back(problem);
  }
  std::vector<PairRecord> out;
  for (const auto& [key, problems] : judged) {
    const auto kernel = std::find_if(kernels.begin(), kernels.end(), [&](const KernelSpec* each) {
      return each->name == key.first;
    });
    if (kernel == kernels.end()) continue;
    const std::vector<AxisValue> axes = axis_values(**kernel, key.second);
    PairTable pairs(**kernel, key.second, axes);
    for (const Problem* problem : problems)
      pairs.meet(*problem);
    std::vector<std::string> empty = pairs.missing();
    const auto met = pairs.possible() - static_cast<std::int64_t>(empty.size());
    empty.resize(std::min(empty.size(), kNamedPairs));
    out.push_back({key.first, key.second, pairs.possible(), met, std::move(empty)});
  }
  return out;
}

}  // namespace attest
