// Format summary.md: what a reviewer reads in a pull request: verdict, failures, tables.
// SPDX-License-Identifier: Apache-2.0
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/layer_view.h"
#include "reports/summary.h"

#include <fmt/format.h>

namespace attest {
namespace {

/// Finds the comment again, so that a later run replaces it.
constexpr std::string_view kMarker = "<!-- attest -->\n";
/// GitHub cuts a comment off at 65,536 characters.
constexpr std::size_t kMostFailures = 20;

std::string block(const std::vector<std::string>& lines) {
  std::string out = "```\n";
  for (const std::string& line : lines)
    out += line + "\n";
  return out + "```\n";
}

std::string section(std::string_view title, const Table& table) {
  const std::string body = to_markdown(table);
  return body.empty() ? "" : fmt::format("\n### {}\n\n{}", title, body);
}

std::string failures(const RunRecord& run) {
  std::string out;
  for (std::size_t n = 0; n < run.failures.size() && n < kMostFailures; ++n)
    out += "\n" + block(card(run.failures[n]));
  if (run.failures.size() > kMostFailures) {
    out +=
        fmt::format("\n{} more failures are in run.json.\n", run.failures.size() - kMostFailures);
  }
  return out;
}

std::vector<std::string> chart(const std::vector<Bar>& bars) {
  std::vector<std::string> lines;
  for (const Bar& bar : bars) {
    std::string cells;
    for (int cell = 0; cell < bar.length; ++cell)
      cells += "█";
    lines.push_back(fmt::format("{:<14}  {} {}", bar.name, cells, bar.value_text));
  }
  return lines;
}

std::string layer(const LayerView& view) {
  std::string out = fmt::format("\n### `{}`\n\n{}", view.title, to_markdown(view.pipelines));
  out += "\nLaunches\n\n" + block(chart(view.launches));
  out += "\nBytes touched\n\n" + block(chart(view.bytes_touched));
  out += "\nThe launch that does it\n\n" + to_markdown(view.operations);
  for (const PipelineView& pipeline : view.details) {
    if (!pipeline.failures.empty()) out += "\n" + block(pipeline.failures);
    out += fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n",
                       pipeline.title,
                       to_markdown(pipeline.launches));
  }
  return out;
}

std::string render(const RunRecord& run, const RenderOptions&) {
  const Summary summary = summarise(run);
  std::string out(kMarker);
  out += fmt::format("## attest: {}\n\n", headline(summary.conclusion));
  if (run.layers.empty()) {
    out += fmt::format("{} cases judged: {}. Profile {}, seed {:#x}.\n",
                       summary.totals.counts.judged(),
                       counts_line(run, summary.totals),
                       run.profile,
                       run.seed);
  } else {
    out += layers_line(run) + ".\n";
  }
  if (run.interrupted) out += "\n**Interrupted: partial results.**\n";
  out += failures(run);
  for (const LayerRecord& record : run.layers)
    out += layer(view_of(record, run.env));
  out += section("Kernels", summary.kernels);
  out += section("Properties", summary.properties);
  out += section("Largest error / bound, 1 is the limit", summary.largest);
  out += section("Not judged", summary.skips);
  return out;
}

}  // namespace

Format format_summary_md() {
  return {"summary_md", "Markdown for a pull request or a step summary", "summary.md", render};
}

}  // namespace attest
