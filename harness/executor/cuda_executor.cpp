// Jobs to attest-cuda, one worker at a time; deaths become findings.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/cuda_executor.h"

#include "harness/executor/job_checks.h"
#include "harness/executor/job_message.h"
#include "harness/process/worker.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace attest {
namespace {

constexpr std::int64_t kProbeMs = 60'000;

Result<Worker> start_worker(const CudaOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.worker, ignored)) {
    return Error{Code::unsupported,
                 "the program attest-cuda is not built; it needs cuda.h when it is configured",
                 options.worker};
  }
  WorkerOptions worker;
  worker.command = {options.worker};
  worker.environment = options.environment;
  return Worker::start(worker);
}

/// The kernel under test took its worker along.
Finding death_of(const Worker& worker, const Error& error, const Job& job) {
  Finding f;
  f.kind = worker.fate() == Fate::timed_out ? FindingKind::timeout : FindingKind::crash;
  if (job.launches.size() == 1) f.kernel = job.launches.front().entry;
  f.message = error.to_string();
  return f;
}

class CudaExecutor final : public Executor {
 public:
  explicit CudaExecutor(CudaOptions options) : options_(std::move(options)) {}

  Result<Execution> run(const Job& job) override {
    Execution execution;
    if (auto finding = over_memory_limit(job)) {
      execution.findings.push_back(std::move(*finding));
      return execution;
    }
    if (!worker_) {
      ATTEST_TRY(Worker worker, start_worker(options_));
      worker_ = std::move(worker);
    }
    const auto launches = static_cast<std::int64_t>(job.launches.size());
    const std::int64_t patience = options_.other_ms + launches * options_.launch_ms;
    auto message = worker_->ask(encode_job(job, options_.launch_ms), patience);
    if (!message) return died(message.error(), job);
    auto answer = decode_answer(std::move(message).value());
    if (!answer) return answer.error();
    if (answer->is_ruined) worker_.reset();
    return std::move(answer->execution);
  }

 private:
  Result<Execution> died(const Error& error, const Job& job) {
    const Fate fate = worker_->fate();
    const Finding finding = death_of(*worker_, error, job);
    worker_.reset();
    if (fate == Fate::broken) return error;
    Execution execution;
    execution.findings.push_back(finding);
    return execution;
  }

  CudaOptions options_;
  std::optional<Worker> worker_;
};

CudaPart part_from(const nlohmann::json& json) {
  return {json.at("name"), json.at("is_there"), json.at("detail")};
}

}  // namespace

CudaOptions cuda_options_of_program() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  CudaOptions options;
  options.worker = (program.parent_path() / "attest-cuda").string();
  return options;
}

Result<std::vector<CudaPart>> probe_parts(const CudaOptions& options) {
  ATTEST_TRY(Worker worker, start_worker(options));
  ATTEST_TRY(const Message answer, worker.ask({R"({"ask":"parts"})", {}}, kProbeMs));
  try {
    std::vector<CudaPart> parts;
    const auto json = nlohmann::json::parse(answer.text);
    for (const auto& part : json.at("parts"))
      parts.push_back(part_from(part));
    return parts;
  } catch (const std::exception& error) {
    return Error{Code::bad_input, error.what(), "attest-cuda"};
  }
}

Result<std::string> usable_device(const std::vector<CudaPart>& parts) {
  std::string device;
  for (const char* wanted : {"driver", "device"}) {
    const auto part = std::find_if(
        parts.begin(), parts.end(), [&](const CudaPart& p) { return p.name == wanted; });
    if (part == parts.end() || !part->is_there) {
      return Error{Code::unsupported,
                   fmt::format("no GPU can be used: {}",
                               part == parts.end() ? "attest-cuda names none" : part->detail),
                   ""};
    }
    device = part->detail;
  }
  return device;
}

Result<std::string> probe_cuda(const CudaOptions& options) {
  ATTEST_TRY(const std::vector<CudaPart> parts, probe_parts(options));
  return usable_device(parts);
}

std::unique_ptr<Executor> make_cuda_executor(const CudaOptions& options) {
  return std::make_unique<CudaExecutor>(options);
}

}  // namespace attest
