// Format junit: one test case per kernel, property and dtype, under names that never change.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/finding_kinds.h"
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/printable.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>

namespace attest {
namespace {

std::string cell_name(const Cell& cell) {
  return fmt::format("{}[{}]", cell.property, name(cell.dtype));
}

bool is_in(const Cell& cell, const Case& which) {
  return which.kernel == cell.kernel && which.property == cell.property &&
         dtype(which.problem) == cell.dtype;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line + "\n";
  return out;
}

bool has_lost_its_worker(const CaseResult& result) {
  return result.verdict == Verdict::fault && !result.findings.empty() &&
         is_of_worker(result.findings.front().kind);
}

/// No case of the cell has failed otherwise.
bool is_error(const RunRecord& run, const Cell& cell) {
  return std::all_of(run.cases.begin(), run.cases.end(), [&](const CaseResult& result) {
    return !is_in(cell, result.which) || !is_red(result) || has_lost_its_worker(result);
  });
}

/// <failure> or, where workers died alone, <error>: cards of the cell's failures; of its first
/// failing case, where another cell's failure has the same signature.
void add_problem(pugi::xml_node& test, const RunRecord& run, const Cell& cell, bool is_error) {
  std::string text;
  const CaseResult* first = nullptr;
  for (const FailureRecord& failure : run.failures) {
    if (!is_in(cell, failure.found)) continue;
    if (first == nullptr) first = &failure.shrunk;
    text += joined(card(failure)) + "\n";
  }
  for (const CaseResult& result : run.cases) {
    if (first != nullptr || !is_red(result) || !is_in(cell, result.which)) continue;
    first = &result;
    text = joined(card(result));
  }
  ATTEST_CHECK(first != nullptr);
  pugi::xml_node problem = test.append_child(is_error ? "error" : "failure");
  const std::string_view type =
      has_lost_its_worker(*first) ? name(first->findings.front().kind) : name(first->verdict);
  problem.append_attribute("type") = std::string(type).c_str();
  problem.append_attribute("message") = printable(one_line(*first)).c_str();
  problem.text() = printable("\n" + text).c_str();
}

void add_property(pugi::xml_node& properties, const char* key, const std::string& value) {
  pugi::xml_node property = properties.append_child("property");
  property.append_attribute("name") = key;
  property.append_attribute("value") = value.c_str();
}

/// "2 refused: rows are not aligned; 1 not_run: interrupted", over the dtype's cases of a kernel.
std::string skip_message(const RunRecord& run, const Cell& cell) {
  RunRecord skipped;
  for (const CaseResult& result : run.cases) {
    if (is_in(cell, result.which) && !is_judged(result.verdict)) skipped.cases.push_back(result);
  }
  std::string message;
  for (const Skip& skip : tally(skipped).skips) {
    message += fmt::format(
        "{}{} {}: {}", message.empty() ? "" : "; ", skip.cases, name(skip.verdict), skip.reason);
  }
  return message;
}

struct Sums {
  std::int64_t tests = 0;
  std::int64_t failures = 0;
  std::int64_t errors = 0;
  std::int64_t skipped = 0;
  void write(pugi::xml_node& node) const {
    node.append_attribute("tests") = tests;
    node.append_attribute("failures") = failures;
    node.append_attribute("errors") = errors;
    node.append_attribute("skipped") = skipped;
  }
  void add(const Sums& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
};

pugi::xml_node append_test(pugi::xml_node& suite, const Cell& cell, const std::string& name) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = printable(cell.kernel).c_str();
  test.append_attribute("name") = printable(name).c_str();
  return test;
}

/// The judged cases of a cell are one test; those that were not are another, skipped.
Sums add_cell(pugi::xml_node& suite, const RunRecord& run, const Cell& cell) {
  Sums sums;
  if (cell.counts.judged() > 0) {
    ++sums.tests;
    pugi::xml_node test = append_test(suite, cell, cell_name(cell));
    pugi::xml_node properties = test.append_child("properties");
    add_property(properties, "cases", std::to_string(cell.counts.judged()));
    add_property(properties, "launches", std::to_string(cell.launches));
    add_property(properties, "largest_o", ratio_text(cell.o.ratio));
    add_property(properties, "largest_lse", ratio_text(cell.lse.ratio));
    const bool has_failed =
        std::any_of(run.cases.begin(), run.cases.end(), [&cell](const CaseResult& result) {
          return is_red(result) && is_in(cell, result.which);
        });
    if (has_failed) {
      const bool is_of_workers = is_error(run, cell);
      ++(is_of_workers ? sums.errors : sums.failures);
      add_problem(test, run, cell, is_of_workers);
    }
  }
  if (const std::string message = skip_message(run, cell); !message.empty()) {
    ++sums.tests;
    ++sums.skipped;
    pugi::xml_node test = append_test(suite, cell, cell_name(cell) + ":not_judged");
    test.append_child("skipped").append_attribute("message") = printable(message).c_str();
  }
  return sums;
}

std::string render(const RunRecord& run, const RenderOptions&) {
  const Totals totals = tally(run);
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node root = document.append_child("testsuites");
  root.append_attribute("name") = "attest";
  Sums all;
  for (std::size_t i = 0; i < totals.cells.size();) {
    const std::string& kernel = totals.cells[i].kernel;
    pugi::xml_node suite = root.append_child("testsuite");
    suite.append_attribute("name") = printable(kernel).c_str();
    Sums sums;
    for (; i < totals.cells.size() && totals.cells[i].kernel == kernel; ++i) {
      sums.add(add_cell(suite, run, totals.cells[i]));
    }
    sums.write(suite);
    all.add(sums);
  }
  all.write(root);
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace

Format format_junit() {
  return {"junit", "JUnit XML: a test case per kernel, property and dtype", "junit.xml", render};
}

}  // namespace attest
