// AutoZoo: mutants of any attention kernel, and which of them a run would catch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/executor/executor.h"
#include "properties/search.h"
#include "properties/zoo/mutate.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace attest {

enum class MutantFate : std::uint8_t {
  killed,
  survived,
  invalid,  // no PTX that can be run
};

struct Mutant {
  Mutation mutation;
  MutantFate fate = MutantFate::invalid;
  std::string detector;    // that killed it
  std::int64_t cases = 0;  // judged
};

/// The mutants of the entry that a kernel launches for d = 64, or its first head size, in one dtype.
class AutoZoo {
 public:
  /// Draws `cases` cases of all properties that launch this entry, as `attest check` does.
  /// Errors  Code::bad_input for a dtype that the kernel does not claim, Code::unsupported where no
  ///         entry or mutation is found. `kernel` outlives this.
  static Result<AutoZoo> create(const KernelSpec& kernel,
                                Dtype dtype,
                                std::int64_t cases,
                                std::uint64_t seed);

  [[nodiscard]] const std::string& entry() const { return entry_; }
  [[nodiscard]] const std::vector<Mutation>& mutations() const { return mutations_; }
  /// `count` of them, all over the entry: the same for the same seed.
  [[nodiscard]] std::vector<Mutation> sample(std::int64_t count) const;

  /// The first case in which the kernel fails unchanged; none of its mutants would mean anything.
  [[nodiscard]] std::string first_failure(Executor& executor) const;
  /// Runs the cases until one fails, or `is_late`.
  [[nodiscard]] Mutant examine(const Mutation& mutation,
                               Executor& executor,
                               const std::function<bool()>& is_late) const;

 private:
  AutoZoo(const KernelSpec& kernel, std::string entry, std::uint64_t seed)
      : kernel_(&kernel), entry_(std::move(entry)), seed_(seed) {}

  const KernelSpec* kernel_;
  std::string entry_;
  std::uint64_t seed_;
  std::vector<Mutation> mutations_;
  std::vector<PlannedCase> cases_;  // of the kernel unchanged
};

}  // namespace attest
