// The driver's calls of one job, and their failures as findings.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/job_run.h"

#include "harness/cuda/faults.h"
#include "harness/cuda/graph_count.h"
#include "harness/executor/job_checks.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <thread>

namespace attest::cuda {
namespace {

constexpr int kPlainSharedBytes = 48 * 1024;  // beyond: to be asked for
constexpr double kNanosecondsPerMillisecond = 1e6;

}  // namespace

Status JobRun::prepare() {
  for (const BufferSpec& spec : job_.buffers) {
    ATTEST_TRY(GuardedBuffer buffer, GuardedBuffer::create(driver_, spec, job_.dirt));
    buffers_.push_back(std::move(buffer));
  }
  ATTEST_TRY(Stream stream, create_stream(driver_));
  stream_ = std::move(stream);
  ATTEST_TRY(Event begin, create_event(driver_));
  ATTEST_TRY(Event end, create_event(driver_));
  clock_ = Clock{std::move(begin), std::move(end)};
  // Fills and copies are done by another stream.
  return driver_.call(driver_.ctx_synchronize, "").status();
}

Result<LaunchRecord> JobRun::describe(const Launch& launch, CUfunction function) {
  LaunchRecord record;
  record.kernel = launch.entry;
  record.grid = launch.grid;
  record.block = launch.block;
  int shared = 0;
  const std::array<std::pair<CUfunction_attribute, int*>, 2> wanted = {
      {{CU_FUNC_ATTRIBUTE_NUM_REGS, &record.registers},
       {CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, &shared}}};
  for (const auto& [attribute, value] : wanted) {
    ATTEST_TRY(
        [[maybe_unused]] const Done got,
        driver_.call(driver_.func_get_attribute, "_,attrib,hfunc", value, attribute, function)
            .status());
  }
  record.shared_bytes = shared + launch.dynamic_shared_bytes;
  return record;
}

Outcome JobRun::start(const Launch& bound, CUfunction function) {
  std::vector<std::byte> parameters = bound.parameters;
  std::size_t size = parameters.size();
  std::array<void*, 5> packed = {CU_LAUNCH_PARAM_BUFFER_POINTER,
                                 parameters.data(),
                                 CU_LAUNCH_PARAM_BUFFER_SIZE,
                                 &size,
                                 CU_LAUNCH_PARAM_END};
  void** extra = parameters.empty() ? nullptr : packed.data();
  void** none = nullptr;
  const auto shared = static_cast<unsigned int>(bound.dynamic_shared_bytes);
  if (!bound.is_cooperative) {
    return driver_.call(driver_.launch_kernel,
                        "f,gridDimX,gridDimY,gridDimZ,blockDimX,blockDimY,blockDimZ,sharedMemBytes,"
                        "_,_,_",
                        function,
                        bound.grid.x,
                        bound.grid.y,
                        bound.grid.z,
                        bound.block.x,
                        bound.block.y,
                        bound.block.z,
                        shared,
                        stream_->get(),
                        none,
                        extra);
  }
  CUlaunchAttribute cooperative{};
  cooperative.id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
  cooperative.value.cooperative = 1;
  CUlaunchConfig config{};
  config.gridDimX = bound.grid.x;
  config.gridDimY = bound.grid.y;
  config.gridDimZ = bound.grid.z;
  config.blockDimX = bound.block.x;
  config.blockDimY = bound.block.y;
  config.blockDimZ = bound.block.z;
  config.sharedMemBytes = shared;
  config.hStream = stream_->get();
  config.attrs = &cooperative;
  config.numAttrs = 1;
  const CUlaunchConfig* launched = &config;
  Outcome outcome =
      driver_.call(driver_.launch_kernel_ex, "_,f,_,_", launched, function, none, extra);
  if (!outcome.is_ok()) {
    outcome.text += fmt::format(" (cooperative, grid {},{},{}, block {},{},{}, {} bytes)",
                                bound.grid.x,
                                bound.grid.y,
                                bound.grid.z,
                                bound.block.x,
                                bound.block.y,
                                bound.block.z,
                                shared);
  }
  return outcome;
}

Outcome JobRun::wait() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(launch_ms_);
  auto pause = std::chrono::microseconds(5);
  for (;;) {
    Outcome outcome = driver_.call(driver_.event_query, "hEvent", clock_->end.get());
    if (outcome.result != CUDA_ERROR_NOT_READY || std::chrono::steady_clock::now() >= deadline) {
      return outcome;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(1000));
  }
}

bool JobRun::take_fault(const Outcome& outcome, const std::string& kernel, bool ruins) {
  Finding f;
  f.kernel = kernel;
  if (outcome.result == CUDA_ERROR_NOT_READY) {
    f.kind = FindingKind::no_progress;
    f.message = fmt::format("the launch has not ended after {} ms", launch_ms_);
    driver_.abandon();
  } else if (const auto kind = fault_kind(outcome.result)) {
    f.kind = *kind;
    f.message = outcome.text;
    if (f.kind == FindingKind::out_of_bounds || f.kind == FindingKind::misaligned) {
      f.message += "; a GPU does not say where";
    }
  } else {
    return false;
  }
  answer_.execution.findings.push_back(f);
  answer_.is_ruined = answer_.is_ruined || ruins;
  return true;
}

