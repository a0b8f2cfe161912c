// One executor per device.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/device_executor.h"

#include "harness/base/check.h"
#include "harness/record/record.h"

#include <utility>

namespace attest {
namespace {

class DeviceExecutor final : public Executor {
 public:
  DeviceExecutor(std::unique_ptr<Executor> ptx, std::unique_ptr<Executor> cuda)
      : ptx_(std::move(ptx)), cuda_(std::move(cuda)) {}

  Result<Execution> run(const Job& job) override {
    switch (job.mode.device) {
      case Device::ptx:
        return ptx_->run(job);
      case Device::cuda:
        if (cuda_ == nullptr) return Error{Code::unsupported, std::string(kNoSecondExecutor), ""};
        return cuda_->run(job);
    }
    fail_check("the device is known", __FILE__, __LINE__);
  }

 private:
  std::unique_ptr<Executor> ptx_;
  std::unique_ptr<Executor> cuda_;
};

}  // namespace

std::unique_ptr<Executor> make_device_executor(std::unique_ptr<Executor> ptx,
                                               std::unique_ptr<Executor> cuda) {
  ATTEST_CHECK(ptx != nullptr);
  return std::make_unique<DeviceExecutor>(std::move(ptx), std::move(cuda));
}

}  // namespace attest
