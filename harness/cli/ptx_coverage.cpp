// Coverage as tables and as JSON.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ptx_coverage.h"

#include "harness/record/json_text.h"
#include "reports/table.h"

#include <fmt/format.h>

namespace attest {
namespace {

std::string ratio(const ptx::Tally& tally) {
  return fmt::format("{} / {}", tally.supported, tally.total);
}

/// One thing that is missing, an opcode or not.
struct Missing {
  std::string what;
  std::int64_t instructions = 0;
  int line = 0;
  std::string reason;
};

std::vector<Missing> missing(const ptx::Coverage& coverage) {
  std::vector<Missing> all;
  for (const ptx::OpcodeCount& opcode : coverage.opcodes) {
    if (opcode.refused > 0)
      all.push_back({opcode.opcode, opcode.refused, opcode.line, opcode.reason});
  }
  for (const ptx::Unsupported& other : coverage.other)
    all.push_back({other.instruction, 0, other.line, other.reason});
  return all;
}

Json to_json(const ptx::Tally& tally) {
  return {{"supported", tally.supported}, {"total", tally.total}};
}

Json to_json(const ptx::Coverage& coverage) {
  Json list = Json::array();
  for (const Missing& each : missing(coverage)) {
    list.push_back({{"opcode", each.what},
                    {"instructions", each.instructions},
                    {"line", each.line},
                    {"reason", each.reason}});
  }
  return {{"name", coverage.entry},
          {"opcodes", to_json(coverage.opcode_tally())},
          {"instructions", to_json(coverage.instruction_tally())},
          {"missing", std::move(list)}};
}

}  // namespace

std::string coverage_text(const CoverageView& view) {
  Table tallies{{{"entry"}, {"opcodes", true}, {"instructions", true}}, {}};
  const auto add_row = [&tallies](const std::string& name, const ptx::Coverage& coverage) {
    tallies.rows.push_back(
        {name, ratio(coverage.opcode_tally()), ratio(coverage.instruction_tally())});
  };
  for (const ptx::Coverage& entry : view.coverage.entries)
    add_row(entry.entry, entry);
  add_row("total", view.coverage.total);
  std::string out = "\nsupported / total\n" + to_text(tallies, 2);

  Table table{{{"missing"}, {"instructions", true}, {"first line", true}, {"why"}}, {}};
  for (const Missing& each : missing(view.coverage.total)) {
    table.rows.push_back(
        {each.what, std::to_string(each.instructions), std::to_string(each.line), each.reason});
  }
  return out + (table.rows.empty() ? "" : "\n" + to_text(table, 2));
}

std::string coverage_json(const CoverageView& view) {
  Json entries = Json::array();
  for (const ptx::Coverage& entry : view.coverage.entries)
    entries.push_back(to_json(entry));
  const Json json = {{"schema", 1},
                     {"file", view.file},
                     {"version", view.module.version},
                     {"targets", view.module.targets},
                     {"entries", std::move(entries)},
                     {"total", to_json(view.coverage.total)}};
  constexpr int kOpenLevels = 2;
  return attest::to_text(json, kOpenLevels);
}

}  // namespace attest
