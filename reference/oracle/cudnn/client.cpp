// Finds, starts and asks attest-cudnn.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/client.h"

#include <cstdlib>
#include <filesystem>

namespace attest {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPatience = 600'000;  // milliseconds; a plan takes some seconds

/// "attest-cudnn died of SIGSEGV; its last words: .." without the words, which differ between runs.
std::string fate_alone(const std::string& message) {
  return message.substr(0, message.find(';'));
}

}  // namespace

std::string cudnn_program() {
#ifdef ATTEST_CUDNN_BUILT
  if (const char* named = std::getenv("ATTEST_CUDNN_PROGRAM")) return named;
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path beside = own.parent_path() / "attest-cudnn";
    if (fs::exists(beside, error)) return beside.string();
  }
  if (fs::exists(ATTEST_CUDNN_BUILT, error)) return ATTEST_CUDNN_BUILT;
#endif
  return "";
}

std::string cudnn_plan_folder(const std::string& program) {
  return (fs::path(program).parent_path() / "cudnn-plans").string();
}

Result<CudnnAnswer> CudnnClient::ask(const CudnnQuestion& question) {
  if (!worker_ || !worker_->is_running()) {
    WorkerOptions how;
    how.command = {options_.program, options_.executes ? "executed" : "planned", options_.cache};
    ATTEST_TRY(worker_, Worker::start(how));
  }
  const auto message = worker_->ask(to_message(question), kPatience);
  if (message) return read_answer(*message);
  if (worker_->fate() == Fate::broken) return message.error();
  CudnnAnswer died;
  died.tier = CudnnTier::died;
  died.reason = fate_alone(message.error().message);
  return died;
}

}  // namespace attest
