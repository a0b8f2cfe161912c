// Format summary.md: what a reviewer reads in a pull request: verdict, failures, tables.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare.h"
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/layer_view.h"
#include "reports/printable.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {
namespace {

/// Finds the comment again, so that a later run replaces it.
constexpr std::string_view kMarker = "<!-- attest -->\n";
/// GitHub takes no comment above 65,536 characters; what comes after this is left out.
constexpr std::size_t kMostBytes = 60'000;
constexpr std::size_t kMostFailures = 20;
constexpr std::size_t kMostCardBytes = 2'000;

/// A code block of any text: nothing in it ends the block, and it is not long.
std::string block(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  if (text.size() > kMostCardBytes) text.replace(kMostCardBytes, std::string::npos, "..\n");
  text = printable(text);
  for (std::size_t at = text.find("```"); at != std::string::npos; at = text.find("```", at))
    text.replace(at, 3, "'''");
  return "```\n" + text + "```\n";
}

/// Text of a program within a line.
std::string code(std::string_view text) {
  std::string out = printable(text);
  std::replace(out.begin(), out.end(), '`', '\'');
  std::replace(out.begin(), out.end(), '\n', ' ');
  return "`" + out + "`";
}

/// Words in a sentence: no markup, one line.
std::string words(std::string_view text) {
  std::string out;
  for (const char c : html_text(text)) {
    if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string section(std::string_view title, const Table& table) {
  const std::string body = to_markdown(table);
  return body.empty() ? "" : fmt::format("\n### {}\n\n{}", title, body);
}

std::vector<std::string> failures(const RunRecord& run) {
  std::vector<std::string> parts;
  for (std::size_t n = 0; n < run.failures.size() && n < kMostFailures; ++n)
    parts.push_back("\n" + block(card(run.failures[n])));
  if (run.failures.size() > kMostFailures) {
    parts.push_back(
        fmt::format("\n{} more failures are in run.json.\n", run.failures.size() - kMostFailures));
  }
  return parts;
}

/// What has changed since the baseline.
std::string changes(const RunRecord& run, const RunRecord& baseline) {
  const Comparison comparison = compare(baseline, run);
  std::string out = fmt::format("\n### Since the baseline: {}\n\n", headline(comparison));
  std::vector<std::string> lines;
  for (const VerdictChange& failure : comparison.failures) {
    if (lines.size() == kMostFailures) break;
    lines.push_back(fmt::format("new failure  {}  {}", failure.kernel, failure.what));
    lines.push_back(fmt::format("             {}", failure.replay));
  }
  if (!lines.empty()) out += block(lines) + "\n";
  return out + to_markdown(kernels_table(comparison));
}

std::vector<std::string> chart(const std::vector<Bar>& bars) {
  std::vector<std::string> lines;
  for (const Bar& bar : bars) {
    std::string cells;
    for (int cell = 0; cell < bar.length; ++cell)
      cells += "█";
    lines.push_back(
        fmt::format("{:<{}}  {} {}", bar.name, name_width(bars), cells, bar.value_text));
  }
  return lines;
}

std::string layer(const LayerView& view) {
  std::string out = fmt::format("\n### {}\n\n{}", code(view.title), to_markdown(view.pipelines));
  out += "\nLaunches\n\n" + block(chart(view.launches));
  if (!view.bytes_touched.empty()) {
    out += "\nBytes touched\n\n" + block(chart(view.bytes_touched));
  }
  out += "\nThe launch that does it\n\n" + to_markdown(view.operations);
  for (const PipelineView& pipeline : view.details) {
    if (!pipeline.failures.empty()) out += "\n" + block(pipeline.failures);
    out += fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n",
                       words(pipeline.title),
                       to_markdown(pipeline.launches));
  }
  return out;
}

std::string opening(const RunRecord& run, const Summary& summary) {
  std::string out(kMarker);
  out += fmt::format("## attest: {}\n\n", headline(summary.conclusion));
  if (!run.layers.empty()) out += layers_line(run) + ".\n";
  if (run.layers.empty() || !run.cases.empty()) {
    out += fmt::format("{} cases judged: {}. Profile {}, seed {:#x}.\n",
                       summary.totals.counts.judged(),
                       counts_line(run, summary.totals),
                       words(run.profile),
                       run.seed);
  }
  for (const std::string& gap : gaps(run))
    out += fmt::format("\n**{}**\n", words(gap));
  return out;
}

std::string opinions(const RunRecord& run, const Summary& summary) {
  std::string out;
  if (!run.oracles.empty()) out += "\n### Second opinions\n\n";
  for (const OracleRecord& oracle : run.oracles)
    out += fmt::format("- {}\n", words(oracle_line(oracle)));
  if (!summary.opinions.rows.empty()) out += "\n" + to_markdown(summary.opinions);
  return out;
}

std::string render(const RunRecord& run, const RenderOptions& options) {
  const Summary summary = summarise(run);
  std::vector<std::string> parts = failures(run);
  if (options.baseline != nullptr) parts.push_back(changes(run, *options.baseline));
  for (const LayerRecord& record : run.layers)
    parts.push_back(layer(view_of(record, run.env)));
  parts.push_back(section("Kernels", summary.kernels));
  parts.push_back(section("Properties", summary.properties));
  parts.push_back(section("Largest error / bound, 1 is the limit", summary.largest));
  parts.push_back(
      section("Error / bound of O, where it was held against the reference", summary.errors));
  parts.push_back(section("Known failures", summary.known));
  parts.push_back(section("Beyond what is likely, not confirmed", summary.unconfirmed));
  parts.push_back(section("Not judged", summary.skips));
  parts.push_back(opinions(run, summary));
  std::string out = opening(run, summary);
  std::size_t left_out = 0;
  for (const std::string& part : parts) {
    if (out.size() + part.size() > kMostBytes) {
      ++left_out;
    } else {
      out += part;
    }
  }
  if (left_out > 0) {
    out += fmt::format("\n{} parts did not fit in here; report.html has them.\n", left_out);
  }
  return out;
}

}  // namespace

Format format_summary_md() {
  return {"summary_md", "Markdown for a pull request or a step summary", "summary.md", render};
}

}  // namespace attest
