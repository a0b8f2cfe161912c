// The executor on a GPU: jobs go to the program attest-cuda, which may die.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace attest {

struct CudaOptions {
  std::string worker;                                            // path of attest-cuda
  std::vector<std::pair<std::string, std::string>> environment;  // beside this process's own
  std::int64_t launch_ms = 20'000;  // that a launch may take; beyond: finding no_progress
  std::int64_t other_ms = 60'000;   // for the rest of a job: context, JIT, copies
};

/// attest-cuda beside this program.
[[nodiscard]] CudaOptions cuda_options_of_program();

/// A part of a GPU machine, and what to do where it is missing.
struct CudaPart {
  std::string name;  // "driver", "device", "cublas", "cublasLt", "cupti"
  bool is_there = false;
  std::string detail;  // a version, or why it is missing
};
/// What attest-cuda finds here: every part, also where no GPU is.
/// Errors  Code::unsupported when attest-cuda is not built.
Result<std::vector<CudaPart>> probe_parts(const CudaOptions& options);
/// The device that `parts` have, described.
/// Errors  Code::unsupported with one line when nothing can run on a GPU: no driver, no device.
Result<std::string> usable_device(const std::vector<CudaPart>& parts);
/// Both at once.
Result<std::string> probe_cuda(const CudaOptions& options);

/// One per thread; the worker starts with the first job, in the thread that runs it, and anew after
/// each death.
/// A job whose worker dies or gives no answer has a finding (crash, timeout); the next job has
/// another worker.
/// Errors of run()  as probe_cuda, Code::bad_input for PTX that the driver does not take, and the
///                  driver's own, each naming the call and its arguments.
[[nodiscard]] std::unique_ptr<Executor> make_cuda_executor(const CudaOptions& options);

}  // namespace attest
