// Command compare: what has changed between two runs; the gate of a merge.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare.h"

#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/run_input.h"
#include "reports/compare_json.h"
#include "reports/gate.h"

#include <fmt/format.h>

namespace attest {
namespace {

struct Flags {
  std::string base;
  std::string next;
  std::vector<std::string> fail_on;
  std::string json;
  bool is_markdown = false;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("compare",
                   "What has changed from one run to another: failures, error / bound, launches, "
                   "bytes and instructions of each kernel, over the cases that both have judged.");
  parser.text("base", flags.base, "a report folder, its events.ndjson or a run.json: before");
  parser.text("new", flags.next, "the same: after");
  parser.each("--fail-on",
              flags.fail_on,
              "exit 1 when a kernel's rise exceeds this: falsified>0, launches>0, bytes>1%, "
              "touched>1%, instructions>1%, ratio>+0.1");
  parser.text(
      "--json", flags.json, "write all of it here as JSON; - is stdout, instead of the tables");
  parser.flag("--md", flags.is_markdown, "tables as Markdown");
  return parser.parse(arguments, context.out);
}

Result<std::vector<Gate>> read_gates(const Flags& flags) {
  if (flags.base.empty() || flags.next.empty())
    return Error{Code::bad_input, "needs two runs, BASE and NEW", "compare"};
  std::vector<Gate> gates;
  for (const std::string& text : flags.fail_on) {
    ATTEST_TRY(gates.emplace_back(), parse_gate(text));
  }
  return gates;
}

void print_changes(std::string_view title,
                   const std::vector<VerdictChange>& changes,
                   std::ostream& out) {
  if (changes.empty()) return;
  out << title << "\n";
  for (const VerdictChange& change : changes) {
    out << fmt::format("  {}  {}  {} -> {}  {}\n",
                       change.id,
                       change.kernel,
                       change.before,
                       change.after,
                       change.what);
    out << fmt::format("            {}\n", change.replay);
  }
  out << "\n";
}

void print_tables(const Comparison& comparison, bool is_markdown, std::ostream& out) {
  const Table table = kernels_table(comparison);
  print_changes("new failures", comparison.failures, out);
  print_changes("fixed", comparison.fixed, out);
  out << (is_markdown ? to_markdown(table) : to_text(table, 0)) << "\n";
  out << headline(comparison) << "\n";
}

Result<Exit> compare_runs(const Flags& flags, Context& context) {
  ATTEST_TRY(const std::vector<Gate> gates, read_gates(flags));
  ATTEST_TRY(const RunRecord base, read_run(flags.base));
  ATTEST_TRY(const RunRecord next, read_run(flags.next));
  const Comparison comparison = compare(base, next);
  std::vector<GateOutcome> outcomes;
  for (const Gate& gate : gates)
    outcomes.push_back({gate.text, exceeded(gate, comparison).value_or("")});
  // With --json - stdout is for programs, and what people read goes to stderr.
  std::ostream& lines = flags.json == "-" ? context.err : context.out;
  if (flags.json != "-") print_tables(comparison, flags.is_markdown, context.out);
  bool has_held = false;
  for (const GateOutcome& outcome : outcomes) {
    if (outcome.line.empty()) continue;
    has_held = true;
    lines << outcome.line << "\n";
  }
  const Exit exit = has_held                ? Exit::falsified
                    : comparison.common > 0 ? Exit::held
                                            : Exit::nothing_judged;
  if (exit == Exit::nothing_judged)
    lines << "nothing is comparable: no case was judged in both runs\n";
  const std::string json = to_comparison_json(comparison, outcomes);
  if (flags.json == "-") context.out << json;
  if (flags.json.empty() || flags.json == "-") return exit;
  return first_of({exit, report_unwritten(write_file(flags.json, json), context)});
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = compare_runs(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_compare() {
  return {"compare", "what has changed between two runs", run_command};
}

}  // namespace attest
