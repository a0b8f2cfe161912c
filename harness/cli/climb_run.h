// The plan of `check --climb`: for each kernel and dtype the case that a climb has found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/check_run.h"

#include <string>

namespace attest {

/// Spreads options.climb evaluations evenly over the kernels and dtypes, several at once. The same
/// plan whatever the number of threads. Ends early when it is interrupted.
[[nodiscard]] Plan climb_plan(const CheckOptions& options, Context& context);

/// The cases of such a run, each with its error / bound and the line that repeats it.
[[nodiscard]] std::string climb_text(const RunRecord& run);

}  // namespace attest
