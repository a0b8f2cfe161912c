// Format html: one self-contained page that opens from disk; its parts are in reports/page.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "reports/compare.h"
#include "reports/failure_card.h"
#include "reports/format/format.h"
#include "reports/html_table.h"
#include "reports/launch_view.h"
#include "reports/layer_view.h"
#include "reports/page_data.h"
#include "reports/printable.h"
#include "reports/record_tables.h"
#include "reports/summary.h"
#include "reports/zoo_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <string_view>

namespace attest {
namespace embedded {
std::string_view page_template();
std::string_view page_style();
std::string_view page_script();
std::string_view page_chart();
}  // namespace embedded
namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

/// Cards and changes beyond these are in run.json, and in the table of all cases.
constexpr std::size_t kMostCards = 50;

struct Look {
  const char* css;
  const char* sign;
};
Look look_of(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::held:
      return {"good", "✔"};
    case Conclusion::falsified:
      return {"bad", "✘"};
    case Conclusion::could_not_judge:
    case Conclusion::nothing_judged:
      return {"doubt", "?"};
  }
  fail_check("conclusion has a look", __FILE__, __LINE__);
}

std::string joined(const std::vector<std::string>& lines, std::size_t first) {
  std::string out;
  for (std::size_t n = first; n < lines.size(); ++n)
    out += (n > first ? "\n" : "") + lines[n];
  return out;
}

data card_data(const FailureRecord& failure) {
  std::vector<std::string> lines = card(failure);
  ATTEST_CHECK(lines.size() > 1);
  lines.pop_back();  // the replay line, which has a place of its own
  data out;
  out.set("title", printable(lines.front()));
  out.set("text", printable(joined(lines, 1)));
  out.set("replay", printable(replay_line(failure.shrunk.which)));
  return out;
}

void set_failures(data& page, const RunRecord& run) {
  data cards{data::type::list};
  for (std::size_t n = 0; n < run.failures.size() && n < kMostCards; ++n)
    cards.push_back(card_data(run.failures[n]));
  page.set("has_failures", !run.failures.empty());
  page.set("failures", cards);
  if (run.failures.size() > kMostCards) {
    page.set("more_failures",
             fmt::format("{} more failures are in run.json and in the table of all cases.",
                         run.failures.size() - kMostCards));
  }
}

void set_changes(data& page, const RunRecord& run, const RunRecord* baseline) {
  page.set("has_baseline", baseline != nullptr);
  if (baseline == nullptr) return;
  const Comparison comparison = compare(*baseline, run);
  page.set("baseline_headline", headline(comparison));
  page.set("changes_table",
           to_html(kernels_table(comparison), "Kernels, from the baseline to this run"));
  data changes{data::type::list};
  const auto add = [&](std::string_view title, const std::vector<VerdictChange>& all) {
    for (std::size_t n = 0; n < all.size() && n < kMostCards; ++n) {
      data change;
      change.set("title",
                 printable(fmt::format("{}: {} id {}, {} before, {} now",
                                       title,
                                       all[n].kernel,
                                       all[n].id,
                                       all[n].before,
                                       all[n].after)));
      change.set("what", printable(all[n].what));
      change.set("replay", printable(all[n].replay));
      changes.push_back(change);
    }
  };
  add("New failure", comparison.failures);
  add("Fixed", comparison.fixed);
  page.set("changes", changes);
}

void set_layers(data& page, const RunRecord& run) {
  data layers{data::type::list};
  for (std::size_t n = 0; n < run.layers.size(); ++n) {
    const LayerView view = view_of(run.layers[n], run.env);
    data layer;
    layer.set("index", std::to_string(n));
    layer.set("title", printable(view.title));
    layer.set("pipelines_table", to_html(view.pipelines, "Pipelines, from most launches to one"));
    layer.set("operations_table", to_html(view.operations, "Number of the launch, by pipeline"));
    data details{data::type::list};
    for (const PipelineView& pipeline : view.details) {
      data detail;
      detail.set("title", printable(pipeline.title));
      detail.set("launches_table", to_html(pipeline.launches, "Launches in their order"));
      if (!pipeline.failures.empty())
        detail.set("failure", printable(joined(pipeline.failures, 0)));
      details.push_back(detail);
    }
    layer.set("details", details);
    layers.push_back(layer);
  }
  page.set("has_layers", !run.layers.empty());
  page.set("layers", layers);
}

data list_of(const std::vector<std::string>& texts) {
  data list{data::type::list};
  for (const std::string& text : texts)
    list.push_back(data(printable(text)));
  return list;
}

void set_pairs(data& page, const RunRecord& run) {
  data all{data::type::list};
  for (const PairRecord& pairs : run.pairs) {
    const std::int64_t empty = pairs.possible - pairs.met;
    if (empty == 0) continue;
    data of_kernel;
    of_kernel.set(
        "title",
        printable(fmt::format("{} {}: {} empty pairs", pairs.kernel, name(pairs.dtype), empty)));
    of_kernel.set("names", list_of(pairs.empty));
    const std::int64_t others = empty - static_cast<std::int64_t>(pairs.empty.size());
    if (others > 0) of_kernel.set("more", fmt::format("and {} more", others));
    all.push_back(of_kernel);
  }
  page.set("has_pairs", !run.pairs.empty());
  page.set("pairs_table", to_html(pairs_table(run), "Pairs of axis values, by kernel and dtype"));
  page.set("empty_pairs", all);
}

