// The reference against torch in float64, on the same input bits (make_golden.py).
// SPDX-License-Identifier: Apache-2.0
//
// Both sides compute in double, by the same formula and in orders of their own. ReferenceError and
// LayerError hold for any order of the sums and for an exp and a log within one ulp, which is what
// torch's have (SLEEF, u10). So two evaluations differ by at most twice that.
#include "harness/problem/data.h"
#include "reference/attention.h"
#include "reference/hand_made.h"
#include "reference/layer.h"
#include "reference/layer_error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

namespace attest {
namespace {

using Json = nlohmann::json;

/// The cases of a file, without its first line, which says what computed them.
std::vector<Json> read_golden(const std::string& name) {
  std::ifstream file(std::string(ATTEST_GOLDEN_FOLDER) + "/" + name);
  std::vector<Json> cases;
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(Json::parse(line).count("torch"), 1U) << name;
  while (std::getline(file, line))
    cases.push_back(Json::parse(line));
  return cases;
}

double number(const Json& value) {
  if (value.is_number()) return value.get<double>();
  EXPECT_EQ(value, "-inf");
  return -std::numeric_limits<double>::infinity();
}

/// The elements that a file keeps of a tensor, against ours; the largest difference over its bound.
class Comparison {
 public:
  template <class BoundOf>
  void add(const std::vector<double>& ours, const Json& kept, std::size_t most, BoundOf bound_of) {
    const std::size_t count = std::min(ours.size(), most);
    ASSERT_EQ(kept.size(), count);
    for (std::size_t n = 0; n < count; ++n) {
      const std::size_t at = n * ours.size() / count;
      const double want = number(kept[n]);
      if (std::isinf(want)) {
        EXPECT_EQ(ours[at], want) << at;
        continue;
      }
      const double error = std::fabs(ours[at] - want);
      const double bound = 2 * bound_of(at);
      EXPECT_LE(error, bound) << at << ": " << ours[at] << ", torch " << want;
      if (error > 0) worst_ = std::max(worst_, error / bound);
    }
  }
  /// Not vacuous: the two do differ, so the bounds were at work.
  void expect_something_rounded(const char* what) const {
    std::cout << what << ": largest error / bound " << worst_ << '\n';
    EXPECT_GT(worst_, 0);
    EXPECT_LE(worst_, 1);
  }

 private:
  double worst_ = 0;
};

// A case that was added without running make_golden.py again is not silently left out.
TEST(Golden, HasEveryCaseOfTheList) {
  std::vector<std::string> listed;
  std::ifstream file(std::string(ATTEST_GOLDEN_FOLDER) + "/cases.txt");
  for (std::string line; std::getline(file, line);)
    listed.push_back(line);
  std::vector<std::string> computed;
  for (const char* name : {"attention.ndjson", "layer.ndjson"})
    for (const Json& golden : read_golden(name))
      computed.push_back(golden.at("case").get<std::string>());
  EXPECT_EQ(computed, listed);
}

TEST(Golden, Attention) {
  const std::vector<Json> cases = read_golden("attention.ndjson");
  EXPECT_GE(cases.size(), 40U);
  Comparison o;
  Comparison lse;
  for (const Json& golden : cases) {
    const auto text = golden.at("case").get<std::string>();
    SCOPED_TRACE(text);
    const Problem problem = parsed(text);
    const ReferenceTerms terms = reference_attention(problem, draw_inputs(problem));
    const ReferenceError error(problem, terms);
    o.add(terms.o, golden.at("o"), 383, [&](std::size_t at) { return error.output(at); });
    lse.add(terms.lse, golden.at("lse"), 127, [&](std::size_t at) { return error.lse(at); });
  }
  o.expect_something_rounded("o");
  lse.expect_something_rounded("lse");
}

TEST(Golden, Layer) {
  const std::vector<Json> cases = read_golden("layer.ndjson");
  EXPECT_GE(cases.size(), 8U);
  Comparison y;
  for (const Json& golden : cases) {
    const auto text = golden.at("case").get<std::string>();
    SCOPED_TRACE(text);
    const Result<LayerProblem> layer = parse_layer(text);
    ASSERT_TRUE(layer.has_value()) << layer.error().to_string();
    const LayerInputs inputs = draw_layer(*layer);
    const std::vector<double> error = layer_error(*layer, inputs);
    y.add(reference_layer(*layer, inputs), golden.at("y"), 509, [&](std::size_t at) {
      return error[at];
    });
  }
  y.expect_something_rounded("y");
}

}  // namespace
}  // namespace attest
