// The matrix as text: columns, cells, and what it adds up to.
// SPDX-License-Identifier: Apache-2.0
#include "reports/zoo_view.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

ZooRecord sample() {
  ZooRecord zoo;
  zoo.detectors = {{"wc", DetectorKind::tier},
                   {"law", DetectorKind::property},
                   {"idle", DetectorKind::property},
                   {"race", DetectorKind::check},
                   {"allclose", DetectorKind::comparison}};
  ZooFaultRecord named;
  named.name = "a_named";
  named.fault_class = "mask";
  named.facts = {7};
  named.kills = {{"wc", false, 2, "bound", "attest replay"},
                 {"law", true, 2, "bound", "attest replay"}};
  named.compared = {"allclose"};
  ZooFaultRecord unnamed;
  unnamed.name = "b";
  unnamed.fault_class = "mask";
  unnamed.cases = 9;
  unnamed.kills = {{"race", false, 4, "", "attest replay"}};
  unnamed.deaf = {"law"};
  ZooFaultRecord equivalent;
  equivalent.name = "c";
  equivalent.fault_class = "scores";
  equivalent.equivalent = "the same bits";
  zoo.faults = {named, unnamed, equivalent};
  return zoo;
}

TEST(ZooView, HasAColumnForEachDetectorThatSawAnyAndForComparisons) {
  EXPECT_EQ(zoo_matrix(sample()),
            "                 a\n"
            "                 l\n"
            "                 l\n"
            "                 c\n"
            "                 l        r\n"
            "                 o     l  a\n"
            "                 s  w  a  c\n"
            "                 e  c  w  e\n"
            "a_named  mask    +  +  #  .\n"
            "b        mask    .  .     +\n"
            "c        scores  .  .  .  .\n"
            "\n"
            "# sees it and names its class  + sees it  . does not  blank: says nothing about it\n"
            "\n"
            "allclose kills 1 of 2\n"
            "\n" +
                zoo_summary(sample()));
}

TEST(ZooView, SummaryNamesSurvivorsAndEquivalentsWithTheReason) {
  EXPECT_EQ(zoo_summary(sample()),
            "survivors\n"
            "  b  seen by race, none of which names 'mask', in 9 cases\n"
            "equivalents\n"
            "  c  the same bits\n"
            "FAILED  2 of 2 faults killed, 1 by a detector that names their class; 1 survivors, "
            "1 equivalents, 0 dead anchors, 0 false alarms; 1 numbers of the collection\n");
}

TEST(ZooView, SummaryShowsWhatBreaksAZoo) {
  ZooRecord zoo = sample();
  zoo.faults.erase(zoo.faults.begin() + 1);
  EXPECT_EQ(zoo_summary(zoo).find("survivors\n"), std::string::npos);
  EXPECT_NE(zoo_summary(zoo).find("HELD  1 of 1"), std::string::npos);
  zoo.faults[0].alarms = {"attest replay 'attn(sq=1)'"};
  zoo.faults[1].kills = {{"wc", false, 1, "bound", "attest replay 'attn(sq=2)'"}};
  const std::string text = zoo_summary(zoo);
  EXPECT_NE(text.find("false alarm  attest replay 'attn(sq=1)'\n"), std::string::npos);
  EXPECT_NE(text.find("c  NOT equivalent: attest replay 'attn(sq=2)'\n"), std::string::npos);
  zoo.faults[1].is_dead = true;
  EXPECT_NE(zoo_summary(zoo).find("dead anchors\n  c  its instructions"), std::string::npos);
}

}  // namespace
}  // namespace attest