void set_oracles(data& page, const RunRecord& run) {
  data opinions{data::type::list};
  for (const OracleRecord& oracle : run.oracles) {
    data opinion;
    opinion.set("title", printable(oracle.name));
    opinion.set("line", printable(oracle_line(oracle)));
    opinion.set("is_built", oracle.is_built());
    opinion.set("keys_table", to_html(keys_table(oracle), "Keys that were planned or executed"));
    opinion.set("reasons_table", to_html(reasons_table(oracle), "Keys without a plan"));
    opinions.push_back(opinion);
  }
  page.set("oracles_table", to_html(oracles_table(run), "Oracles of this run"));
  page.set("has_opinions", !run.oracles.empty());
  page.set("opinions", opinions);
}

bool ran_on_gpu(const RunRecord& run) {
  return std::any_of(run.cases.begin(), run.cases.end(), [](const CaseResult& result) {
    return replay_line(result.which).find(" --device cuda") != std::string::npos;
  });
}

void set_verdict(data& page, const RunRecord& run, const Summary& summary) {
  const Look look = look_of(summary.conclusion);
  page.set("headline", std::string(headline(summary.conclusion)));
  page.set("verdict_class", look.css);
  page.set("sign", look.sign);
  page.set("version", printable(run.env.version));
  const std::string counts = fmt::format(
      "{} cases judged: {}", summary.totals.counts.judged(), counts_line(run, summary.totals));
  page.set("lead", run.layers.empty() ? counts : layers_line(run));
  std::vector<std::string> notes;
  if (!run.layers.empty() && !run.cases.empty()) notes.push_back(counts);
  for (const std::string& gap : gaps(run))
    notes.push_back(gap);
  page.set("notes", list_of(notes));
  std::vector<std::string> badges = {
      fmt::format("profile {}", run.profile),
      fmt::format("seed {:#x}", run.seed),
      ran_on_gpu(run) ? "some cases ran on a GPU" : "PTX on the CPU: nothing ran on a GPU"};
  for (const DtypeLargest& largest : summary.totals.largest) {
    badges.push_back(fmt::format("{}: largest error / bound {}",
                                 name(largest.dtype),
                                 ratio_text(std::max(largest.o.ratio, largest.lse.ratio))));
  }
  page.set("badges", list_of(badges));
}

void set_sections(data& page, const RenderOptions& options) {
  constexpr std::pair<const char*, const char*> kSections[] = {{"failures", "Failures"},
                                                               {"changes", "Since the baseline"},
                                                               {"kernels", "Kernels"},
                                                               {"coverage", "Drawn"},
                                                               {"skipped", "Not judged"},
                                                               {"heat", "Error over shape"},
                                                               {"error", "Error"},
                                                               {"position", "Position"},
                                                               {"layer", "10 to 1"},
                                                               {"launches", "Launches"},
                                                               {"oracles", "Who judged"},
                                                               {"zoo", "Faults"},
                                                               {"cases", "All cases"},
                                                               {"run", "The run"}};
  data sections{data::type::list};
  for (const auto& [section, title] : kSections) {
    const std::string_view id = section;
    if (options.baseline == nullptr && id == "changes") continue;
    if (options.zoo == nullptr && id == "zoo") continue;
    data entry;
    entry.set("id", section);
    entry.set("title", title);
    sections.push_back(entry);
  }
  page.set("sections", sections);
}

std::string render(const RunRecord& run, const RenderOptions& options) {
  const Summary summary = summarise(run);
  data page;
  page.set("style", std::string(embedded::page_style()));
  page.set("script", std::string(embedded::page_script()));
  page.set("chart", std::string(embedded::page_chart()));
  page.set("data", page_data(run));
  set_verdict(page, run, summary);
  set_sections(page, options);
  page.set("zoo_section", options.zoo == nullptr ? "" : zoo_section(*options.zoo));
  set_failures(page, run);
  set_changes(page, run, options.baseline);
  set_layers(page, run);
  set_pairs(page, run);
  page.set("kernels_table", to_html(summary.kernels, "Cases by kernel and dtype"));
  page.set("properties_table", to_html(summary.properties, "Cases by property"));
  page.set("has_errors", !summary.errors.rows.empty());
  page.set("errors_table", to_html(summary.errors, "Errors of O by kernel and dtype"));
  page.set("known_table", to_html(summary.known, "Failures that the corpus knows"));
  page.set("unconfirmed_table",
           to_html(summary.unconfirmed, "Further off than is likely, and not confirmed"));
  page.set("skips_table", to_html(summary.skips, "Cases that were not judged, by reason"));
  page.set("has_skips", !summary.skips.rows.empty());
  page.set("discarded",
           fmt::format("{} draws were discarded, since their property says nothing about them; {} "
                       "were drawn before.",
                       run.discarded,
                       run.duplicates));
  if (!summary.shapes.empty()) page.set("shapes", "Mix of shapes: " + summary.shapes + ".");
  page.set("launches_table", to_html(launches_table(run), "Launches by entry"));
  set_oracles(page, run);
  page.set("command", printable(run.env.command));
  page.set("run_table", to_html(run_table(run), "How this run was made"));
  mustache view{std::string(embedded::page_template())};
  ATTEST_CHECK(view.is_valid());
  return view.render(page);
}

}  // namespace

Format format_html() {
  return {"html", "one page for a browser, which opens from disk", "report.html", render};
}

}  // namespace attest
