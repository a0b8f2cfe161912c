// Judging here, or by asking a worker process that is replaced when it dies.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/case_judge.h"

#include "harness/base/check.h"
#include "harness/cli/case_worker.h"
#include "harness/process/worker.h"

#include <new>
#include <optional>

namespace attest {
namespace {

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

CaseResult fault_of(const Case& which, FindingKind kind, const std::string& message) {
  CaseResult result;
  result.which = which;
  result.verdict = Verdict::fault;
  Finding finding;
  finding.kind = kind;
  finding.kernel = which.kernel;
  finding.message = message;
  result.findings.push_back(std::move(finding));
  return result;
}

/// One worker process, begun with the first case and again after each death.
class RemoteJudge {
 public:
  RemoteJudge(std::vector<std::string> command, std::int64_t milliseconds)
      : command_(std::move(command)), milliseconds_(milliseconds) {}

  Judged judge(const Case& which) {
    Judged judged;
    auto answer = ask(which);
    if (!answer && died()) {
      judged.is_retried = true;
      answer = ask(which);
    }
    if (answer) {
      judged.result = read_answer(*answer);
    } else if (worker_ && died()) {
      judged.result = fault_of(which, FindingKind::crash, answer.error().message);
    } else if (worker_ && worker_->fate() == Fate::timed_out) {
      judged.result = fault_of(which, FindingKind::timeout, answer.error().message);
    } else {
      judged.result.which = which;
      judged.result.reason = answer.error().to_string();
    }
    return judged;
  }

 private:
  [[nodiscard]] bool died() const { return worker_ && worker_->fate() == Fate::died; }

  Result<Message> ask(const Case& which) {
    if (!worker_ || !worker_->is_running()) {
      WorkerOptions options;
      options.command = command_;
      ATTEST_TRY(worker_, Worker::start(options));
    }
    return worker_->ask(case_question(which), milliseconds_);
  }

  static CaseResult read_answer(const Message& message) {
    CaseAnswer answer = read_case_answer(message);
    if (answer.is_out_of_memory) throw std::bad_alloc();
    if (!answer.internal_error.empty()) throw InternalError(answer.internal_error);
    return std::move(answer.result);
  }

  std::vector<std::string> command_;
  std::int64_t milliseconds_;
  std::optional<Worker> worker_;
};

}  // namespace

std::shared_ptr<Executor> with_checks(std::unique_ptr<Executor> executor, bool has_checks) {
  if (has_checks) return executor;
  return std::make_shared<Unchecked>(std::move(executor));
}

CaseJudge make_case_judge(const Context& context,
                          const DeviceChoice& device,
                          bool has_checks,
                          const CaseJudgeOptions& options) {
  if (context.worker_command.empty()) {
    return [executor = with_checks(make_executor(device, context), has_checks)](
               const Case& which, const PlannedCase& planned) {
      return Judged{run_case(which, planned, *executor), false};
    };
  }
  std::vector<std::string> command = context.worker_command;
  if (!has_checks) command.insert(command.end(), {"--checks", "none"});
  if (device.has_gpu()) command.insert(command.end(), {"--device", "cuda"});
  auto remote = std::make_shared<RemoteJudge>(std::move(command), options.timeout_milliseconds);
  return [remote](const Case& which, const PlannedCase&) { return remote->judge(which); };
}

}  // namespace attest
