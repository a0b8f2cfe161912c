// JobRun: one job under way on the device: buffers, launches, what they did and broke.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/blas.h"
#include "harness/cuda/guarded_buffer.h"
#include "harness/executor/job_message.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace attest::cuda {

class JobRun {
 public:
  /// Refers to both. Each launch may take `launch_ms`; the driver is abandoned when one takes longer.
  JobRun(Driver& driver, const Job& job, std::int64_t launch_ms)
      : driver_(driver), job_(job), launch_ms_(launch_ms) {}

  Status prepare();
  /// Launches, waits, and looks at every band and input. False when a finding ended the job.
  /// Errors  of the driver, where the kernel is not to blame.
  Result<bool> launch(const Launch& launch, CUfunction function);
  /// One call of cuBLAS, as launch(). `is_traced`: CUPTI counts its kernels, else a captured graph.
  Result<bool> call(const BlasCall& call, Blas& blas, bool is_traced);
  /// After each launch or call. `counted`: what it really launched, which replaces what was noted.
  void end_step(std::optional<std::vector<LaunchRecord>> counted);
  [[nodiscard]] bool is_ruined() const { return answer_.is_ruined; }
  Result<JobAnswer> finish(const std::string& counted_by);

 private:
  struct Clock {
    Event begin;
    Event end;
  };

  Result<LaunchRecord> describe(const Launch& launch, CUfunction function);
  Outcome start(const Launch& bound, CUfunction function);
  /// CUDA_ERROR_NOT_READY when the time is up.
  Outcome wait();
  /// True when `outcome` is the kernel's fault, which is then a finding.
  bool take_fault(const Outcome& outcome, const std::string& kernel, bool ruins);
  Result<bool> check_buffers(const std::string& kernel);
  [[nodiscard]] Result<CUdeviceptr> address(int buffer, std::int64_t offset, Dtype dtype) const;
  [[nodiscard]] Result<BlasOperands> operands(const BlasCall& call) const;

  Driver& driver_;
  const Job& job_;
  std::int64_t launch_ms_;
  std::vector<GuardedBuffer> buffers_;
  std::optional<Stream> stream_;
  std::optional<Clock> clock_;
  JobAnswer answer_;
  std::int64_t step_ = 0;
  std::size_t logged_ = 0;  // launches of the steps before
};

}  // namespace attest::cuda
