// The ptxas of this machine, asked about one PTX file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/ptxas.h"
#include "harness/base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// Path of ptxas: what ATTEST_PTXAS names and nothing else where it is set, else on PATH, else
/// beside the nvcc on PATH. Empty where there is none.
[[nodiscard]] std::optional<std::string> find_ptxas();

struct PtxasCall {
  std::string program;
  std::string file;  // PTX text
  std::string arch;  // "sm_80"
  std::chrono::milliseconds timeout = std::chrono::minutes(1);
};

/// What `ptxas -v` says of the entries.
/// Errors  Code::io when it does not start, fails, writes without end or does not end in time; with
///         what it says itself, one line of it.
Result<std::vector<PtxasFigures>> run_ptxas(const PtxasCall& call);

}  // namespace attest
