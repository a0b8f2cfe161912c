// Sums of a zoo's record, and its JSON form.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/zoo_record.h"

#include "harness/record/json_text.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

ZooFaultRecord fault(std::string name, std::string fault_class) {
  ZooFaultRecord out;
  out.name = std::move(name);
  out.kernel = "attention_f32";
  out.models = "a bug";
  out.fault_class = std::move(fault_class);
  out.cases = 12;
  return out;
}

ZooKill kill(std::string detector, bool names_class) {
  return {std::move(detector), names_class, 3, "bound", "attest replay 'attn(sq=1)'"};
}

/// One fault of each fate.
ZooRecord sample() {
  ZooRecord zoo;
  zoo.seed = 7;
  zoo.cases = 300;
  zoo.seconds_per_fault = 15;
  zoo.wall_seconds = 1.5;
  zoo.jobs = 2;
  zoo.detectors = {{"worst case", DetectorKind::tier},
                   {"linear_in_v", DetectorKind::property},
                   {"shared_race", DetectorKind::check},
                   {"plain", DetectorKind::comparison},
                   {"flash", DetectorKind::comparison}};
  ZooFaultRecord named = fault("a_named", "accumulation");
  named.facts = {105, 23};
  named.kills = {kill("worst case", false), kill("linear_in_v", true)};
  named.compared = {"flash"};
  named.deaf = {"shared_race"};
  ZooFaultRecord unnamed = fault("b_unnamed", "race");
  unnamed.facts = {23};
  unnamed.kills = {kill("worst case", false)};
  unnamed.compared = {"plain", "flash"};
  ZooFaultRecord unseen = fault("c_unseen", "mask");
  unseen.is_late = true;
  ZooFaultRecord equivalent = fault("d_equivalent", "mask");
  equivalent.facts = {4};
  equivalent.equivalent = "no output shows it";
  zoo.faults = {named, unnamed, unseen, equivalent};
  return zoo;
}

TEST(ZooRecord, SaysWhySomethingSurvived) {
  const ZooRecord zoo = sample();
  EXPECT_EQ(survival(zoo.faults[0]), "");
  EXPECT_EQ(survival(zoo.faults[1]), "seen by worst case, none of which names 'race', in 12 cases");
  EXPECT_EQ(survival(zoo.faults[2]), "not seen in 12 cases, when the time was over");
  EXPECT_EQ(survival(zoo.faults[3]), "");
}

TEST(ZooRecord, CountsWhatIsNotEquivalent) {
  const ZooTotals sums = totals(sample());
  EXPECT_EQ(sums.faults, 3);
  EXPECT_EQ(sums.killed, 2);
  EXPECT_EQ(sums.named, 1);
  EXPECT_EQ(sums.numbers, 2);
  EXPECT_EQ(sums.compared, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(sums.survivors, (std::vector<std::string>{"b_unnamed", "c_unseen"}));
  EXPECT_EQ(sums.equivalents, std::vector<std::string>{"d_equivalent"});
  EXPECT_FALSE(sums.holds());
}

TEST(ZooRecord, HoldsWithoutSurvivorsDeadAnchorsAndRevealedEquivalents) {
  ZooRecord zoo = sample();
  zoo.faults.erase(zoo.faults.begin() + 1, zoo.faults.begin() + 3);
  EXPECT_TRUE(totals(zoo).holds());
  zoo.faults[0].is_dead = true;
  EXPECT_EQ(totals(zoo).dead, std::vector<std::string>{"a_named"});
  EXPECT_FALSE(totals(zoo).holds());
  zoo.faults[0].is_dead = false;
  zoo.faults[1].kills = {kill("worst case", false)};
  EXPECT_EQ(totals(zoo).revealed, std::vector<std::string>{"d_equivalent"});
  EXPECT_FALSE(totals(zoo).holds());
  EXPECT_FALSE(totals(ZooRecord{}).holds());
}

TEST(ZooRecord, ComesBackFromJson) {
  const std::string text = to_zoo_json(sample());
  const auto read = parse_zoo_json(text, "zoo.json");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(to_zoo_json(*read), text);
  EXPECT_EQ(read->faults.size(), 4U);
  EXPECT_EQ(read->faults[3].equivalent, "no output shows it");
  ASSERT_NE(kill_by(read->faults[0], "linear_in_v"), nullptr);
  EXPECT_TRUE(kill_by(read->faults[0], "linear_in_v")->names_class);
}

TEST(ZooRecord, JsonHasKillersAndSurvivorsByName) {
  const Json json = parse_json(to_zoo_json(sample()), "zoo.json").value();
  ASSERT_EQ(json["faults"].size(), 3U);
  EXPECT_EQ(json["faults"][0]["killed_by"], (Json{"worst case", "linear_in_v"}));
  ASSERT_EQ(json["survivors"].size(), 2U);
  EXPECT_EQ(json["survivors"][1]["name"], "c_unseen");
  ASSERT_EQ(json["equivalents"].size(), 1U);
  EXPECT_EQ(json["equivalents"][0]["reason"], "no output shows it");
  EXPECT_EQ(json["totals"]["flash"], 2);
}

TEST(ZooRecord, RefusesWhatIsNoZoo) {
  EXPECT_EQ(parse_zoo_json("{", "zoo.json").error().code, Code::bad_input);
  EXPECT_EQ(parse_zoo_json(R"({"schema":2})", "zoo.json").error().code, Code::unsupported);
  const auto missing = parse_zoo_json(R"({"schema":1,"seed":"0x0"})", "zoo.json");
  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().to_string().find("cases_per_fault"), std::string::npos);
}

}  // namespace
}  // namespace attest
