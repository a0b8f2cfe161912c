// A worker for tests: judges as attest does, unless its first argument says how it fails at
// attention_f32.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/cli/command.h"
#include "harness/executor/ptx_executor.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace {

class Failing final : public attest::Executor {
 public:
  explicit Failing(std::string deed) : deed_(std::move(deed)) {}

  attest::Result<attest::Execution> run(const attest::Job& job) override {
    if (job.launches.at(0).image.name == "attention_f32") fail();
    return inner_->run(job);
  }

 private:
  void fail() const {
    const std::string once = "die-once=";
    if (deed_ == "die") std::raise(SIGSEGV);
    if (deed_ == "throw") throw attest::InternalError("thrown on purpose");
    while (deed_ == "hang")
      pause();
    if (deed_.rfind(once, 0) != 0) return;
    const std::string mark = deed_.substr(once.size());
    if (std::filesystem::exists(mark)) return;
    std::ofstream(mark) << "died\n";
    std::raise(SIGKILL);
  }

  std::string deed_;
  std::unique_ptr<attest::Executor> inner_ = attest::make_ptx_executor();
};

}  // namespace

int main(int argc, char** argv) {
  const std::string deed = argc > 1 ? argv[1] : "";
  std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
  arguments.insert(arguments.begin(), "worker");
  attest::Context context{std::cerr, std::cerr};
  context.make_executor = [deed] { return std::make_unique<Failing>(deed); };
  return static_cast<int>(attest::run_program(arguments, context));
}
