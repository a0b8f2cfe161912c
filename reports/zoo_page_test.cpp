// The zoo's section of report.html: figures, cells with a class, and text that stays text.
// SPDX-License-Identifier: Apache-2.0
#include "reports/zoo_page.h"

#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/zoo_view.h"

#include <gtest/gtest.h>

namespace attest {
Format format_html();
namespace {

ZooRecord sample() {
  ZooRecord zoo;
  zoo.detectors = {{"law", DetectorKind::property}, {"allclose", DetectorKind::comparison}};
  ZooFaultRecord named;
  named.name = "a_named";
  named.kernel = "attention_f32";
  named.models = "FlashInfer #787: <scale> & base";
  named.facts = {85, 86};
  named.fault_class = "scores";
  named.kills = {{"law", true, 2, "bound", "attest replay 'attn(sq=1)' --kernel zoo/a_named"}};
  ZooFaultRecord unseen;
  unseen.name = "b_unseen";
  unseen.fault_class = "mask";
  unseen.cases = 300;
  unseen.compared = {"allclose"};
  ZooFaultRecord equivalent;
  equivalent.name = "c_equivalent";
  equivalent.fault_class = "mask";
  equivalent.equivalent = "only slower";
  equivalent.deaf = {"allclose"};
  zoo.faults = {named, unseen, equivalent};
  return zoo;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ZooPage, HasSharesMatrixFaultsAndText) {
  const std::string html = zoo_section(sample());
  EXPECT_TRUE(has(html, "<section id=\"zoo\">"));
  EXPECT_TRUE(
      has(html, "<p class=\"bad\"><b>FAILED</b> 1 of 2 faults are killed, 1 by a detector"));
  EXPECT_TRUE(has(html, "attest, naming the class</th><td class=\"number\">1 of 2</td>"));
  EXPECT_TRUE(has(html, "allclose</th><td class=\"number\">1 of 2</td>"));
  EXPECT_TRUE(has(html, "<span style=\"width:50.0%\"></span>"));
  EXPECT_TRUE(has(html,
                  "<tr><th scope=\"row\">a_named</th><td>scores</td>"
                  "<td class=\"unseen first\">·</td><td class=\"named first\">#</td></tr>"));
  EXPECT_TRUE(has(html,
                  "<tr><th scope=\"row\">c_equivalent</th><td>mask</td>"
                  "<td class=\"silent first\"></td><td class=\"unseen first\">·</td></tr>"));
  EXPECT_TRUE(has(html, "<td>85, 86</td><td class=\"good\">law</td>"));
  EXPECT_TRUE(has(html, "<td class=\"bad\">survives: not seen in 300 cases</td>"));
  EXPECT_TRUE(has(html, "<td>equivalent: only slower</td>"));
  EXPECT_TRUE(has(html, "a_named       scores  .  #\n"));
}

TEST(ZooPage, TextStaysText) {
  ZooRecord zoo = sample();
  zoo.faults[0].name = "</section><script>";
  zoo.detectors[0].name = "<b>";
  const std::string html = zoo_section(zoo);
  EXPECT_FALSE(has(html, "<scale>"));
  EXPECT_TRUE(has(html, "&lt;scale&gt; &amp; base"));
  EXPECT_FALSE(has(html, "<script>"));
  EXPECT_FALSE(has(html, "<span><b>"));
}

TEST(ZooPage, StandsInThePageOnlyWithAZoo) {
  const ZooRecord zoo = sample();
  const std::string without = format_html().render(sample_run(), {});
  EXPECT_FALSE(has(without, "id=\"zoo\""));
  EXPECT_FALSE(has(without, "href=\"#zoo\""));
  RenderOptions options;
  options.zoo = &zoo;
  const std::string with = format_html().render(sample_run(), options);
  EXPECT_TRUE(has(with, "<a href=\"#zoo\">Faults</a>"));
  EXPECT_TRUE(has(with, zoo_section(zoo)));
}

}  // namespace
}  // namespace attest
