// Format terminal: failure cards, tables, and the verdict as the last line.
// SPDX-License-Identifier: Apache-2.0
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/layer_view.h"
#include "reports/printable.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <iterator>

namespace attest {
namespace {

constexpr std::string_view kPrefix = "========= ";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kGreen = "\x1b[1;32m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, const RenderOptions& options) {
  if (!options.has_colour) return std::string(text);
  return fmt::format("{}{}{}", colour, text, kPlain);
}

std::string_view colour_of(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::held:
      return kGreen;
    case Conclusion::falsified:
      return kRed;
    case Conclusion::could_not_judge:
    case Conclusion::nothing_judged:
      return kYellow;
  }
  fail_check("conclusion has a colour", __FILE__, __LINE__);
}

std::string cards(const RunRecord& run, const RenderOptions& options) {
  std::string out;
  for (const FailureRecord& failure : run.failures) {
    bool is_heading = true;
    for (const std::string& line : card(failure)) {
      out += kPrefix;
      const std::string text = single_line(line);
      out += is_heading ? coloured(text, kRed, options) : text;
      out += '\n';
      is_heading = false;
    }
    out += '\n';
  }
  return out;
}

std::string section(std::string_view title, const std::string& body) {
  return body.empty() ? "" : fmt::format("{}\n{}\n", title, body);
}

std::string coverage_text(const Summary& summary) {
  std::string out;
  for (const AxisCoverage& axis : summary.coverage) {
    std::string values;
    for (const auto& [value, cases] : axis.values)
      values += fmt::format("  {} {}", value, cases);
    if (!values.empty()) out += fmt::format("  {:<6}{}\n", axis.axis, values);
  }
  if (!summary.shapes.empty()) out += fmt::format("  {:<6}  {}\n", "shape", summary.shapes);
  return out;
}

/// A line for each oracle beside eigen, then what a person must look at.
std::string opinions_text(const RunRecord& run, const Summary& summary) {
  std::string out;
  for (const OracleRecord& oracle : run.oracles)
    out += fmt::format("  {}\n", single_line(oracle_line(oracle)));
  return out + to_text(summary.opinions, 4);
}

/// Charts of one cell a column, the name and the value beside each.
std::string chart(std::string_view title, const std::vector<Bar>& bars) {
  if (bars.empty()) return "";
  std::string out = fmt::format("  {}\n", title);
  for (const Bar& bar : bars) {
    out += fmt::format("    {:<{}}  ", bar.name, name_width(bars));
    for (int cell = 0; cell < bar.length; ++cell)
      out += "█";
    out += fmt::format(" {}\n", bar.value_text);
  }
  return out + "\n";
}

std::string layer_text(const LayerView& view) {
  std::string out = view.title + "\n";
  out += to_text(view.pipelines, 2) + "\n";
  out += chart("launches", view.launches);
  out += chart("bytes touched", view.bytes_touched);
  out += "  the launch that does it\n" + to_text(view.operations, 4) + "\n";
  for (const PipelineView& pipeline : view.details) {
    out += fmt::format("  {}\n{}", pipeline.title, to_text(pipeline.launches, 4));
    for (const std::string& line : pipeline.failures)
      out += fmt::format("{}{}\n", kPrefix, single_line(line));
    out += '\n';
  }
  return out;
}

std::string verdict_bar(const RunRecord& run,
                        const Summary& summary,
                        const RenderOptions& options) {
  std::string out;
  for (const std::string& gap : gaps(run))
    out += coloured(single_line(gap), kYellow, options) + "\n";
  if (!run.layers.empty()) {
    out +=
        fmt::format("{}  {}\n",
                    coloured(headline(summary.conclusion), colour_of(summary.conclusion), options),
                    layers_line(run));
    if (run.cases.empty()) return out;
  }
  out += fmt::format("{}  {} cases judged: {}\n",
                     coloured(headline(summary.conclusion), colour_of(summary.conclusion), options),
                     summary.totals.counts.judged(),
                     counts_line(run, summary.totals));
  return out;
}

std::string render(const RunRecord& run, const RenderOptions& options) {
  const Summary summary = summarise(run);
  std::string out = fmt::format("attest {}  profile {}  seed {:#x}  {:.1f} s on {} {}\n\n",
                                single_line(run.env.version),
                                single_line(run.profile),
                                run.seed,
                                run.env.wall_seconds,
                                run.env.jobs,
                                run.env.jobs == 1 ? "thread" : "threads");
  for (const LayerRecord& layer : run.layers)
    out += layer_text(view_of(layer, run.env));
  out += cards(run, options);
  out += section("kernels", to_text(summary.kernels, 2));
  out += section("properties", to_text(summary.properties, 2));
  out += section("largest error / bound, 1 is the limit", to_text(summary.largest, 2));
  out += section("error / bound of O, where it was held against the reference",
                 to_text(summary.errors, 2));
  out += section("known failures", to_text(summary.known, 2));
  out += section("beyond what is likely, not confirmed", to_text(summary.unconfirmed, 2));
  out += section("not judged", to_text(summary.skips, 2));
  out += section("second opinions", opinions_text(run, summary));
  out += section("coverage of the judged cases", coverage_text(summary));
  out += verdict_bar(run, summary, options);
  return out;
}

}  // namespace

Format format_terminal() {
  return {"terminal",
          "failure cards, tables by kernel and property, coverage, the verdict last",
          "",
          render};
}

}  // namespace attest
