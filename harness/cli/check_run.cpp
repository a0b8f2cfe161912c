// Runs a plan on the runner's threads, then shrinks one failure per signature.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/check_run.h"

#include "harness/base/finding_kinds.h"
#include "harness/cli/build_info.h"
#include "harness/cli/climb_run.h"
#include "harness/cli/cudnn_opinion.h"
#include "harness/cli/opinions.h"
#include "harness/cli/progress.h"
#include "harness/record/journal.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"
#include "properties/blame.h"
#include "properties/pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;

/// One run, from the plan to the end of the journal.
class CheckRun {
 public:
  CheckRun(const CheckOptions& options, Context& context)
      : options_(options),
        context_(context),
        plan_(options.climb > 0 ? climb_plan(options, context) : plan_cases(options.search)) {
    const auto cases = static_cast<std::int64_t>(plan_.cases.size());
    for (std::int64_t n = options.shard.index - 1; n < cases; n += options.shard.of)
      mine_.push_back(n);
    results_.resize(mine_.size());
    is_retried_.resize(mine_.size());
    run_.profile = options_.search.profile.name;
    run_.seed = options_.search.seed;
    run_.plan = digest(plan_);
    run_.discarded = plan_.discarded;
    run_.duplicates = plan_.duplicates;
    run_.planned = static_cast<std::int64_t>(mine_.size());
    run_.env = current_environment(context_.command, options_.jobs);
    run_.env.shard = options_.shard;
  }

  Status begin(JournalWriter& journal) {
    note(journal.begin(run_, options_.arguments));
    return run(journal);
  }

  /// Errors  Code::bad_input, with `path`, for a journal of another plan.
  Status take_up(const JournalContent& begun, const std::string& path) {
    const bool is_same = begun.run.plan == run_.plan && begun.run.env.shard == options_.shard;
    if (!is_same || begun.run.env.version != run_.env.version) {
      return Error{Code::bad_input, "tells of other cases or kernels than this program has", path};
    }
    for (std::size_t i = 0; i < begun.numbers.size(); ++i) {
      const std::int64_t at = begun.numbers[i] / options_.shard.of;
      if (at >= run_.planned || mine_[index(at)] != begun.numbers[i]) {
        return Error{Code::bad_input, "tells of a case that is not of this run", path};
      }
      const CaseResult& result = begun.run.cases[i];
      if (result.reason == kInterrupted) {
        is_retried_[index(at)] = 1;
      } else {
        results_[index(at)] = result;
      }
    }
    const bool is_whole = std::all_of(
        results_.begin(), results_.end(), [](const auto& result) { return result.has_value(); });
    for (std::size_t i = 0; is_whole && i < begun.failure_numbers.size(); ++i)
      shrunk_.emplace(begun.failure_numbers[i], begun.run.failures[i]);
    if (begun.run.interrupted && begun.has_ended) shrunk_.clear();  // they may be half shrunk
    return Done{};
  }

  Status resume(JournalWriter& journal) {
    note(journal.resume(run_));
    return run(journal);
  }

 private:
  Status run(JournalWriter& journal) {
    journal_ = &journal;
    judge_all();
    if (!journal_status_) return journal_status_;
    if (options_.asks_cudnn) ask_cudnn();
    shrink_all();
    run_.interrupted = InterruptScope::is_interrupted();
    for (std::int64_t at = 0; at < run_.planned; ++at) {
      if (is_retried_[index(at)] != 0) run_.env.retried.push_back(id(planned(at).which));
    }
    for (const PairRecord& pairs : pair_records(judged_cases(), options_.search.kernels))
      note(journal.pairs(pairs));
    run_.env.wall_seconds = elapsed_seconds();
    note(journal.end(run_));
    return journal_status_;
  }

