// Property: one sentence of mathematics about attention, checked on anything that answers a Problem.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/executor/executor.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/case.h"
#include "harness/problem/data.h"
#include "harness/record/record.h"

namespace attest {

/// What a subject answered for one set of inputs.
struct Answer {
  Outputs outputs;
  std::vector<Finding> findings;
  std::vector<LaunchRecord> launches;
};

/// Anything that computes attention: a kernel on an executor, or the reference itself.
struct Subject {
  std::string name;
  std::string arch;  // constants of the bound
  std::function<Arithmetic(const Problem&)> arithmetic;
  std::function<Result<Answer>(const Problem&, const Inputs&, const Mode&)> run;
};

enum class Exactness : std::uint8_t { bitwise, bounded };

struct Property {
  std::string name;      // "agrees_with_reference"
  std::string sentence;  // the mathematics, for a person
  Exactness exactness = Exactness::bounded;
  std::string mutant;    // the zoo kernel that it must catch
  /// Whether the sentence says anything about this problem.
  std::function<bool(const Problem&)> applies;
  /// Runs and judges; fills verdict, ratios, divergence, findings and launches of the result.
  std::function<Result<CaseResult>(const Subject&, const Case&)> check;
};

/// Every property, sorted by name (generated from properties/CMakeLists.txt).
[[nodiscard]] const std::vector<Property>& all_properties();

}  // namespace attest
