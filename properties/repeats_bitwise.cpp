// The same inputs give the same bits, whatever the order of warps and whatever memory held before.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/trial.h"

namespace attest {
namespace {

constexpr std::uint8_t kOtherDirt = 0x3c;  // about 1 in f16 and bf16: a value that looks right
constexpr std::uint64_t kSchedules = 1 << 16;

/// Another order of warps and blocks, a function of the case alone; never the case's own.
std::uint64_t other_schedule(const Case& which) {
  const std::uint64_t schedule = which.mode.schedule;
  return schedule + 1 + derive_seed(seed(which.problem), schedule) % kSchedules;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Trial trial(subject, which);
  ATTEST_TRY(const auto first, trial.run(problem, inputs));
  Conditions again{.mode = which.mode, .dirt = kOtherDirt};
  again.mode.schedule = other_schedule(which);
  ATTEST_TRY(const auto second, trial.run(problem, inputs, again));
  if (first && second) trial.expect_equal(problem, *second, *first);
  return std::move(trial).result();
}

Result<CaseResult> check_operation(const OperationSubject& subject, const Case& which) {
  const Operation operation = as_operation(which.problem).value();
  const Operands operands = draw_operands(operation);
  OperationTrial trial(subject, which);
  ATTEST_TRY(const auto first, trial.run(operation, operands, {.mode = which.mode}));
  Conditions again{.mode = which.mode, .dirt = kOtherDirt};
  again.mode.schedule = other_schedule(which);
  ATTEST_TRY(const auto second, trial.run(operation, operands, again));
  if (first && second) trial.expect_equal(operation, *second, *first);
  return std::move(trial).result();
}

}  // namespace

Property property_repeats_bitwise() {
  Property p;
  p.name = "repeats_bitwise";
  p.sentence = "O and LSE are a function of the inputs: not of the schedule, nor of old memory";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/uninitialised_shared";
  p.suspicions = {{.fault_class = FaultClass::race}, {.fault_class = FaultClass::initialisation}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  p.check_operation = check_operation;
  return p;
}

}  // namespace attest
