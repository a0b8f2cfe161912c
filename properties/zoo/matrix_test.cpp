// One fault of a kind against all detectors: who sees it, who names it, and what stops the search.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/matrix.h"

#include "harness/executor/ptx_executor.h"
#include "properties/zoo/detectors.h"
#include "properties/zoo/patient.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

const ZooFault& fault_named(const std::string& name) {
  const auto& all = all_zoo_faults();
  const auto at = std::find_if(
      all.begin(), all.end(), [&name](const ZooFault& fault) { return fault.name == name; });
  EXPECT_NE(at, all.end()) << name;
  return *at;
}

Examination examined(const ZooFault& fault, std::int64_t cases, bool compares = false) {
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  return examine(fault, {.cases = cases, .compares = compares}, comparisons, *executor);
}

const ZooKill* kill(const Examination& examination, std::string_view detector) {
  return kill_by(examination.fault, detector);
}

TEST(ZooMatrix, AFaultOfNumbersIsSeenByTiersAndLawsThatNameIt) {
  const Examination result = examined(fault_named("no_rescale"), 120, true);
  const ZooFaultRecord& fault = result.fault;
  ASSERT_NE(kill(result, "agrees_with_reference"), nullptr);
  EXPECT_FALSE(kill(result, "agrees_with_reference")->names_class);
  ASSERT_NE(kill(result, "constant_values_return"), nullptr);
  EXPECT_TRUE(kill(result, "constant_values_return")->names_class);
  EXPECT_NE(kill(result, "worst case"), nullptr);
  EXPECT_NE(kill(result, "metamorphic"), nullptr);
  EXPECT_LE(fault.cases, 120);
  EXPECT_FALSE(fault.is_late);
  EXPECT_TRUE(fault.alarms.empty());
  EXPECT_EQ(fault.compared.size(), 2U);
  EXPECT_EQ(survival(fault), "");
  ASSERT_EQ(result.cases.size(), fault.kills.size());
  for (std::size_t n = 0; n < fault.kills.size(); ++n)
    EXPECT_EQ(replay_line(result.cases[n]), fault.kills[n].replay);
}

TEST(ZooMatrix, IsTheSameEveryTime) {
  const Examination a = examined(fault_named("gqa_modulo"), 24);
  const Examination b = examined(fault_named("gqa_modulo"), 24);
  ASSERT_FALSE(a.fault.kills.empty());
  ASSERT_EQ(a.fault.kills.size(), b.fault.kills.size());
  for (std::size_t n = 0; n < a.fault.kills.size(); ++n)
    EXPECT_EQ(a.fault.kills[n].replay, b.fault.kills[n].replay);
}

/// A race ends the launch before there are numbers: the laws judge once more without checks.
TEST(ZooMatrix, AFindingDoesNotBlindTheLaws) {
  const Examination race = examined(fault_named("read_before_barrier"), 36);
  ASSERT_NE(kill(race, "shared_race"), nullptr);
  EXPECT_TRUE(kill(race, "shared_race")->names_class);
  EXPECT_NE(kill(race, "agrees_with_reference"), nullptr);
  const Examination silent = examined(fault_named("mask_tensor_unclamped"), 60);
  ASSERT_NE(kill(silent, "out_of_bounds"), nullptr);
  EXPECT_TRUE(kill(silent, "out_of_bounds")->names_class);
}

TEST(ZooMatrix, AnEquivalentIsSeenByNobody) {
  const Examination result = examined(fault_named("sum_begins_at_one"), 40);
  EXPECT_EQ(result.fault.cases, 40);
  EXPECT_TRUE(result.fault.kills.empty());
  EXPECT_TRUE(result.fault.compared.empty());
  EXPECT_FALSE(result.fault.is_dead);
}

/// A kernel that does not take the case stands for one that fails in it.
TEST(ZooMatrix, WhatTheCorrectKernelFailsInIsAFalseAlarm) {
  ZooFault fault = fault_named("no_rescale");
  fault.kernel = "attention_mma";
  const Examination result = examined(fault, 40);
  EXPECT_TRUE(result.fault.kills.empty());
  ASSERT_FALSE(result.fault.alarms.empty());
  EXPECT_NE(result.fault.alarms.front().find("--kernel attention_mma"), std::string::npos);
}

TEST(ZooMatrix, ADeadAnchorIsTheCorrectKernel) {
  const ZooFault& fault = fault_named("no_rescale");
  const Patient right = correct_patient(fault);
  EXPECT_FALSE(changes_instructions(right, right, fault.example));
  EXPECT_TRUE(changes_instructions(right, faulty_patient(fault), fault.example));
}

