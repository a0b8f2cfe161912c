// Format annotations: failures as workflow commands of GitHub Actions, beside the lines they are in.
// SPDX-License-Identifier: Apache-2.0
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/printable.h"
#include "reports/summary.h"

#include <fmt/format.h>

namespace attest {
namespace {

/// GitHub shows ten annotations of a kind for a step, and drops the rest without a word.
constexpr std::size_t kMost = 10;

/// What a message and, with more, a property may hold.
std::string escaped(const std::string& text, bool is_property) {
  std::string out;
  for (const char c : printable(text)) {
    const bool is_special = c == '%' || c == '\n' || (is_property && (c == ':' || c == ','));
    if (is_special) {
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string error_line(const CaseResult& result) {
  std::string properties;
  if (!result.findings.empty() && result.findings.front().party.site.line > 0) {
    const CodeSite& site = result.findings.front().party.site;
    properties = fmt::format("file={},line={},", escaped(site.file, true), site.line);
  }
  const std::string title =
      fmt::format("attest: {} / {}", result.which.kernel, result.which.property);
  const std::string message = fmt::format("{}\n{}", one_line(result), replay_line(result.which));
  return fmt::format(
      "::error {}title={}::{}\n", properties, escaped(title, true), escaped(message, false));
}

std::string pipeline_lines(const RunRecord& run) {
  std::string out;
  for (const LayerRecord& layer : run.layers) {
    for (const PipelineRecord& pipeline : layer.pipelines) {
      if (pipeline.verdict != Verdict::disagree && pipeline.verdict != Verdict::fault) continue;
      out += fmt::format(
          "::error title={}::{}\n",
          escaped("attest: pipeline " + pipeline.name, true),
          escaped(fmt::format(
                      "{}: {} {}", to_string(layer.layer), name(pipeline.verdict), pipeline.reason),
                  false));
    }
  }
  return out;
}

std::string render(const RunRecord& run, const RenderOptions& options) {
  if (!options.is_github) return "";
  std::string out;
  const std::size_t failures = run.failures.size();
  const std::size_t shown = failures > kMost ? kMost - 1 : failures;
  for (std::size_t n = 0; n < shown; ++n)
    out += error_line(run.failures[n].shrunk);
  if (failures > shown)
    out +=
        fmt::format("::error title=attest::{} more failures are in the report\n", failures - shown);
  out += pipeline_lines(run);
  const Conclusion conclusion = conclude(run);
  if (conclusion == Conclusion::could_not_judge || conclusion == Conclusion::nothing_judged) {
    out += fmt::format(
        "::warning title=attest::{}: {}\n", headline(conclusion), counts_line(run, tally(run)));
  }
  return out;
}

}  // namespace

Format format_annotations() {
  return {"annotations", "failures as annotations, where GITHUB_ACTIONS is set", "", render};
}

}  // namespace attest
