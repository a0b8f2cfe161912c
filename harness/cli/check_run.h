// The main job: plan, judge every case, shrink what failed, all through the journal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/case_judge.h"
#include "harness/cli/command.h"
#include "harness/cli/device.h"
#include "harness/record/journal.h"
#include "properties/search.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

struct CheckOptions {
  SearchOptions search;
  DeviceChoice device;
  int jobs = 1;
  Shard shard;                           // of the plan's cases, by their numbers
  bool has_checks = true;                // false: bounds and alignment only
  std::optional<double> budget_seconds;  // no case or shrink step is begun after it
  bool asks_cudnn = true;                // for a second opinion
  std::int64_t climb = 0;                // evaluations; 0: the cases are drawn
  CaseJudgeOptions judge;
  std::vector<std::string> arguments;  // that say the same: what a resumed run is begun again with
};

/// A run as read back from its journal, so that what is shown is what can be rebuilt.
struct CheckedRun {
  RunRecord run;
  Status journal = Done{};  // an error that ended the run early: the disk is full
};

/// Journals the run at `journal_path`. SIGINT and SIGTERM end it early, with what it has.
/// Errors  Code::io where the journal can be begun or read back as little.
Result<CheckedRun> run_check(const CheckOptions& options,
                             const std::string& journal_path,
                             Context& context);

/// The same for a journal that was cut off: what it has is not judged again, except failures that
/// were being shrunk. Errors  also Code::bad_input for a journal of another plan.
Result<CheckedRun> resume_check(const CheckOptions& options,
                                const JournalContent& begun,
                                const std::string& journal_path,
                                Context& context);

}  // namespace attest
