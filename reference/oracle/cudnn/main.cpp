// attest-cudnn: the helper program that knows cuDNN. It answers questions of attest on descriptor 0, or
// one question on the command line. It may die without harm to attest.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/serve.h"
#include "reference/oracle/cudnn/answer.h"

#include <cstdio>
#include <dlfcn.h>
#include <filesystem>
#include <string>
#include <vector>

namespace attest {
namespace {

constexpr int kUsage = 2;
constexpr int kFailed = 70;

std::filesystem::path own_folder() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path(".") : program.parent_path();
}

/// cuDNN finishes plans only with a driver. Where `execute` is not asked, it gets the null driver,
/// also beside a real one: the plans are for described GPUs.
bool load_null_driver() {
  const auto path = own_folder() / "harness/driver/null/libcuda.so.1";
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return true;
  std::fprintf(stderr, "attest-cudnn: %s\n", dlerror());
  return false;
}

Message answer_message(const Message& message, const PlanCache& cache) {
  auto question = read_question(message);
  Result<CudnnAnswer> answered = question ? answer(*question, cache) : question.error();
  if (answered) return to_message(*answered);
  CudnnAnswer failed;
  failed.reason = answered.error().to_string();
  return to_message(failed);
}

int usage() {
  std::fputs(
      "usage: attest-cudnn planned|executed CACHE              answers attest on descriptor 0\n"
      "       attest-cudnn planned|executed CACHE QUESTION     answers one, as JSON\n"
      "CACHE is a folder for plans, or ''. QUESTION: "
      "{\"ask\":\"plan\",\"subject\":\"attn(..)\",\"sm\":90};\n"
      "ask is versions, admit, plan, execute, time, or of a row of the support matrix support, "
      "build\n",
      stderr);
  return kUsage;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2 || arguments.size() > 3) return usage();
  if (arguments[0] != "planned" && arguments[0] != "executed") return usage();
  if (arguments[0] == "planned" && !load_null_driver()) return kFailed;
  const PlanCache cache(arguments[1], cudnn_version() + "-" + cudnn_frontend_version());
  const auto handler = [&](const Message& message) { return answer_message(message, cache); };
  if (arguments.size() == 2) return serve(handler);
  std::printf("%s\n", handler({arguments[2], {}}).text.c_str());
  return 0;
}

}  // namespace
}  // namespace attest

int main(int count, char** values) {
  return attest::run({values + 1, values + count});
}
