// Joins two runs by the id of a case, and adds up each kernel's common cases.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare.h"

#include "reports/failure_card.h"
#include "reports/layer_view.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

namespace attest {
namespace {

bool is_failure(Verdict verdict) {
  return verdict == Verdict::disagree || verdict == Verdict::fault;
}

/// A case, or a pipeline of a layer, as either side has it.
struct Entry {
  std::string kernel;
  bool is_layer = false;
  std::string id;
  Verdict verdict = Verdict::not_run;
  double ratio = 0;
  std::int64_t launches = 0;
  std::int64_t bytes = 0;
  std::int64_t touched = 0;
  std::int64_t instructions = 0;
  bool has_traffic = true;
  const CaseResult* result = nullptr;
  std::string what;    // of a layer
  std::string replay;  // of a layer
};

void add_launch(Entry& entry, const LaunchSummary& launch) {
  ++entry.launches;
  entry.instructions += launch.counts.warp_instructions;
  entry.has_traffic &= launch.counts.has_traffic;
  entry.bytes += launch.counts.traffic.global_bytes_requested;
  entry.touched += launch.counts.traffic.global_bytes_touched;
}

/// NaN is the worst that there is.
double worst(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::infinity();
  return std::max(a, b);
}

Entry entry_of(const CaseResult& result) {
  Entry entry;
  entry.kernel = fmt::format("{} {}", result.which.kernel, name(dtype(result.which.problem)));
  entry.id = id(result.which);
  entry.verdict = result.verdict;
  entry.ratio = worst(result.ratio_o, result.ratio_lse);
  for (const LaunchSummary& launch : result.launches)
    add_launch(entry, launch);
  entry.result = &result;
  return entry;
}

Entry entry_of(const LayerRecord& layer, const PipelineRecord& pipeline) {
  Entry entry;
  Case which;
  which.problem = layer.layer;
  which.kernel = pipeline.name;
  which.property = "count";
  which.mode = layer.mode;
  const std::string problem = to_string(layer.layer);
  entry.kernel = fmt::format("{} {}", problem, pipeline.name);
  entry.is_layer = true;
  entry.id = id(which);
  entry.verdict = pipeline.verdict;
  entry.ratio = worst(pipeline.ratio, 0);
  for (const StageRecord& stage : pipeline.stages)
    add_launch(entry, stage.launch);
  entry.launches = pipeline.launches;
  entry.what = pipeline.reason;
  if (!pipeline.findings.empty()) entry.what = describe(pipeline.findings.front());
  entry.what = entry.what.substr(0, entry.what.find('\n'));
  entry.replay = fmt::format("attest count '{}' --pipeline {}", problem, pipeline.name);
  return entry;
}

/// What a run has judged, in its order; a refused case has nothing to compare.
class Side {
 public:
  explicit Side(const RunRecord& run) {
    for (const CaseResult& result : run.cases) {
      if (is_judged(result.verdict)) add(entry_of(result));
    }
    for (const LayerRecord& layer : run.layers) {
      for (const PipelineRecord& pipeline : layer.pipelines) {
        if (is_judged(pipeline.verdict)) add(entry_of(layer, pipeline));
      }
    }
  }

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// Null where the run has no such case.
  [[nodiscard]] const Entry* find(const std::string& id) const {
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : &entries_[at->second];
  }

