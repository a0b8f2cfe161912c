// Device, context and modules of a session.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/session.h"

#include "harness/cuda/kernel_trace.h"

#include <array>
#include <utility>

namespace attest::cuda {

Result<std::unique_ptr<Session>> Session::open() {
  ATTEST_TRY(std::unique_ptr<Driver> driver, Driver::open());
  std::unique_ptr<Session> session(new Session(std::move(driver)));
  ATTEST_TRY([[maybe_unused]] const Done begun, session->begin());
  return session;
}

Session::~Session() {
  blas_.reset();
  modules_.clear();
  if (device_ && !driver_->is_abandoned()) {
    // At the end of the process a failure to give the context back changes nothing.
    (void)driver_->call(driver_->primary_ctx_release, "dev", *device_);
  }
}

Status Session::begin() {
  const Driver& d = *driver_;
  ATTEST_TRY([[maybe_unused]] const Done started, d.call(d.init, "Flags", 0U).status());
  int count = 0;
  ATTEST_TRY([[maybe_unused]] const Done counted, d.call(d.device_get_count, "_", &count).status());
  if (count == 0) return Error{Code::unsupported, "the driver shows no device", ""};
  CUdevice device = 0;
  ATTEST_TRY([[maybe_unused]] const Done got,
             d.call(d.device_get, "_,ordinal", &device, 0).status());
  ATTEST_TRY([[maybe_unused]] const Done described, describe_device(device));
  CUcontext context = nullptr;
  ATTEST_TRY([[maybe_unused]] const Done retained,
             d.call(d.primary_ctx_retain, "_,dev", &context, device).status());
  device_ = device;
  begin_counting();
  return d.call(d.ctx_set_current, "ctx", context).status();
}

void Session::begin_counting() {
  const auto started = start_trace();
  is_traced_ = started.has_value();
  counted_by_ = is_traced_
                    ? "CUPTI " + started.value()
                    : "events, and CUDA graphs for cuBLAS; CUPTI: " + started.error().to_string();
}

Result<Blas*> Session::blas() {
  if (blas_ == nullptr) {
    ATTEST_TRY(blas_, open_blas(*driver_));
  }
  return blas_.get();
}

Status Session::describe_device(CUdevice device) {
  const Driver& d = *driver_;
  std::array<char, 256> name{};
  ATTEST_TRY(
      [[maybe_unused]] const Done named,
      d.call(d.device_get_name, "_,len,dev", name.data(), static_cast<int>(name.size()), device)
          .status());
  name.back() = '\0';
  info_.name = name.data();
  ATTEST_TRY([[maybe_unused]] const Done sized,
             d.call(d.device_total_mem, "_,dev", &info_.memory_bytes, device).status());
  ATTEST_TRY([[maybe_unused]] const Done versioned,
             d.call(d.driver_get_version, "_", &info_.driver_version).status());
  const std::array<std::pair<CUdevice_attribute, int*>, 3> wanted = {
      {{CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &info_.major},
       {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &info_.minor},
       {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &info_.multiprocessors}}};
  for (const auto& [attribute, value] : wanted) {
    ATTEST_TRY([[maybe_unused]] const Done read,
               d.call(d.device_get_attribute, "_,attrib,dev", value, attribute, device).status());
  }
  return Done{};
}

Result<CUfunction> Session::function(const Launch& launch) {
  const Driver& d = *driver_;
  std::string ptx(launch.image.ptx);
  auto at = modules_.find(ptx);
  if (at == modules_.end()) {
    ATTEST_TRY(Module module, load_ptx(d, ptx));
    at = modules_.emplace(std::move(ptx), std::move(module)).first;
  }
  CUfunction function = nullptr;
  const Outcome outcome =
      d.call(d.module_get_function, "_,hmod,_", &function, at->second.get(), launch.entry.c_str());
  if (outcome.is_ok()) return function;
  return Error{Code::bad_input, outcome.text, launch.entry};
}

Result<JobAnswer> Session::run(const Job& job, std::int64_t launch_ms) {
  JobRun run(*driver_, job, launch_ms);
  ATTEST_TRY([[maybe_unused]] const Done prepared, run.prepare());
  if (is_traced_) clear_trace();
  bool goes_on = true;
  for (const JobStep& step : steps_of(job)) {
    if (!goes_on) break;
    ATTEST_TRY(goes_on, run_step(step, run));
    std::optional<std::vector<LaunchRecord>> counted;
    if (is_traced_ && !run.is_ruined()) {
      ATTEST_TRY(counted, take_trace());
    }
    run.end_step(std::move(counted));
  }
  return run.finish(counted_by_);
}

Result<bool> Session::run_step(const JobStep& step, JobRun& run) {
  if (const auto* const launch = std::get_if<const Launch*>(&step)) {
    ATTEST_TRY(const CUfunction entry, function(**launch));
    return run.launch(**launch, entry);
  }
  ATTEST_TRY(Blas* const library, blas());
  return run.call(*std::get<const BlasCall*>(step), *library, is_traced_);
}

}  // namespace attest::cuda