TEST(ZooMatrix, StopsWhenTheTimeIsOver) {
  Comparisons comparisons;
  const auto executor = make_ptx_executor();
  int asked = 0;
  const ZooLimits limits{
      .cases = 300, .is_late = [&asked] { return ++asked > 5; }, .compares = false};
  const Examination result =
      examine(fault_named("sum_begins_at_one"), limits, comparisons, *executor);
  EXPECT_TRUE(result.fault.is_late);
  EXPECT_EQ(result.fault.cases, 5);
}

TEST(ZooMatrix, OperationsAreJudgedByTheLawsThatSpeakOfThem) {
  const Examination result = examined(fault_named("gemm_bias_twice"), 60);
  ASSERT_NE(kill(result, "agrees_with_reference"), nullptr);
  EXPECT_TRUE(kill(result, "agrees_with_reference")->names_class);
  const auto& deaf = result.fault.deaf;
  EXPECT_NE(std::find(deaf.begin(), deaf.end(), "linear_in_v"), deaf.end());
  EXPECT_NE(std::find(deaf.begin(), deaf.end(), "FlashAttention's rule"), deaf.end());
}

/// Bits of a whole layer in one launch: its pipeline is what is faulty.
TEST(ZooMatrix, ALayerIsJudgedThroughItsPipeline) {
  const Examination result = examined(fault_named("layer_single_missing_barrier"), 2);
  ASSERT_NE(kill(result, "global_race"), nullptr);
  EXPECT_TRUE(kill(result, "global_race")->names_class);
}

TEST(ZooDetectors, EveryKindOfFindingAndEveryPropertyIsOne) {
  const std::vector<ZooDetector> detectors = judging_detectors();
  const auto count = [&](DetectorKind kind) {
    return std::count_if(detectors.begin(), detectors.end(), [kind](const ZooDetector& detector) {
      return detector.kind == kind;
    });
  };
  EXPECT_EQ(count(DetectorKind::tier), 4);
  const auto& properties = all_properties();
  EXPECT_EQ(count(DetectorKind::property),
            std::count_if(properties.begin(), properties.end(), [](const Property& property) {
              return !property.compares_devices;
            }));
  for (const ZooFault& fault : all_zoo_faults()) {
    if (fault.outcome.empty() || fault.outcome == "disagree") continue;
    EXPECT_TRUE(std::any_of(detectors.begin(), detectors.end(), [&](const ZooDetector& detector) {
      return detector.name == fault.outcome;
    })) << fault.outcome;
  }
}

TEST(ZooDetectors, ATierIsReadFromWhatTheJudgeSaid) {
  Property oracle;
  oracle.yardstick = Yardstick::oracle;
  Property probe;
  probe.yardstick = Yardstick::known;
  Property law;
  law.yardstick = Yardstick::itself;
  DivergenceRecord divergence;
  divergence.tier = "exact";
  EXPECT_EQ(tier_of(oracle, divergence), "exact");
  EXPECT_EQ(tier_of(probe, divergence), "exact");
  EXPECT_EQ(tier_of(law, divergence), "metamorphic");
  divergence.tier = "classes";
  EXPECT_EQ(tier_of(oracle, divergence), "worst case");
  divergence.tier = "bound";
  EXPECT_EQ(tier_of(probe, divergence), "worst case");
  EXPECT_EQ(tier_of(law, divergence), "metamorphic");
  divergence.tier = "probabilistic";
  EXPECT_EQ(tier_of(oracle, divergence), "probabilistic");
}

TEST(ZooDetectors, ASuspicionHoldsForItsTierTensorAndProblem) {
  Property property;
  property.name = "law";
  property.suspicions = {{.fault_class = FaultClass::lse, .tensor = "lse"},
                         {.fault_class = FaultClass::mask, .tier = "exact"},
                         {.fault_class = FaultClass::output, .problem = "gemm"}};
  CaseResult result;
  result.verdict = Verdict::disagree;
  result.which.problem = parse_any("attn(sq=1)").value();
  result.divergence.emplace();
  result.divergence->tier = "bound";
  result.divergence->tensor = "lse";
  const auto classes = [&] { return sightings(property, result).front().classes; };
  EXPECT_EQ(classes(), std::vector<FaultClass>{FaultClass::lse});
  result.divergence->tensor = "o";
  EXPECT_EQ(classes(), std::vector<FaultClass>{});
  result.divergence->tier = "exact";
  EXPECT_EQ(classes(), std::vector<FaultClass>{FaultClass::mask});
  result.which.problem = parse_any("gemm(m=1,n=1,k=1)").value();
  EXPECT_EQ(classes(), (std::vector<FaultClass>{FaultClass::mask, FaultClass::output}));
  result.verdict = Verdict::agree;
  EXPECT_TRUE(sightings(property, result).empty());
}

}  // namespace
}  // namespace attest
