// Climbs on the runner's threads.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/climb_run.h"

#include "harness/cli/progress.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"
#include "properties/climb.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {
namespace {

CaseResult not_begun(const Case& which) {
  CaseResult result;
  result.which = which;
  result.reason = kInterrupted;
  return result;
}

}  // namespace

Plan climb_plan(const CheckOptions& options, Context& context) {
  const std::vector<Slope> slopes = slopes_of(options.search);
  const auto count = static_cast<std::int64_t>(slopes.size());
  std::vector<std::optional<CaseResult>> best(slopes.size());
  Progress progress(context.err, context.has_bar, "climbs", count);
  Work work;
  work.units = count;
  work.jobs = options.jobs;
  work.make_worker = [&] {
    return [&, judge = make_case_judge(context, options.device, options.has_checks, options.judge)](
               std::int64_t unit) mutable {
      const auto n = static_cast<std::size_t>(unit);
      const std::int64_t share = std::max<std::int64_t>(1, options.climb / count);
      const Evaluate evaluate = [&](const Case& which) {
        if (InterruptScope::is_interrupted()) return not_begun(which);
        const PlannedCase planned{which, slopes[n].kernel, nullptr, slopes[n].property};
        return judge(which, planned).result;
      };
      best[n] = climb(options.search, slopes[n], n, share, evaluate);
    };
  };
  work.delivered = [&](std::int64_t unit) { progress.update(unit + 1, 0); };
  work.stop = [] { return InterruptScope::is_interrupted(); };
  run_units(work);
  progress.finish();
  Plan plan;
  for (std::size_t n = 0; n < slopes.size(); ++n) {
    if (best[n])
      plan.cases.push_back({best[n]->which, slopes[n].kernel, nullptr, slopes[n].property});
  }
  return plan;
}

std::string climb_text(const RunRecord& run) {
  std::string out = "nearest to their bounds\n";
  for (const CaseResult& result : run.cases) {
    out += fmt::format("  o {}  lse {}  {}\n",
                       ratio_text(result.ratio_o),
                       ratio_text(result.ratio_lse),
                       replay_line(result.which));
  }
  return out + "\n";
}

}  // namespace attest
