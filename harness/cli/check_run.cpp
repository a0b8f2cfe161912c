// Runs a plan on the runner's threads, then shrinks one failure per signature.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/check_run.h"

#include "harness/cli/build_info.h"
#include "harness/cli/progress.h"
#include "harness/record/journal.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"

#include <fmt/format.h>

#include <chrono>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;

class Unchecked final : public Executor {
 public:
  explicit Unchecked(std::unique_ptr<Executor> inner) : inner_(std::move(inner)) {}
  Result<Execution> run(const Job& job) override {
    Job relaxed = job;
    relaxed.checks = false;
    return inner_->run(relaxed);
  }

 private:
  std::unique_ptr<Executor> inner_;
};

/// One run, from the plan to the end of the journal.
class CheckRun {
 public:
  CheckRun(const CheckOptions& options, JournalWriter& journal, Context& context)
      : options_(options),
        journal_(journal),
        context_(context),
        plan_(plan_cases(options.search)),
        results_(plan_.cases.size()) {}

  Status run() {
    RunRecord run;
    run.profile = options_.search.profile.name;
    run.seed = options_.search.seed;
    run.discarded = plan_.discarded;
    run.duplicates = plan_.duplicates;
    run.planned = static_cast<std::int64_t>(plan_.cases.size());
    run.env = current_environment(context_.command, options_.jobs);
    note(journal_.begin(run));
    judge_all();
    shrink_all();
    run.interrupted = InterruptScope::is_interrupted();
    run.env.wall_seconds = elapsed_seconds();
    note(journal_.end(run));
    return journal_status_;
  }

 private:
  [[nodiscard]] double elapsed_seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_).count();
  }
  [[nodiscard]] bool must_stop() const {
    const bool is_late = options_.budget_seconds && elapsed_seconds() > *options_.budget_seconds;
    return is_late || InterruptScope::is_interrupted();
  }
  [[nodiscard]] std::shared_ptr<Executor> make_executor() const {
    return with_checks(context_.make_executor(), options_.has_checks);
  }
  /// Keeps the first error of the journal; the run stops at it.
  void note(const Status& status) {
    if (!status && journal_status_) journal_status_ = status.error();
  }
  [[nodiscard]] static std::size_t index(std::int64_t unit) {
    return static_cast<std::size_t>(unit);
  }

  void judge_all() {
    Progress progress(context_.err, context_.has_bar, "cases", work_units(plan_.cases.size()));
    std::int64_t failing = 0;
    Work work;
    work.units = work_units(plan_.cases.size());
    work.jobs = options_.jobs;
    work.make_worker = [this] {
      return [this, executor = make_executor()](std::int64_t unit) {
        const PlannedCase& planned = plan_.cases[index(unit)];
        results_[index(unit)] = run_case(planned.which, planned, *executor);
      };
    };
    work.started = [this](std::int64_t unit) {
      note(journal_.start(unit, plan_.cases[index(unit)].which));
    };
    work.finished = [this](std::int64_t unit) {
      note(journal_.result(unit, results_[index(unit)]));
    };
    work.delivered = [&](std::int64_t unit) {
      if (is_failure(results_[index(unit)])) ++failing;
      progress.update(unit + 1, failing);
    };
    work.stop = [this] { return !journal_status_ || must_stop(); };
    results_.resize(index(run_units(work)));
    progress.finish();
  }

  void shrink_all() {
    const std::vector<std::size_t> distinct = distinct_failures(results_);
    std::vector<FailureRecord> failures(distinct.size());
    Progress progress(
        context_.err, context_.has_bar, "failures shrunk", work_units(distinct.size()));
    Work work;
    work.units = work_units(distinct.size());
    work.jobs = options_.jobs;
    work.make_worker = [&] {
      return [this, &failures, &distinct, executor = make_executor()](std::int64_t unit) {
        failures[index(unit)] = shrink_one(distinct[index(unit)], *executor);
      };
    };
    work.delivered = [&](std::int64_t unit) {
      note(journal_.failure(failures[index(unit)]));
      progress.update(unit + 1, unit + 1);
    };
    run_units(work);
    progress.finish();
  }

  [[nodiscard]] static std::int64_t work_units(std::size_t count) {
    return static_cast<std::int64_t>(count);
  }

  /// When time is up the failure stays as far as it was shrunk.
  FailureRecord shrink_one(std::size_t n, Executor& executor) const {
    const PlannedCase& planned = plan_.cases[n];
    const Evaluate evaluate = [&](const Case& which) {
      if (!must_stop()) return run_case(which, planned, executor);
      CaseResult none;
      none.which = which;
      none.reason = kInterrupted;
      return none;
    };
    ShrinkOptions how;
    how.budget = options_.search.profile.shrink_budget;
    how.kept = {.schedule = options_.search.schedule.has_value(),
                .approx = options_.search.approx.has_value(),
                .contract = options_.search.contract.has_value()};
    FailureRecord failure = shrink(results_[n], evaluate, how);
    failure.seen = same_signature(n);
    return failure;
  }

  [[nodiscard]] std::int64_t same_signature(std::size_t n) const {
    const Signature wanted = signature_of(results_[n]);
    std::int64_t seen = 0;
    for (const CaseResult& other : results_) {
      const bool is_same = is_failure(other) && other.which.kernel == results_[n].which.kernel &&
                           signature_of(other) == wanted;
      seen += is_same ? 1 : 0;
    }
    return seen;
  }

  const CheckOptions& options_;
  JournalWriter& journal_;
  Context& context_;
  Plan plan_;
  std::vector<CaseResult> results_;
  Status journal_status_ = Done{};
  Clock::time_point started_ = Clock::now();
};

}  // namespace

std::shared_ptr<Executor> with_checks(std::unique_ptr<Executor> executor, bool has_checks) {
  if (has_checks) return executor;
  return std::make_shared<Unchecked>(std::move(executor));
}

Result<RunRecord> run_check(const CheckOptions& options,
                            const std::string& journal_path,
                            Context& context) {
  ATTEST_TRY(JournalWriter journal, JournalWriter::create(journal_path));
  const InterruptScope scope;
  CheckRun run(options, journal, context);
  ATTEST_TRY([[maybe_unused]] const Done done, run.run());
  return read_journal(journal_path);
}

}  // namespace attest
