// The order of exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/exit_code.h"

#include "harness/base/finding_kinds.h"
#include "reports/summary.h"

#include <algorithm>
#include <array>

namespace attest {
namespace {

constexpr std::array<Exit, 8> kPrecedence = {Exit::interrupted,
                                             Exit::internal,
                                             Exit::bad_input,
                                             Exit::falsified,
                                             Exit::workers_died,
                                             Exit::could_not_judge,
                                             Exit::nothing_judged,
                                             Exit::held};

Exit exit_of_conclusion(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::held:
      return Exit::held;
    case Conclusion::falsified:
      return Exit::falsified;
    case Conclusion::could_not_judge:
      return Exit::could_not_judge;
    case Conclusion::nothing_judged:
      return Exit::nothing_judged;
  }
  fail_check("conclusion has an exit code", __FILE__, __LINE__);
}

/// Nothing failed but workers.
bool only_workers_died(const RunRecord& run) {
  bool has_died = false;
  for (const CaseResult& result : run.cases) {
    if (!is_red(result)) continue;
    if (result.findings.empty() || !is_of_worker(result.findings.front().kind)) return false;
    has_died = true;
  }
  return has_died;
}

}  // namespace

Exit first_of(std::initializer_list<Exit> exits) {
  for (const Exit exit : kPrecedence) {
    if (std::find(exits.begin(), exits.end(), exit) != exits.end()) return exit;
  }
  return Exit::held;
}

Exit exit_of(const RunRecord& run) {
  const Exit concluded =
      only_workers_died(run) ? Exit::workers_died : exit_of_conclusion(conclude(run));
  return first_of({run.interrupted ? Exit::interrupted : Exit::held, concluded});
}

Exit exit_of_cut_off(RunRecord run) {
  run.interrupted = false;
  return first_of({exit_of(run), Exit::could_not_judge});
}

}  // namespace attest
