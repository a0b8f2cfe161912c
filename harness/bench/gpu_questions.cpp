// attest_gpu_questions [--simulated] FOLDER: where a GPU's arithmetic differs from the model of it, as CSV. The
// GPU's answers go to FOLDER where they differ. A difference is no failure: it is what was asked for. With
// --simulated a part of the operands is asked, and there must be none.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/gpu_question.h"
#include "harness/executor/cuda_executor.h"
#include "harness/executor/ptx_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace attest {
namespace {

constexpr double kSimulatedShare = 1.0 / 256;

/// "sm_90" of "NVIDIA H100, sm_90, ..".
std::string arch_of(const std::string& gpu) {
  const std::size_t at = gpu.find("sm_");
  if (at == std::string::npos) return "sm_80";
  return gpu.substr(at, gpu.find_first_not_of("0123456789", at + 3) - at);
}

struct Comparison {
  std::size_t words = 0;
  std::size_t equal = 0;
  std::string first;  // difference
};

Comparison compare(const std::vector<std::uint32_t>& inputs,
                   const GpuQuestion& question,
                   const std::vector<std::uint32_t>& gpu,
                   const std::vector<std::uint32_t>& model) {
  Comparison out;
  out.words = gpu.size();
  const std::size_t threads = inputs.size() / static_cast<std::size_t>(question.input_count);
  for (std::size_t n = 0; n < gpu.size(); ++n) {
    if (gpu[n] == model[n]) {
      ++out.equal;
    } else if (out.first.empty()) {
      const std::size_t thread = n % threads;
      out.first = fmt::format("thread {} output {}: input 0x{:08x} GPU 0x{:08x} model 0x{:08x}",
                              thread,
                              n / threads,
                              inputs[thread],
                              gpu[n],
                              model[n]);
    }
  }
  return out;
}

bool save(const std::string& folder,
          const GpuQuestion& question,
          const std::vector<std::uint32_t>& answers) {
  std::ofstream file(std::filesystem::path(folder) / (question.name + ".bin"), std::ios::binary);
  file.write(reinterpret_cast<const char*>(answers.data()),
             static_cast<std::streamsize>(answers.size() * sizeof(std::uint32_t)));
  return file.good();
}

/// False when the question could not be asked, or there is a difference that must not be.
bool answer(const GpuQuestion& question,
            const std::string& arch,
            bool is_simulated,
            const std::string& folder,
            Executor& gpu,
            Executor& model) {
  const auto inputs = question.draw(is_simulated ? kSimulatedShare : 1);
  const auto answers = ask(question, inputs, {.arch = arch, .device = Device::cuda}, gpu);
  const auto modelled = ask(question, inputs, {.arch = arch}, model);
  if (!answers || !modelled) {
    const Error& error = answers ? modelled.error() : answers.error();
    std::printf("%s,,,\"%s: %s\"\n",
                question.name.c_str(),
                answers ? "model" : "GPU",
                error.message.c_str());
    return false;
  }
  const Comparison result = compare(inputs, question, answers.value(), modelled.value());
  std::printf("%s,%zu,%zu,\"%s\"\n",
              question.name.c_str(),
              result.words,
              result.equal,
              result.first.c_str());
  std::fflush(stdout);
  if (result.equal == result.words) return true;
  return save(folder, question, answers.value()) && !is_simulated;
}

int run(bool is_simulated, const std::string& folder) {
  const auto gpu = probe_cuda(cuda_options_of_program());
  if (!gpu) {
    std::fprintf(stderr, "attest_gpu_questions: %s\n", gpu.error().to_string().c_str());
    return 3;
  }
  const std::string arch = arch_of(gpu.value());
  const auto executor = make_cuda_executor(cuda_options_of_program());
  const auto model = make_ptx_executor();
  std::printf("# %s against the model of %s\n", gpu.value().c_str(), arch.c_str());
  std::printf("instruction,answers,equal,first difference\n");
  bool is_fine = true;
  for (const GpuQuestion& question : gpu_questions()) {
    if (std::atoi(arch.c_str() + 3) < question.least_sm) continue;
    is_fine = answer(question, arch, is_simulated, folder, *executor, *model) && is_fine;
  }
  return is_fine ? 0 : 1;
}

}  // namespace
}  // namespace attest

int main(int argc, char** argv) {
  const bool is_simulated = argc == 3 && std::strcmp(argv[1], "--simulated") == 0;
  if (argc != (is_simulated ? 3 : 2) || argv[argc - 1][0] == '-') {
    std::fprintf(stderr, "usage: attest_gpu_questions [--simulated] FOLDER\n");
    return 2;
  }
  try {
    return attest::run(is_simulated, argv[argc - 1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "attest_gpu_questions: %s\n", error.what());
    return 70;
  }
}