Result<bool> JobRun::check_buffers(const std::string& kernel) {
  for (const GuardedBuffer& buffer : buffers_) {
    ATTEST_TRY(auto finding, buffer.changed(kernel));
    if (!finding) continue;
    answer_.execution.findings.push_back(std::move(*finding));
    return false;
  }
  return true;
}

Result<bool> JobRun::launch(const Launch& launch, CUfunction function) {
  std::vector<std::uint64_t> bases;
  for (const GuardedBuffer& buffer : buffers_)
    bases.push_back(buffer.base());
  ATTEST_TRY(const Launch bound, with_addresses(launch, bases));
  ATTEST_TRY(const LaunchRecord record, describe(launch, function));
  if (record.shared_bytes > kPlainSharedBytes) {
    const Outcome asked = driver_.call(driver_.func_set_attribute,
                                       "hfunc,attrib,value",
                                       function,
                                       CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                       static_cast<int>(launch.dynamic_shared_bytes));
    if (take_fault(asked, launch.entry, false)) return false;
    ATTEST_TRY([[maybe_unused]] const Done done, asked.status());
  }
  const auto record_event = [&](const Event& event) {
    return driver_.call(driver_.event_record, "hEvent,hStream", event.get(), stream_->get());
  };
  ATTEST_TRY([[maybe_unused]] const Done begun, record_event(clock_->begin).status());
  answer_.execution.launches.push_back(record);  // the log has a launch that faults too
  Outcome outcome = start(bound, function);
  if (outcome.is_ok()) outcome = record_event(clock_->end);
  if (outcome.is_ok()) outcome = wait();
  if (!outcome.is_ok()) {
    const bool ruins = fault_kind(outcome.result) != FindingKind::invalid_launch;
    if (take_fault(outcome, launch.entry, ruins)) return false;
    return outcome.status().error();
  }
  float milliseconds = 0;
  ATTEST_TRY([[maybe_unused]] const Done measured,
             driver_
                 .call(driver_.event_elapsed_time,
                       "_,hStart,hEnd",
                       &milliseconds,
                       clock_->begin.get(),
                       clock_->end.get())
                 .status());
  answer_.execution.launches.back().duration_ns =
      std::llround(double{milliseconds} * kNanosecondsPerMillisecond);
  return check_buffers(launch.entry);
}

Result<CUdeviceptr> JobRun::address(int buffer, std::int64_t offset, Dtype dtype) const {
  if (buffer < 0 || static_cast<std::size_t>(buffer) >= buffers_.size()) {
    return Error{Code::bad_input,
                 fmt::format("a call of cuBLAS names buffer {} of {}", buffer, buffers_.size()),
                 "job"};
  }
  return buffers_[static_cast<std::size_t>(buffer)].base() +
         static_cast<CUdeviceptr>(offset * size_bytes(dtype));
}

Result<BlasOperands> JobRun::operands(const BlasCall& call) const {
  BlasOperands where;
  ATTEST_TRY(where.left, address(call.left.buffer, call.left.offset, call.dtype));
  ATTEST_TRY(where.right, address(call.right.buffer, call.right.offset, call.dtype));
  ATTEST_TRY(where.result, address(call.result.buffer, call.result.offset, call.dtype));
  if (call.bias) {
    ATTEST_TRY(where.bias, address(call.bias->buffer, call.bias->offset, call.dtype));
  }
  return where;
}

Result<bool> JobRun::call(const BlasCall& call, Blas& blas, bool is_traced) {
  static const std::string name = "cuBLAS";
  ATTEST_TRY(const BlasOperands where, operands(call));
  const auto enqueue = [&] { return blas.run(call, where, stream_->get()); };
  if (!is_traced) {
    ATTEST_TRY(const auto kernels, count_captured(driver_, stream_->get(), enqueue));
    auto& launches = answer_.execution.launches;
    launches.insert(launches.end(), kernels.begin(), kernels.end());
  }
  ATTEST_TRY([[maybe_unused]] const Done enqueued, enqueue());
  const Outcome recorded =
      driver_.call(driver_.event_record, "hEvent,hStream", clock_->end.get(), stream_->get());
  for (const Outcome& outcome : {recorded, recorded.is_ok() ? wait() : recorded}) {
    if (outcome.is_ok()) continue;
    if (take_fault(outcome, name, true)) return false;
    return outcome.status().error();
  }
  return check_buffers(name);
}

void JobRun::end_step(std::optional<std::vector<LaunchRecord>> counted) {
  auto& log = answer_.execution.launches;
  if (counted) {
    log.resize(logged_);
    log.insert(log.end(), counted->begin(), counted->end());
  }
  for (; logged_ < log.size(); ++logged_)
    log[logged_].step = step_;
  ++step_;
}

Result<JobAnswer> JobRun::finish(const std::string& counted_by) {
  answer_.execution.counted_by = counted_by;
  for (const GuardedBuffer& buffer : buffers_) {
    if (answer_.is_ruined) {
      answer_.execution.buffers.emplace_back();
      continue;
    }
    ATTEST_TRY(std::vector<std::byte> bytes, buffer.contents());
    answer_.execution.buffers.push_back(std::move(bytes));
  }
  return std::move(answer_);
}

}  // namespace attest::cuda
