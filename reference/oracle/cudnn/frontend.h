// cuDNN through cudnn-frontend: is an attention admitted, its plan, its execution. The only way to
// cuDNN; frontend.cpp is the only file that includes its headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/oracle/cudnn/sdpa.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace attest {

/// An engine configuration that cuDNN offers.
struct Admission {
  std::string engine;                // "eng2_k24=7"
  std::int64_t workspace_bytes = 0;  // known once the plan is built
};

/// "9.19.0" of the loaded library.
[[nodiscard]] std::string cudnn_version();
/// "1.23.0" of the headers.
[[nodiscard]] std::string cudnn_frontend_version();

/// Whether cuDNN takes it for the described GPU `device_json` (gpu.h) of compute capability `sm`.
/// Errors  Code::unsupported with cuDNN's or the frontend's own reason.
Result<Admission> admit(const Sdpa& sdpa, int sm, const std::string& device_json);

struct SerialisedPlan {
  Admission admission;
  std::vector<std::uint8_t> ubjson;  // what the frontend's serialize() gives
};
/// How the frontend puts an attention to cuDNN.
enum class SdpaForm : std::uint8_t {
  chosen,     // as it chooses: one node where cuDNN has one for it, else composite
  composite,  // as products, pointwise operations and reductions
};

/// The plan of the first engine that builds. Needs a driver, if only the null driver.
/// Errors  as admit().
Result<SerialisedPlan> build_plan(const Sdpa& sdpa,
                                  SdpaForm form,
                                  int sm,
                                  const std::string& device_json);

/// Runs it on the GPU of this process. `inputs`: bytes of each tensor as it lies in memory;
/// `output_bytes`: how many o and lse have. Gives those, poisoned before the run. With `timed_runs` it runs
/// as often again, each between two events.
/// Errors  Code::unsupported where there is no device or cuDNN refuses; the message names the call.
struct Executed {
  Admission admission;
  int sm = 0;  // compute capability of the GPU, 90
  std::map<SdpaTensor, std::vector<std::byte>> outputs;
  std::vector<double> microseconds;  // of each timed run
};
Result<Executed> execute(const Sdpa& sdpa,
                         const std::map<SdpaTensor, std::vector<std::byte>>& inputs,
                         const std::map<SdpaTensor, std::size_t>& output_bytes,
                         int timed_runs = 0);

/// Loads a plan without handle and device properties, which ends this process (cuDNN 9.19).
void crash_in_cudnn(const std::string& plan_json);

}  // namespace attest
