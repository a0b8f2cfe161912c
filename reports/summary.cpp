// From the record's sums to the tables that people read.
// SPDX-License-Identifier: Apache-2.0
#include "reports/summary.h"

#include "harness/record/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace attest {
namespace {

/// Cells added up under one key.
struct Sum {
  VerdictCounts counts;
  Largest o;
  Largest lse;

  void add(const Cell& cell) {
    for (const Verdict verdict : kVerdicts)
      counts[verdict] += cell.counts[verdict];
    if (!(cell.o.ratio <= o.ratio)) o = cell.o;
    if (!(cell.lse.ratio <= lse.ratio)) lse = cell.lse;
  }
};

std::vector<Column> with_counts(std::vector<Column> columns) {
  columns.push_back({"cases", true});
  for (const Verdict verdict : kVerdicts) {
    columns.push_back({verdict == Verdict::not_run ? "not run" : std::string(name(verdict)), true});
  }
  columns.push_back({"largest o", true});
  columns.push_back({"largest lse", true});
  return columns;
}

std::vector<std::string> row(std::vector<std::string> keys, const Sum& sum) {
  keys.push_back(std::to_string(sum.counts.judged()));
  for (const Verdict verdict : kVerdicts)
    keys.push_back(std::to_string(sum.counts[verdict]));
  keys.push_back(ratio_text(sum.o.ratio));
  keys.push_back(ratio_text(sum.lse.ratio));
  return keys;
}

Table kernels_table(const Totals& totals) {
  std::map<std::pair<std::string, Dtype>, Sum> sums;
  for (const Cell& cell : totals.cells)
    sums[{cell.kernel, cell.dtype}].add(cell);
  Table table{with_counts({{"kernel"}, {"dtype"}}), {}};
  for (const auto& [key, sum] : sums) {
    table.rows.push_back(row({key.first, std::string(name(key.second))}, sum));
  }
  return table;
}

Table properties_table(const Totals& totals) {
  std::map<std::string, Sum> sums;
  for (const Cell& cell : totals.cells)
    sums[cell.property].add(cell);
  Table table{with_counts({{"property"}}), {}};
  for (const auto& [property, sum] : sums)
    table.rows.push_back(row({property}, sum));
  return table;
}

Table largest_table(const Totals& totals) {
  Table table{{{"dtype"}, {"o", true}, {"case"}, {"lse", true}, {"case"}}, {}};
  for (const DtypeLargest& entry : totals.largest) {
    table.rows.push_back({std::string(name(entry.dtype)),
                          ratio_text(entry.o.ratio),
                          entry.o.id,
                          ratio_text(entry.lse.ratio),
                          entry.lse.id});
  }
  return table;
}

Table errors_table(const RunRecord& run) {
  Table table{{{"kernel"},
               {"dtype"},
               {"cases", true},
               {"max", true},
               {"rms", true},
               {"bias", true},
               {"bound / |o|", true},
               {"max of likely", true},
               {"max of unfused", true},
               {"above twice", true},
               {"inconclusive", true}},
              {}};
  for (const Figures& entry : figures(run)) {
    table.rows.push_back({entry.kernel,
                          std::string(name(entry.dtype)),
                          std::to_string(entry.cases),
                          ratio_text(entry.ratio_max),
                          ratio_text(entry.ratio_rms),
                          ratio_text(entry.bias),
                          ratio_text(entry.bound_over_o),
                          ratio_text(entry.likely_max),
                          ratio_text(entry.unfused_max),
                          fmt::format("{} of {}", entry.above_twice, entry.conclusive),
                          std::to_string(entry.inconclusive)});
  }
  return table;
}

Table known_table(const RunRecord& run) {
  Table table{{{"case"}, {"kernel"}, {"verdict"}, {"known"}}, {}};
  for (const CaseResult& result : run.cases) {
    if (result.known.empty()) continue;
    const std::string holds = is_red(result) ? " HOLDS NOW: remove its line from the corpus" : "";
    table.rows.push_back({id(result.which),
                          result.which.kernel,
                          std::string(name(result.verdict)) + holds,
                          result.known});
  }
  return table;
}

Table unconfirmed_table(const RunRecord& run) {
  Table table{{{"case"}, {"kernel"}, {"what"}}, {}};
  for (const CaseResult& result : run.cases) {
    if (result.verdict != Verdict::agree || result.reason.empty()) continue;
    table.rows.push_back({id(result.which), result.which.kernel, result.reason});
  }
  return table;
}

Table skips_table(const Totals& totals) {
  Table table{{{"cases", true}, {"verdict"}, {"kernel"}, {"reason"}}, {}};
  for (const Skip& skip : totals.skips) {
    table.rows.push_back(
        {std::to_string(skip.cases),
         skip.verdict == Verdict::not_run ? "not run" : std::string(name(skip.verdict)),
         skip.kernel,
         skip.reason});
  }
  return table;
}

/// What a person must look at; refusals and graphs that were not evaluated are in run.json.
Table opinions_table(const RunRecord& run) {
  Table table{{{"oracle"}, {"key"}, {"opinion"}, {"detail"}, {"case"}}, {}};
  for (const OracleRecord& oracle : run.oracles) {
    for (const PlannedKey& key : oracle.keys) {
      if (key.opinion != kOpinionDisagrees) continue;
      table.rows.push_back({oracle.name,
                            key.key,
                            fmt::format("{}, {}", key.tier, key.opinion),
                            key.detail,
                            key.problem});
    }
    for (const CountedReason& death : oracle.deaths) {
      table.rows.push_back(
          {oracle.name, fmt::format("{} keys", death.keys), "none", death.reason, ""});
    }
  }
  return table;
}

/// "187 graphs agree, 1 disagrees, 12 not evaluated: SDPA_FWD"
std::string graphs_text(const OracleCounts& counts) {
  std::string text = fmt::format("{} graphs agree", counts.graphs_agree);
  const std::int64_t executed_wrong = counts.executed - counts.executed_agree;
  const std::int64_t disagree = counts.disagree - executed_wrong;
  if (disagree > 0) text += fmt::format(", {} disagree", disagree);
  for (const CountedReason& counted : counts.not_evaluated)
    text += fmt::format(", {} {}", counted.keys, counted.reason);
  return text;
}

}  // namespace

