// The JUnit view against its golden file, and as a reader sees it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record_sample.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <pugixml.hpp>
#include <string>
#include <vector>

namespace attest {
Format format_junit();
namespace {

TEST(Junit, of_a_falsified_run) {
  expect_golden(format_junit().render(sample_run(), {}), "red.xml");
}

TEST(Junit, sums_are_those_of_the_tests_in_it) {
  pugi::xml_document document;
  const std::string text = format_junit().render(sample_run(), {});
  ASSERT_TRUE(document.load_string(text.c_str()));
  EXPECT_EQ(document.select_nodes("//testcase").size(), 7U);
  EXPECT_EQ(document.select_nodes("//failure").size(), 2U);
  EXPECT_EQ(document.select_nodes("//skipped").size(), 2U);
  const pugi::xml_node root = document.child("testsuites");
  EXPECT_EQ(root.attribute("tests").as_int(), 7);
  EXPECT_EQ(root.attribute("failures").as_int(), 2);
  EXPECT_EQ(root.attribute("skipped").as_int(), 2);
}

TEST(Junit, a_failing_cell_without_a_record_of_its_own_shows_its_first_case) {
  RunRecord run = sample_run();
  run.failures.clear();
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(format_junit().render(run, {}).c_str()));
  const auto failures = document.select_nodes("//failure");
  ASSERT_EQ(failures.size(), 2U);
  const std::string text = failures[0].node().text().get();
  EXPECT_NE(text.find(replay_line(run.cases[5].which)), std::string::npos) << text;
}

/// A worker that died says nothing of the numbers; where something else failed too, that is said.
TEST(Junit, crashes_and_timeouts_are_errors) {
  for (const FindingKind kind : {FindingKind::crash, FindingKind::timeout}) {
    RunRecord run = sample_run();
    for (CaseResult* result : {&run.cases[6], &run.failures[1].shrunk}) {
      result->findings[0] = {};
      result->findings[0].kind = kind;
      result->findings[0].message = "attest died of SIGSEGV";
    }
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(format_junit().render(run, {}).c_str()));
    const pugi::xml_node root = document.child("testsuites");
    EXPECT_EQ(root.attribute("failures").as_int(), 1);
    EXPECT_EQ(root.attribute("errors").as_int(), 1);
    const auto errors = document.select_nodes("//error");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].node().attribute("type").value(), std::string(name(kind)));
    EXPECT_NE(std::string(errors[0].node().text().get()).find("attest died of SIGSEGV"),
              std::string::npos);
    run.cases[6].which.kernel = run.failures[1].found.kernel = run.cases[5].which.kernel;
    run.cases[6].which.problem = run.failures[1].found.problem = run.cases[5].which.problem;
    ASSERT_TRUE(document.load_string(format_junit().render(run, {}).c_str()));
    EXPECT_EQ(document.child("testsuites").attribute("failures").as_int(), 1);
    EXPECT_EQ(document.child("testsuites").attribute("errors").as_int(), 0);
  }
}

TEST(Junit, is_xml_whatever_the_text) {
  RunRecord run = sample_run();
  run.failures[0].shrunk.divergence->pattern = "a<b>&\x01\"";
  pugi::xml_document document;
  const std::string text = format_junit().render(run, {});
  ASSERT_TRUE(document.load_string(text.c_str()));
  EXPECT_EQ(text.find('\x01'), std::string::npos);
  EXPECT_NE(text.find("a&lt;b&gt;&amp;?"), std::string::npos) << text;
}

TEST(Junit, holds_any_text_and_any_number) {
  RunRecord run = sample_run();
  const std::string text = "]]></failure>\x01\xff\xef\xbf\xbf";
  run.failures[0].shrunk.divergence->pattern = text;
  run.cases[0].which.kernel = text;
  run.cases[1].ratio_o = std::numeric_limits<double>::quiet_NaN();
  run.cases[3].reason = text;
  pugi::xml_document document;
  const std::string xml = format_junit().render(run, {});
  ASSERT_TRUE(document.load_string(xml.c_str()));
  EXPECT_NE(xml.find("]]&gt;&lt;/failure&gt;?"), std::string::npos) << xml;
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
  EXPECT_EQ(xml.find('\xff'), std::string::npos);
  const std::string kept = "]]></failure>?\xef\xbf\xbd\xef\xbf\xbd";
  EXPECT_TRUE(document.find_node(
      [&](const pugi::xml_node& node) { return node.attribute("classname").value() == kept; }));
  EXPECT_EQ(document.select_nodes("//failure").size(), 2U);
  EXPECT_NE(xml.find("value=\"nan\""), std::string::npos);
}

TEST(Junit, names_are_those_of_every_run) {
  const auto names = [](const RunRecord& run) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(format_junit().render(run, {}).c_str()));
    std::vector<std::string> out;
    for (const auto& test : document.select_nodes("//testcase"))
      out.emplace_back(test.node().attribute("name").value());
    return out;
  };
  RunRecord other = sample_run();
  other.seed = 7;
  for (CaseResult& result : other.cases)
    std::get<Problem>(result.which.problem).seed += 1;
  std::reverse(other.cases.begin(), other.cases.end());
  EXPECT_EQ(names(other), names(sample_run()));
}

}  // namespace
}  // namespace attest
