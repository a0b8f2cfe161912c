// The published schema describes what is written, and nothing else.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace attest {
namespace {

/// The part of JSON Schema 2020-12 that run-1.json uses. An unknown keyword is a complaint, so that
/// no part of the schema is passed over.
class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  /// The first complaint, or an empty string.
  [[nodiscard]] std::string check(const Json& schema,
                                  const Json& value,
                                  const std::string& at) const {
    for (const auto& keyword : schema.items()) {
      std::string complaint = apply(keyword.key(), keyword.value(), schema, value, at);
      if (!complaint.empty()) return complaint;
    }
    return "";
  }

 private:
  [[nodiscard]] std::string apply(const std::string& key,
                                  const Json& argument,
                                  const Json& schema,
                                  const Json& value,
                                  const std::string& at) const {
    static const std::set<std::string> annotations = {"$schema", "$defs", "title", "description"};
    const auto require = [&](bool holds) { return holds ? "" : at + ": " + key; };
    if (annotations.count(key) != 0) return "";
    if (key == "$ref") {
      const auto pointer = argument.get<std::string>().substr(1);
      return check(root_.at(Json::json_pointer(pointer)), value, at);
    }
    if (key == "type") return require(has_type(argument, value));
    if (key == "const") return require(value == argument);
    if (key == "enum") return require(contains(argument, value));
    if (key == "minimum") return require(value >= argument);
    if (key == "minItems") return require(value.size() >= argument.get<std::size_t>());
    if (key == "maxItems") return require(value.size() <= argument.get<std::size_t>());
    if (key == "pattern") {
      return require(
          std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>())));
    }
    if (key == "oneOf") return require(matching(argument, value, at) == 1);
    if (key == "required") {
      for (const Json& name : argument) {
        if (!value.contains(name.get<std::string>())) return at + " lacks " + name.dump();
      }
      return "";
    }
    if (key == "items") return check_elements(argument, value, at);
    if (key == "properties") return check_properties(argument, value, at);
    if (key == "additionalProperties") return check_others(argument, schema, value, at);
    return "unknown keyword " + key;
  }

  static bool has_type(const Json& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }
  static bool contains(const Json& list, const Json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }
  [[nodiscard]] std::int64_t matching(const Json& schemas,
                                      const Json& value,
                                      const std::string& at) const {
    return std::count_if(schemas.begin(), schemas.end(), [&](const Json& schema) {
      return check(schema, value, at).empty();
    });
  }
  [[nodiscard]] std::string check_elements(const Json& schema,
                                           const Json& value,
                                           const std::string& at) const {
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::string complaint = check(schema, value.at(i), at + "/" + std::to_string(i));
      if (!complaint.empty()) return complaint;
    }
    return "";
  }
  [[nodiscard]] std::string check_properties(const Json& schemas,
                                             const Json& value,
                                             const std::string& at) const {
    for (const auto& item : schemas.items()) {
      if (!value.contains(item.key())) continue;
      std::string complaint = check(item.value(), value.at(item.key()), at + "/" + item.key());
      if (!complaint.empty()) return complaint;
    }
    return "";
  }
  [[nodiscard]] std::string check_others(const Json& allowed,
                                         const Json& schema,
                                         const Json& value,
                                         const std::string& at) const {
    for (const auto& item : value.items()) {
      if (schema.contains("properties") && schema.at("properties").contains(item.key())) continue;
      if (allowed == false) return at + ": the schema has no '" + item.key() + "'";
      std::string complaint = check(allowed, item.value(), at + "/" + item.key());
      if (!complaint.empty()) return complaint;
    }
    return "";
  }

  const Json& root_;
};

Json published() {
  std::ifstream file(std::string(ATTEST_SCHEMA_DIR) + "/run-1.json");
  return Json::parse(file);
}

std::string complaint_about(const Json& run) {
  const Json schema = published();
  return Validator(schema).check(schema, run, "");
}

Json sample() {
  return Json::parse(to_run_json(sample_run()));
}

TEST(Schema, holds_for_what_is_written) {
  EXPECT_EQ(complaint_about(sample()), "");
  EXPECT_EQ(complaint_about(Json::parse(to_run_json(RunRecord{}))), "");
}

TEST(Schema, holds_for_a_layer) {
  Json run = Json::parse(to_run_json(sample_layer_run()));
  EXPECT_EQ(complaint_about(run), "");
  run["layers"][0]["pipelines"][1].erase("launches");
  EXPECT_EQ(complaint_about(run), "/layers/0/pipelines/1 lacks \"launches\"");
}

TEST(Schema, knows_every_kind_of_finding_and_it_is_read_back) {
  for (int kind = 0; kind <= static_cast<int>(FindingKind::timeout); ++kind) {
    RunRecord record = sample_run();
    record.failures[1].shrunk.findings[0].kind = static_cast<FindingKind>(kind);
    const std::string text = to_run_json(record);
    EXPECT_EQ(complaint_about(Json::parse(text)), "");
    const auto read = parse_run_json(text, "sample");
    ASSERT_TRUE(read.has_value()) << read.error().to_string();
    EXPECT_EQ(static_cast<int>(read->failures[1].shrunk.findings[0].kind), kind);
  }
}

TEST(Schema, knows_every_class_of_instructions) {
  RunRecord record = sample_run();
  record.cases[0].launches[0].counts.classes.of.fill(1);
  EXPECT_EQ(complaint_about(Json::parse(to_run_json(record))), "");
}

TEST(Schema, does_not_hold_for_a_record_that_is_off) {
  Json run = sample();
  run["totals"].erase("agree");
  EXPECT_EQ(complaint_about(run), "/totals lacks \"agree\"");
  run = sample();
  run["cases"][0]["seconds"] = 1;
  EXPECT_EQ(complaint_about(run), "/cases/0: the schema has no 'seconds'");
  run = sample();
  run["failures"][1]["findings"][0]["kind"] = "race";
  EXPECT_EQ(complaint_about(run), "/failures/1/findings/0/kind: enum");
  run = sample();
  run["largest"]["f16"]["o"] = "Infinity";
  EXPECT_EQ(complaint_about(run), "/largest/f16/o: oneOf");
  run = sample();
  run["schema"] = 2;
  EXPECT_EQ(complaint_about(run), "/schema: const");
}

}  // namespace
}  // namespace attest