std::string oracle_line(const OracleRecord& oracle) {
  if (!oracle.is_built()) return fmt::format("{}: {}", oracle.name, oracle.state);
  const OracleCounts counts = count(oracle);
  std::string line =
      fmt::format("{} {}: {} executed", oracle.name, oracle.version, counts.executed);
  if (counts.executed > 0) line += fmt::format(" ({} agree)", counts.executed_agree);
  line += fmt::format(", {} planned", counts.planned);
  if (counts.planned > 0) line += fmt::format(" ({})", graphs_text(counts));
  line += fmt::format(", {} admitted, {} refused", oracle.admitted, counts.refused);
  if (counts.died > 0) line += fmt::format(", {} died", counts.died);
  return line;
}

std::string ratio_text(double ratio) {
  return fmt::format("{:.3g}", ratio);
}

bool is_red(const CaseResult& result) {
  const bool has_failed = result.verdict == Verdict::disagree || result.verdict == Verdict::fault;
  return result.known.empty() ? has_failed : result.verdict == Verdict::agree;
}

Conclusion conclude(const RunRecord& run) {
  bool has_layer = false;
  bool has_unjudged_layer = false;
  for (const LayerRecord& layer : run.layers) {
    const Verdict worst = verdict(layer);
    if (worst == Verdict::disagree || worst == Verdict::fault) return Conclusion::falsified;
    has_layer |= worst == Verdict::agree;
    has_unjudged_layer |= worst == Verdict::not_run;
  }
  if (std::any_of(run.cases.begin(), run.cases.end(), is_red)) return Conclusion::falsified;
  if (has_unjudged_layer) return Conclusion::could_not_judge;
  for (const OracleRecord& oracle : run.oracles) {
    if (count(oracle).disagree > 0) return Conclusion::could_not_judge;
  }
  for (const CaseResult& result : run.cases) {
    const bool is_expected = result.reason == kInterrupted || result.reason == kNoSecondExecutor;
    if (result.verdict == Verdict::not_run && !is_expected) return Conclusion::could_not_judge;
  }
  return has_layer || judged(run) > 0 ? Conclusion::held : Conclusion::nothing_judged;
}