  [[nodiscard]] double elapsed_seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_).count();
  }
  [[nodiscard]] bool must_stop() const {
    const bool is_late = options_.budget_seconds && elapsed_seconds() > *options_.budget_seconds;
    return is_late || InterruptScope::is_interrupted();
  }
  [[nodiscard]] CaseJudge make_judge() const {
    return make_case_judge(context_, options_.device, options_.has_checks, options_.judge);
  }
  /// Keeps the first error of the journal; the run stops at it.
  void note(const Status& status) {
    if (!status && journal_status_) journal_status_ = status.error();
  }
  [[nodiscard]] static std::size_t index(std::int64_t unit) {
    return static_cast<std::size_t>(unit);
  }
  [[nodiscard]] const PlannedCase& planned(std::int64_t at) const {
    return plan_.cases[index(mine_[index(at)])];
  }

  void judge_all() {
    std::vector<std::int64_t> due;  // places in `mine_`
    for (std::int64_t at = 0; at < run_.planned; ++at) {
      if (!results_[index(at)]) due.push_back(at);
    }
    const std::int64_t before = run_.planned - static_cast<std::int64_t>(due.size());
    auto failing =
        std::count_if(results_.begin(), results_.end(), [](const std::optional<CaseResult>& r) {
          return r && is_failure(*r);
        });
    Progress progress(context_.err, context_.has_bar, "cases", run_.planned, before);
    Work work;
    work.units = static_cast<std::int64_t>(due.size());
    work.jobs = options_.jobs;
    work.make_worker = [&] {
      return [this, &due, judge = make_judge()](std::int64_t unit) mutable {
        const std::int64_t at = due[index(unit)];
        Judged judged = judge(planned(at).which, planned(at));
        results_[index(at)] = std::move(judged.result);
        results_[index(at)]->known = planned(at).known;
        if (judged.is_retried) is_retried_[index(at)] = 1;
      };
    };
    work.started = [&](std::int64_t unit) {
      const std::int64_t at = due[index(unit)];
      note(journal_->start(mine_[index(at)], planned(at).which));
    };
    work.finished = [&](std::int64_t unit) {
      const std::int64_t at = due[index(unit)];
      note(journal_->result(mine_[index(at)], *results_[index(at)]));
    };
    work.delivered = [&](std::int64_t unit) {
      if (is_failure(*results_[index(due[index(unit)])])) ++failing;
      progress.update(before + unit + 1, failing);
    };
    work.stop = [this] { return !journal_status_ || must_stop(); };
    run_units(work);
    progress.finish();
  }

  void ask_cudnn() {
    if (options_.shard != Shard{}) return note(journal_->oracle(opinion_left_to_merge()));
    CudnnOpinionOptions how;
    how.program = context_.cudnn_program;
    how.plans = options_.search.profile.plans;
    how.jobs = options_.jobs;
    how.stop = [this] { return !journal_status_ || must_stop(); };
    how.problems = attentions_of(judged_cases());
    std::optional<Progress> progress;
    how.progress = [&](std::size_t done, std::size_t all) {
      if (!progress) {
        progress.emplace(
            context_.err, context_.has_bar, "questions to cuDNN", static_cast<std::int64_t>(all));
      }
      progress->update(static_cast<std::int64_t>(done), 0);
    };
    note(journal_->oracle(cudnn_opinion(how)));
    if (progress) progress->finish();
  }

  /// In the order of the plan.
  [[nodiscard]] std::vector<CaseResult> judged_cases() const {
    std::vector<CaseResult> judged;
    for (const auto& result : results_) {
      if (result) judged.push_back(*result);
    }
    return judged;
  }

  void shrink_all() {
    const std::vector<CaseResult> judged = judged_cases();
    std::vector<std::int64_t> numbers;
    for (std::size_t at = 0; at < results_.size(); ++at) {
      if (results_[at]) numbers.push_back(mine_[at]);
    }
    const std::vector<std::size_t> distinct = distinct_failures(judged);
    std::vector<FailureRecord> failures(distinct.size());
    Progress progress(context_.err,
                      context_.has_bar,
                      "failures shrunk",
                      static_cast<std::int64_t>(distinct.size()));
    Work work;
    work.units = static_cast<std::int64_t>(distinct.size());
    work.jobs = options_.jobs;
    work.make_worker = [&] {
      return [&, judge = make_judge()](std::int64_t unit) mutable {
        const std::size_t n = distinct[index(unit)];
        const auto known = shrunk_.find(numbers[n]);
        FailureRecord& failure = failures[index(unit)];
        failure = known != shrunk_.end() ? known->second : shrink_one(judged[n], numbers[n], judge);
        failure.seen = same_failures(judged, n);
      };
    };
    work.delivered = [&](std::int64_t unit) {
      note(journal_->failure(numbers[distinct[index(unit)]], failures[index(unit)]));
      progress.update(unit + 1, unit + 1);
    };
    run_units(work);
    progress.finish();
  }

  /// When time is up the failure stays as far as it was shrunk.
  FailureRecord shrink_one(const CaseResult& found, std::int64_t number, CaseJudge& judge) const {
    const PlannedCase& planned = plan_.cases[index(number)];
    const Evaluate evaluate = [&](const Case& which) {
      if (!must_stop()) return judge(which, planned).result;
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
    FailureRecord failure = shrink(found, evaluate, how);
    if (planned.kernel != nullptr && !must_stop())
      failure.diagnosis = diagnose(failure.shrunk, *planned.kernel);
    return failure;
  }

  /// In this process: probes are a few small runs of a kernel that did not kill its worker.
  [[nodiscard]] std::optional<Diagnosis> diagnose(const CaseResult& failure,
                                                  const KernelSpec& kernel) const {
    const bool has_died = !failure.findings.empty() && is_of_worker(failure.findings.front().kind);
    if (has_died) return std::nullopt;
    const auto executor =
        with_checks(make_executor(options_.device, context_), options_.has_checks);
    const Subject subject = kernel_subject(kernel, *executor);
    Diagnosis diagnosis = attest::diagnose(failure, subject);
    const std::string opinion = unfused_opinion(failure, subject);
    if (!opinion.empty()) diagnosis.because += "; " + opinion;
    return diagnosis;
  }

  const CheckOptions& options_;
  Context& context_;
  Plan plan_;
  std::vector<std::int64_t> mine_;                  // numbers of this shard's cases in the plan
  std::vector<std::optional<CaseResult>> results_;  // of mine_
  std::vector<char> is_retried_;                    // of mine_; each written by one thread
  std::map<std::int64_t, FailureRecord> shrunk_;    // of the run that is taken up, by number
  RunRecord run_;
  JournalWriter* journal_ = nullptr;
  Status journal_status_ = Done{};
  Clock::time_point started_ = Clock::now();
};

}  // namespace

namespace {

Result<CheckedRun> read_back(const std::string& journal_path, const Status& journal) {
  auto content = read_journal(journal_path);
  if (!content) return journal ? content.error() : journal.error();
  return CheckedRun{std::move(content->run), journal};
}

}  // namespace

Result<CheckedRun> run_check(const CheckOptions& options,
                             const std::string& journal_path,
                             Context& context) {
  ATTEST_TRY(JournalWriter journal, JournalWriter::create(journal_path));
  const InterruptScope scope;
  CheckRun run(options, context);
  const Status status = run.begin(journal);
  return read_back(journal_path, status);
}

Result<CheckedRun> resume_check(const CheckOptions& options,
                                const JournalContent& begun,
                                const std::string& journal_path,
                                Context& context) {
  const InterruptScope scope;
  CheckRun run(options, context);
  ATTEST_TRY([[maybe_unused]] const Done is_taken_up, run.take_up(begun, journal_path));
  ATTEST_TRY(JournalWriter journal, JournalWriter::append_to(journal_path, begun.bytes));
  const Status status = run.resume(journal);
  return read_back(journal_path, status);
}

}  // namespace attest
