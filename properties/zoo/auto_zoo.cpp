// Plans cases once, and runs each mutant on them until it is seen.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/auto_zoo.h"

#include "harness/base/rng.h"
#include "harness/executor/program_cache.h"
#include "properties/axes.h"
#include "properties/zoo/detectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace attest {
namespace {

constexpr std::int64_t kUsualHeadDim = 64;

/// What the kernel launches for one tile.
std::string entry_of(const KernelSpec& kernel, Dtype dtype) {
  Problem problem = plain_problem(kernel, dtype);
  const auto& sizes = kernel.head_dims;
  if (std::find(sizes.begin(), sizes.end(), kUsualHeadDim) != sizes.end())
    problem.head_dim = problem.head_dim_v = kUsualHeadDim;
  if (kernel.refusal(problem)) return "";
  const std::vector<Launch> launches = kernel.plan(kernel.image, problem);
  return launches.empty() ? "" : launches.front().entry;
}

/// The kernel, which takes only what it launches this entry for.
KernelSpec of_entry(const KernelSpec& kernel, Dtype dtype, const std::string& entry) {
  KernelSpec out = kernel;
  out.dtypes = {dtype};
  out.refusal = [kernel = &kernel, entry](const Problem& problem) -> std::optional<std::string> {
    if (auto reason = kernel->refusal(problem)) return reason;
    for (const Launch& launch : kernel->plan(kernel->image, problem)) {
      if (launch.entry != entry) return "launches " + launch.entry;
    }
    return std::nullopt;
  };
  out.head_dims.clear();
  for (const std::int64_t head_dim : kernel.head_dims) {
    Problem problem = plain_problem(kernel, dtype);
    problem.head_dim = problem.head_dim_v = head_dim;
    if (!out.refusal(problem)) out.head_dims.push_back(head_dim);
  }
  return out;
}

/// PTX that lives as long as this, and leaves nothing of itself in the cache.
class MutatedImage {
 public:
  MutatedImage(const KernelSpec& kernel, const Mutation& mutation)
      : text_(mutated(kernel.image.ptx, mutation)), image_{kernel.image.name, text_} {}
  ~MutatedImage() { ProgramCache::instance().forget(image_); }
  MutatedImage(const MutatedImage&) = delete;
  MutatedImage& operator=(const MutatedImage&) = delete;
  [[nodiscard]] const KernelImage& image() const { return image_; }

 private:
  std::string text_;
  KernelImage image_;
};

}  // namespace

Result<AutoZoo> AutoZoo::create(const KernelSpec& kernel,
                                Dtype dtype,
                                std::int64_t cases,
                                std::uint64_t seed) {
  const auto& dtypes = kernel.dtypes;
  if (std::find(dtypes.begin(), dtypes.end(), dtype) == dtypes.end()) {
    return Error{
        Code::bad_input, fmt::format("{} does not take {}", kernel.name, name(dtype)), "--dtype"};
  }
  AutoZoo zoo(kernel, entry_of(kernel, dtype), seed);
  zoo.mutations_ = mutations_of(kernel.image.ptx, zoo.entry_);
  if (zoo.mutations_.empty()) {
    return Error{Code::unsupported, "no instruction of it can be mutated", kernel.name};
  }
  const KernelSpec narrowed = of_entry(kernel, dtype, zoo.entry_);
  SearchOptions options;
  options.kernels = {&narrowed};
  for (const Property& property : all_properties()) {
    if (!property.compares_devices) options.properties.push_back(&property);
  }
  options.profile = find_profile("quick").value();
  options.profile.cases = cases;
  options.seed = seed;
  for (PlannedCase& planned : plan_cases(options).cases) {
    if (narrowed.refusal(planned.which.attention())) continue;
    planned.kernel = &kernel;
    zoo.cases_.push_back(std::move(planned));
  }
  return zoo;
}

std::vector<Mutation> AutoZoo::sample(std::int64_t count) const {
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t n = 0; n < mutations_.size(); ++n)
    order.emplace_back(derive_seed(seed_, n), n);
  std::sort(order.begin(), order.end());
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  std::vector<std::size_t> chosen;
  for (const auto& [key, n] : order)
    chosen.push_back(n);
  std::sort(chosen.begin(), chosen.end());
  std::vector<Mutation> out;
  for (const std::size_t n : chosen)
    out.push_back(mutations_[n]);
  return out;
}

std::string AutoZoo::first_failure(Executor& executor) const {
  for (const PlannedCase& planned : cases_) {
    const CaseResult result = run_case(planned.which, planned, executor);
    if (result.verdict != Verdict::agree && result.verdict != Verdict::refused)
      return replay_line(planned.which);
  }
  return "";
}

Mutant AutoZoo::examine(const Mutation& mutation,
                        Executor& executor,
                        const std::function<bool()>& is_late) const {
  Mutant mutant;
  mutant.mutation = mutation;
  const MutatedImage image(*kernel_, mutation);
  KernelSpec faulty = *kernel_;
  faulty.image = image.image();
  for (const PlannedCase& planned : cases_) {
    if (is_late()) break;
    const CaseResult result = run_case(planned.which, faulty, *planned.property, executor);
    if (result.verdict == Verdict::refused) continue;
    if (result.verdict == Verdict::not_run) return mutant;  // no PTX
    ++mutant.cases;
    const std::vector<Sighting> seen = sightings(*planned.property, result);
    if (seen.empty()) continue;
    mutant.fate = MutantFate::killed;
    mutant.detector = seen.front().detector;
    return mutant;
  }
  mutant.fate = MutantFate::survived;
  return mutant;
}

}  // namespace attest