std::string_view headline(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::held:
      return "HELD";
    case Conclusion::falsified:
      return "FALSIFIED";
    case Conclusion::could_not_judge:
      return "COULD NOT JUDGE";
    case Conclusion::nothing_judged:
      return "NOTHING JUDGED";
  }
  fail_check("conclusion has a headline", __FILE__, __LINE__);
}

std::vector<std::string> gaps(const RunRecord& run) {
  std::vector<std::string> out;
  if (run.interrupted || std::ssize(run.cases) < run.planned) {
    out.push_back(fmt::format("{} after {} of {} planned cases: partial results.",
                              run.interrupted ? "Interrupted" : "Out of time",
                              run.cases.size(),
                              run.planned));
  }
  const Environment& env = run.env;
  if (!env.missing.empty())
    out.push_back(fmt::format("Missing or cut off: shard {}.", fmt::join(env.missing, ", ")));
  if (env.shard != Shard{}) {
    out.push_back(
        fmt::format("Shard {} of a run: the others are not in this report.", to_string(env.shard)));
  }
  if (!env.retried.empty()) {
    constexpr std::ptrdiff_t kNamed = 5;
    const std::ptrdiff_t shown = std::min(kNamed, std::ssize(env.retried));
    std::string names =
        fmt::format("{}", fmt::join(env.retried.begin(), env.retried.begin() + shown, ", "));
    if (std::ssize(env.retried) > shown)
      names += fmt::format(" and {} more", std::ssize(env.retried) - shown);
    out.push_back(fmt::format("Begun twice, since the first worker died: {}.", names));
  }
  return out;
}

std::string counts_line(const RunRecord& run, const Totals& totals) {
  const VerdictCounts& counts = totals.counts;
  return fmt::format(
      "{} agree, {} disagree, {} fault; {} refused, {} not run; {} discarded, {} duplicates; "
      "{} launches",
      counts[Verdict::agree],
      counts[Verdict::disagree],
      counts[Verdict::fault],
      counts[Verdict::refused],
      counts[Verdict::not_run],
      run.discarded,
      run.duplicates,
      totals.launches);
}

std::string layers_line(const RunRecord& run) {
  std::int64_t pipelines = 0;
  VerdictCounts counts;
  for (const LayerRecord& layer : run.layers) {
    for (const PipelineRecord& pipeline : layer.pipelines) {
      ++pipelines;
      ++counts[pipeline.verdict];
    }
  }
  return fmt::format("{} {}, {} {}: {} agree, {} disagree, {} fault; {} refused, {} not run",
                     run.layers.size(),
                     run.layers.size() == 1 ? "layer" : "layers",
                     pipelines,
                     pipelines == 1 ? "pipeline" : "pipelines",
                     counts[Verdict::agree],
                     counts[Verdict::disagree],
                     counts[Verdict::fault],
                     counts[Verdict::refused],
                     counts[Verdict::not_run]);
}

Summary summarise(const RunRecord& run) {
  Summary summary;
  summary.conclusion = conclude(run);
  summary.totals = tally(run);
  summary.kernels = kernels_table(summary.totals);
  summary.properties = properties_table(summary.totals);
  summary.largest = largest_table(summary.totals);
  summary.errors = errors_table(run);
  summary.known = known_table(run);
  summary.unconfirmed = unconfirmed_table(run);
  summary.skips = skips_table(summary.totals);
  summary.opinions = opinions_table(run);
  summary.coverage = axis_coverage(run);
  summary.shapes = shape_mix(run);
  return summary;
}

}  // namespace attest
