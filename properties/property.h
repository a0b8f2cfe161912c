// Property: one sentence of mathematics about attention, checked on anything that answers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/case.h"
#include "harness/record/record.h"
#include "properties/fault_class.h"
#include "properties/operation_subject.h"
#include "properties/subject.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

enum class Exactness : std::uint8_t {
  bitwise,      // two answers have the same bits
  bounded,      // within the judge's bound
  statistical,  // a mean over many elements
};
/// "bitwise", "bounded", "statistical".
[[nodiscard]] std::string_view name(Exactness exactness);

/// What an answer is held against.
enum class Yardstick : std::uint8_t {
  oracle,  // the reference, within the bound
  known,   // what it must be for inputs that were chosen so
  itself,  // another answer of the same subject
};

/// What a disagreement points at; one of another tier, tensor or problem does not.
struct Suspicion {
  FaultClass fault_class = FaultClass::scores;
  std::string tier{};     // "exact"; empty: any
  std::string tensor{};   // "lse"; empty: any
  std::string problem{};  // "gemm"; empty: any
};

struct Property {
  std::string name;      // "agrees_with_reference"
  std::string sentence;  // the mathematics, for a person
  Exactness exactness = Exactness::bounded;
  std::string mutant;  // the zoo kernel that it must catch
  Yardstick yardstick = Yardstick::itself;
  std::vector<Suspicion> suspicions;  // none: a disagreement says only that something is wrong
  int runs = 1;   // times that check() runs the subject, about; generators keep the cost down by it
  int share = 1;  // turns that it gets, relative to the others
  bool compares_devices = false;  // each case runs on ptx and on a GPU; has no turns of its own
  /// Whether the sentence says anything about this problem.
  std::function<bool(const Problem&)> applies;
  /// The nearest problem that the sentence speaks about, for generators: a mask dropped, a batch
  /// added. `bits` are random. Leaves a problem alone that applies.
  std::function<Problem(const Problem&, std::uint64_t bits)> focus;
  /// Runs and judges: fills verdict, ratios, divergence, findings and launches of the result. A
  /// finding makes the verdict `fault`.
  /// Errors  those of Subject::run.
  std::function<Result<CaseResult>(const Subject&, const Case&)> check;
  /// The same of an operation of the layer; none where the sentence is about attention alone.
  std::function<Result<CaseResult>(const OperationSubject&, const Case&)> check_operation;
};

/// Every property, sorted by name (generated from properties/CMakeLists.txt).
[[nodiscard]] const std::vector<Property>& all_properties();

}  // namespace attest