 private:
  void add(Entry entry) {
    if (by_id_.emplace(entry.id, entries_.size()).second) entries_.push_back(std::move(entry));
  }

  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_id_;
};

void add(std::optional<Figure>& figure, std::int64_t before, std::int64_t after) {
  if (!figure) figure.emplace();
  figure->before += static_cast<double>(before);
  figure->after += static_cast<double>(after);
}

double difference(double after, double before) {
  return after == before ? 0 : after - before;  // Inf - Inf
}

/// Keeps the case that rose most; while none has risen, the one with the largest ratio.
void take_ratio(std::optional<Figure>& figure, const Entry& before, const Entry& after) {
  const double change = difference(after.ratio, before.ratio);
  const bool is_first = !figure;
  if (is_first) figure.emplace();
  figure->fall = std::max(figure->fall, -change);
  const bool is_higher = change > figure->rise;
  const bool is_larger = figure->rise <= 0 && change >= 0 && after.ratio > figure->after;
  if (!is_first && !is_higher && !is_larger) return;
  figure->before = before.ratio;
  figure->after = after.ratio;
  figure->rise = std::max(figure->rise, change);
  figure->id = after.id;
}

void take_both(KernelChange& change, const Entry& before, const Entry& after) {
  ++change.common;
  Figure& falsified = *change[Metric::falsified];
  if (is_failure(after.verdict) && !is_failure(before.verdict)) falsified.rise += 1;
  if (!is_failure(after.verdict) && is_failure(before.verdict)) falsified.fall += 1;
  const auto has_ratio = [](const Entry& entry) { return entry.verdict != Verdict::fault; };
  if (has_ratio(before) && has_ratio(after)) take_ratio(change[Metric::ratio], before, after);
  // A case that fails may have ended early.
  if (is_failure(before.verdict) || is_failure(after.verdict)) return;
  add(change[Metric::launches], before.launches, after.launches);
  add(change[Metric::instructions], before.instructions, after.instructions);
  if (!before.has_traffic || !after.has_traffic) return;
  add(change[Metric::bytes], before.bytes, after.bytes);
  add(change[Metric::touched], before.touched, after.touched);
}

VerdictChange verdict_change(const Entry* before, const Entry* after) {
  const Entry& failing = after != nullptr && is_failure(after->verdict) ? *after : *before;
  VerdictChange change;
  change.kernel = failing.kernel;
  change.id = failing.id;
  change.before = before == nullptr ? "-" : std::string(name(before->verdict));
  change.after = after == nullptr ? "-" : std::string(name(after->verdict));
  change.what = failing.result != nullptr ? one_line(*failing.result) : failing.what;
  change.replay = failing.result != nullptr ? replay_line(failing.result->which) : failing.replay;
  return change;
}

ChangeWord word_of(const KernelChange& change) {
  if (change.common == 0) {
    if (change.only_base == 0) return ChangeWord::added;
    return change.only_new == 0 ? ChangeWord::gone : ChangeWord::ambiguous;
  }
  bool has_risen = false;
  bool has_fallen = false;
  for (const auto& figure : change.figures) {
    has_risen |= figure && figure->rise > 0;
    has_fallen |= figure && figure->fall > 0;
  }
  if (has_risen && has_fallen) return ChangeWord::ambiguous;
  if (has_risen) return ChangeWord::worse;
  return has_fallen ? ChangeWord::better : ChangeWord::same;
}

class Join {
 public:
  Join(const RunRecord& base, const RunRecord& next) : before_(base), after_(next) {}

  Comparison run() {
    for (const Entry& after : after_.entries())
      add_new(after);
    for (const Entry& before : before_.entries())
      add_base(before);
    for (auto& [key, change] : kernels_) {
      for (const Metric metric : kMetrics) {
        if (metric == Metric::falsified || metric == Metric::ratio || !change[metric]) continue;
        Figure& figure = *change[metric];
        figure.rise = std::max(0.0, figure.after - figure.before);
        figure.fall = std::max(0.0, figure.before - figure.after);
      }
      change.word = word_of(change);
      result_.common += change.common;
      result_.only_base += change.only_base;
      result_.only_new += change.only_new;
      result_.kernels.push_back(std::move(change));
    }
    return std::move(result_);
  }

 private:
  KernelChange& change_of(const Entry& entry) {
    KernelChange& change = kernels_[{entry.is_layer, entry.kernel}];
    change.kernel = entry.kernel;
    if (!change[Metric::falsified]) change[Metric::falsified].emplace();
    return change;
  }

  void add_new(const Entry& after) {
    KernelChange& change = change_of(after);
    Figure& falsified = *change[Metric::falsified];
    if (is_failure(after.verdict)) falsified.after += 1;
    const Entry* const before = before_.find(after.id);
    if (before != nullptr) {
      take_both(change, *before, after);
    } else {
      ++change.only_new;
      if (is_failure(after.verdict)) falsified.rise += 1;
    }
    const bool has_failed = before != nullptr && is_failure(before->verdict);
    if (is_failure(after.verdict) && !has_failed)
      result_.failures.push_back(verdict_change(before, &after));
  }

