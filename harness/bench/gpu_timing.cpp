// Problems, arithmetic and text of the timing table.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/gpu_timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace attest {

std::vector<Problem> timed_problems(bool is_small) {
  const std::vector<std::int64_t> lengths =
      is_small ? std::vector<std::int64_t>{64}
               : std::vector<std::int64_t>{512, 1024, 2048, 4096, 8192, 16384};
  std::vector<Problem> problems;
  for (const std::int64_t length : lengths) {
    for (const std::int64_t head_dim : {64, 128}) {
      for (const bool is_causal : {false, true}) {
        Problem p;
        p.heads_q = p.heads_kv = 16;
        p.seq_q = p.seq_kv = length;
        p.head_dim = p.head_dim_v = head_dim;
        p.dtype = Dtype::bf16;
        if (is_causal) p.mask.causal = Alignment::top_left;
        problems.push_back(p);
      }
    }
  }
  return problems;
}

double tera_flops(const Problem& p, double microseconds) {
  const double pairs = static_cast<double>(p.seq_q) * static_cast<double>(p.seq_kv);
  const double flops = 4.0 * static_cast<double>(p.batch * p.heads_q) * pairs *
                       static_cast<double>(p.head_dim) / (p.mask.causal ? 2 : 1);
  return flops / microseconds / 1e6;
}

std::string_view timing_header() {
  return "seq,head_dim,causal,us,tflops,cudnn_us,cudnn_tflops,times_cudnn,cudnn_engine";
}

std::string timing_line(const TimedCase& timed) {
  const Problem& p = timed.problem;
  const std::string ours = fmt::format("{},{},{},{:.2f},{:.2f}",
                                       p.seq_q,
                                       p.head_dim,
                                       p.mask.causal ? 1 : 0,
                                       timed.microseconds,
                                       tera_flops(p, timed.microseconds));
  if (!timed.cudnn_microseconds) return ours + ",-,-,-,-";
  const double cudnn = *timed.cudnn_microseconds;
  return fmt::format("{},{:.2f},{:.2f},{:.2f},{}",
                     ours,
                     cudnn,
                     tera_flops(p, cudnn),
                     timed.microseconds / cudnn,
                     timed.cudnn_engine);
}

double median(std::vector<double> values) {
  ATTEST_CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Result<bool> asks_small(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument != "--small") {
      return Error{Code::bad_input,
                   fmt::format("found '{}', allowed: nothing or --small", argument),
                   "attest_gpu_bench"};
    }
  }
  return !arguments.empty();
}

}  // namespace attest
