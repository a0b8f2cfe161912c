// Session: a GPU held by this process; runs jobs on it, one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/blas.h"
#include "harness/cuda/job_run.h"
#include "harness/cuda/resources.h"
#include "harness/executor/job_checks.h"
#include "harness/executor/job_message.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace attest::cuda {

struct DeviceInfo {
  std::string name;
  int major = 0;  // compute capability
  int minor = 0;
  std::size_t memory_bytes = 0;
  int multiprocessors = 0;
  int driver_version = 0;  // 13000 is 13.0
};

class Session {
 public:
  /// The first device that CUDA shows (CUDA_VISIBLE_DEVICES), and its primary context.
  /// Errors  Code::unsupported without a driver or a device, else as Outcome::status.
  static Result<std::unique_ptr<Session>> open();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const DeviceInfo& device() const { return info_; }

  /// Errors  as Executor::run on a GPU.
  Result<JobAnswer> run(const Job& job, std::int64_t launch_ms);

 private:
  explicit Session(std::unique_ptr<Driver> driver) : driver_(std::move(driver)) {}
  Status begin();
  Status describe_device(CUdevice device);
  Result<CUfunction> function(const Launch& launch);
  Result<Blas*> blas();
  /// False when a finding ended the job.
  Result<bool> run_step(const JobStep& step, JobRun& run);
  /// Who counts: "CUPTI 130001", else "events" and why CUPTI does not.
  void begin_counting();

  std::unique_ptr<Driver> driver_;
  std::optional<CUdevice> device_;         // whose primary context is held
  std::map<std::string, Module> modules_;  // by their PTX
  std::unique_ptr<Blas> blas_;
  bool is_traced_ = false;
  std::string counted_by_;
  DeviceInfo info_;
};

}  // namespace attest::cuda