  void add_base(const Entry& before) {
    KernelChange& change = change_of(before);
    if (is_failure(before.verdict)) change[Metric::falsified]->before += 1;
    const Entry* const after = after_.find(before.id);
    if (after == nullptr) {
      ++change.only_base;
      return;
    }
    if (is_failure(before.verdict) && !is_failure(after->verdict))
      result_.fixed.push_back(verdict_change(&before, after));
  }

  Side before_;
  Side after_;
  std::map<std::pair<bool, std::string>, KernelChange> kernels_;
  Comparison result_;
};

std::string value_text(double value, Metric metric) {
  if (metric == Metric::ratio) return ratio_text(value);
  return fmt::format("{:.0f}", value);
}

std::string change_text(const Figure& figure, Metric metric) {
  if (metric == Metric::falsified) return fmt::format("{:.0f} new", figure.rise);
  const double change = difference(figure.after, figure.before);
  if (metric == Metric::ratio) return fmt::format("{:+.3g} in case {}", change, figure.id);
  if (figure.before == 0) return fmt::format("{:+.0f}", change);
  return fmt::format("{:+.0f}, {:+.3g} %", change, 100 * change / figure.before);
}

bool has_changed(const Figure& figure) {
  return figure.after != figure.before || figure.rise > 0;
}

}  // namespace

std::string_view name(Metric metric) {
  switch (metric) {
    case Metric::falsified:
      return "falsified";
    case Metric::ratio:
      return "ratio";
    case Metric::launches:
      return "launches";
    case Metric::bytes:
      return "bytes";
    case Metric::touched:
      return "touched";
    case Metric::instructions:
      return "instructions";
  }
  fail_check("metric has a name", __FILE__, __LINE__);
}

std::string_view name(ChangeWord word) {
  switch (word) {
    case ChangeWord::same:
      return "SAME";
    case ChangeWord::better:
      return "BETTER";
    case ChangeWord::worse:
      return "WORSE";
    case ChangeWord::ambiguous:
      return "AMBIGUOUS";
    case ChangeWord::added:
      return "NEW";
    case ChangeWord::gone:
      return "GONE";
  }
  fail_check("change has a word", __FILE__, __LINE__);
}

Comparison compare(const RunRecord& base, const RunRecord& next) {
  return Join(base, next).run();
}

std::string text_of(const std::optional<Figure>& figure, Metric metric) {
  if (!figure) return "-";
  if (!has_changed(*figure)) return value_text(figure->after, metric);
  return fmt::format("{} -> {} ({})",
                     value_text(figure->before, metric),
                     value_text(figure->after, metric),
                     change_text(*figure, metric));
}

Table kernels_table(const Comparison& comparison) {
  Table table{{{"kernel"}, {"change"}, {"common", true}, {"gone", true}, {"new", true}}, {}};
  for (const Metric metric : kMetrics)
    table.columns.push_back({std::string(name(metric)), true});
  for (const KernelChange& change : comparison.kernels) {
    std::vector<std::string> row = {change.kernel,
                                    std::string(name(change.word)),
                                    std::to_string(change.common),
                                    std::to_string(change.only_base),
                                    std::to_string(change.only_new)};
    for (const Metric metric : kMetrics)
      row.push_back(text_of(change[metric], metric));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string headline(const Comparison& comparison) {
  std::string words;
  for (const ChangeWord word : {ChangeWord::worse,
                                ChangeWord::ambiguous,
                                ChangeWord::added,
                                ChangeWord::gone,
                                ChangeWord::better,
                                ChangeWord::same}) {
    const auto count = std::count_if(comparison.kernels.begin(),
                                     comparison.kernels.end(),
                                     [word](const KernelChange& c) { return c.word == word; });
    if (count > 0) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count, name(word));
  }
  return fmt::format("{}; {} new {}, {} fixed; {} common cases, {} gone, {} new",
                     words.empty() ? "no kernel" : words,
                     comparison.failures.size(),
                     comparison.failures.size() == 1 ? "failure" : "failures",
                     comparison.fixed.size(),
                     comparison.common,
                     comparison.only_base,
                     comparison.only_new);
}

}  // namespace attest
