// What attest_gpu_bench times, and its table: the fused kernel beside cuDNN.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// bf16 with 16 heads: rows 512 to 16384, d = 64 and 128, causal and not; 64 rows where `is_small`.
[[nodiscard]] std::vector<Problem> timed_problems(bool is_small);

/// Medians in microseconds. cuDNN's is missing where it did not run.
struct TimedCase {
  Problem problem;
  double microseconds = 0;
  std::optional<double> cudnn_microseconds{};
  std::string cudnn_engine{};
};

/// 4 rows keys d a head, half of it where causal; per second, in 10^12.
[[nodiscard]] double tera_flops(const Problem& problem, double microseconds);

/// The columns, without a line break: "seq,head_dim,..".
[[nodiscard]] std::string_view timing_header();
/// One line of them; `-` where cuDNN has no number. `times_cudnn` is our time over its.
[[nodiscard]] std::string timing_line(const TimedCase& timed);

/// The middle one; the later of the two in the middle of an even number. There must be one.
[[nodiscard]] double median(std::vector<double> values);

/// Nothing or `--small`. Errors  Code::bad_input naming what else there was.
Result<bool> asks_small(const std::vector<std::string>& arguments);

}  // namespace attest
