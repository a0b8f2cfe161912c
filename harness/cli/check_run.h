// The main job: plan, judge every case, shrink what failed, all through the journal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command.h"
#include "properties/search.h"

#include <optional>
#include <string>

namespace attest {

struct CheckOptions {
  SearchOptions search;
  int jobs = 1;
  bool has_checks = true;                // false: bounds and alignment only
  std::optional<double> budget_seconds;  // no case or shrink step is begun after it
};

/// Journals the run at `journal_path` and gives it as read back from there, so that what is shown
/// is what can be rebuilt. SIGINT and SIGTERM end it early, with what it has. Errors  Code::io of
/// the journal.
Result<RunRecord> run_check(const CheckOptions& options,
                            const std::string& journal_path,
                            Context& context);

/// `executor` with every check off that a job may leave out, when `has_checks` is false.
[[nodiscard]] std::shared_ptr<Executor> with_checks(std::unique_ptr<Executor> executor,
                                                    bool has_checks);

}  // namespace attest
