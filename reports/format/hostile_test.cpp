// Hostile text and numbers in every format, and run.json files with a value of another type.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"
#include "reports/format/format.h"
#include "reports/golden/golden.h"
#include "reports/printable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <pugixml.hpp>

namespace attest {
namespace {

const RenderOptions kGithub{.has_colour = false, .baseline = nullptr, .is_github = true};

const Format& format_named(const std::string& name) {
  const auto& all = all_formats();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Format& f) { return f.name == name; });
  EXPECT_NE(at, all.end()) << name;
  return *at;
}

std::string hostile(const std::string& name) {
  return format_named(name).render(sample_hostile_run(), kGithub);
}

class HostileRun : public testing::TestWithParam<std::string> {};

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const Format& format : all_formats())
    out.push_back(format.name);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Formats, HostileRun, testing::ValuesIn(names()), [](const auto& name) {
  return name.param;
});

TEST_P(HostileRun, is_as_in_its_golden_file) {
  const std::string text = hostile(GetParam());
  expect_golden(GetParam() == "html" ? markup(text) : text, "hostile." + GetParam());
}

/// Nothing that a terminal or a reader of text would act on, and well-formed UTF-8; DEL is a plain
/// character of JSON.
TEST_P(HostileRun, has_no_control_characters) {
  std::string text = hostile(GetParam());
  std::replace(text.begin(), text.end(), '\x7f', ' ');
  EXPECT_TRUE(printable(text) == text);
}

TEST_P(HostileRun, is_the_same_from_its_own_run_json) {
  const auto read = parse_run_json(to_run_json(sample_hostile_run()), "hostile");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(format_named(GetParam()).render(*read, kGithub), hostile(GetParam()));
}

TEST(HostileRun, is_well_formed) {
  EXPECT_TRUE(parse_json(hostile("run_json"), "run.json").has_value());
  EXPECT_TRUE(parse_json(hostile("timeline"), "timeline.json").has_value());
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(hostile("junit").c_str()));
  const std::string page = markup(hostile("html"));
  EXPECT_EQ(page.find("<script>document"), std::string::npos);
  const std::string commands = hostile("annotations");
  for (std::size_t at = 0; at < commands.size(); at = commands.find('\n', at) + 1)
    EXPECT_EQ(commands.compare(at, 2, "::"), 0) << commands.substr(at);
  EXPECT_EQ(std::count(commands.begin(), commands.end(), '\n'), 2) << commands;
}

/// Calls `use` with the document once for each of its values, in which that one has another type.
template <class Use>
void with_each_value_replaced(const Json& whole, const Json::json_pointer& at, const Use& use) {
  static const std::vector<Json> others = {
      nullptr, true, -1, "text", Json::array({1, 2, 3}), Json::object()};
  const Json& value = whole[at];
  for (const Json& other : others) {
    Json changed = whole;
    changed[at] = other;
    use(changed, at.to_string() + " = " + other.dump());
  }
  if (value.is_object()) {
    for (const auto& item : value.items())
      with_each_value_replaced(whole, at / item.key(), use);
  } else if (value.is_array()) {
    for (std::size_t n = 0; n < std::min<std::size_t>(value.size(), 2); ++n)
      with_each_value_replaced(whole, at / n, use);
  }
}

/// One line that names the file, or a run that every format can show.
TEST(WrongTypes, are_errors_of_one_line_or_runs_that_can_be_shown) {
  RunRecord run = sample_run();
  run.cases.resize(2);
  run.layers = sample_layer_run().layers;
  std::int64_t refused = 0;
  std::int64_t shown = 0;
  const auto use = [&](const Json& changed, const std::string& what) {
    const auto read = parse_run_json(changed.dump(), "run.json");
    if (!read) {
      ++refused;
      const std::string error = read.error().to_string();
      ASSERT_EQ(error.rfind("run.json: ", 0), 0U) << what << ": " << error;
      ASSERT_EQ(error.find('\n'), std::string::npos) << what << ": " << error;
      return;
    }
    ++shown;
    for (const Format& format : all_formats()) {
      if (format.name == "html") continue;  // slow; its parts are those of the others
      ASSERT_NO_THROW([[maybe_unused]] const auto text = format.render(*read, {})) << what;
    }
  };
  with_each_value_replaced(
      parse_json(to_run_json(run), "sample").value(), Json::json_pointer(), use);
  EXPECT_GT(refused, 2'000);
  EXPECT_GT(shown, 500);
}

}  // namespace
}  // namespace attest
