// Writes the pages that browser_test.py opens: pages FOLDER.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/record/record_sample.h"
#include "reports/format/format.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace attest {
Format format_html();
namespace {

constexpr std::int64_t kLargeCases = 20'000;

/// Draws as a run does: every size near tiles, every mask, data and kernel; a few cases fail.
class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : seed_(seed) {}

  CaseResult draw() {
    CaseResult result;
    Problem problem;
    problem.batch = pick({1, 1, 2, 3});
    problem.heads_kv = pick({1, 2, 4});
    problem.heads_q = problem.heads_kv * pick({1, 1, 4});
    problem.seq_q = pick(kSizes);
    problem.seq_kv = pick(kSizes);
    problem.head_dim = problem.head_dim_v = pick({32, 64, 128});
    problem.dtype = kDtypes.at(below(3));
    problem.layout = below(2) == 0 ? Layout::bshd : Layout::bhsd;
    draw_mask(problem);
    problem.data.kind = static_cast<DataKind>(below(10));
    problem.seed = below(1U << 30U);
    result.which.problem = problem;
    result.which.kernel = problem.dtype == Dtype::f32 ? "attention_f32" : "attention_mma";
    if (below(4) == 0) result.which.kernel += "_wide";
    const char* const properties[] = {
        "agrees_with_reference", "hidden_keys_are_inert", "repeats_bitwise"};
    result.which.property = properties[below(3)];
    result.which.mode.schedule = below(3) == 0 ? 0 : 1 + below(10'000);
    result.which.mode.approx = kApprox.at(below(4));
    draw_outcome(result, problem);
    return result;
  }

 private:
  static constexpr std::array<std::int64_t, 14> kSizes = {
      0, 1, 15, 17, 63, 64, 65, 100, 127, 128, 129, 192, 300, 449};

  std::uint64_t below(std::uint64_t limit) { return derive_seed(seed_, count_++) % limit; }
  template <std::size_t N>
  std::int64_t pick(const std::array<std::int64_t, N>& values) {
    return values[below(N)];
  }
  std::int64_t pick(std::initializer_list<std::int64_t> values) {
    return *std::next(values.begin(), static_cast<std::ptrdiff_t>(below(values.size())));
  }
  void draw_mask(Problem& problem) {
    if (below(3) == 0)
      problem.mask.causal = below(2) == 0 ? Alignment::top_left : Alignment::bottom_right;
    if (below(5) == 0) problem.mask.boolean = true;
    if (below(5) == 0) {
      problem.mask.kv_lengths.emplace();
      for (std::int64_t b = 0; b < problem.batch; ++b)
        problem.mask.kv_lengths->push_back(problem.seq_kv / 2);
    }
  }
  void draw_outcome(CaseResult& result, const Problem& problem) {
    if (below(40) == 0) {
      result.verdict = Verdict::refused;
      result.reason = "rows of q are not 16-byte aligned";
      return;
    }
    result.verdict = Verdict::agree;
    const double uniform = static_cast<double>(below(10'000)) / 10'000;
    result.ratio_o = uniform * uniform * 0.98;
    result.ratio_lse = result.ratio_o / 5;
    result.worst_o = {
        0,
        0,
        static_cast<std::int64_t>(below(static_cast<std::uint64_t>(problem.seq_q + 1))),
        static_cast<std::int64_t>(below(static_cast<std::uint64_t>(problem.head_dim)))};
    if (problem.seq_kv == 129 && below(20) == 0) {
      result.verdict = Verdict::disagree;
      result.ratio_o = 31.5;
    }
    if (result.which.property == "agrees_with_reference") draw_ulps(result);
    LaunchSummary launch = sample_run().cases[1].launches[0];
    launch.kernel = result.which.kernel + "_d" + std::to_string(problem.head_dim);
    result.launches.assign(1 + below(2), launch);
  }

  void draw_ulps(CaseResult& result) {
    UlpRecord ulps;
    for (std::size_t n = 0; n < 6; ++n) {
      ulps.kernel[n] = static_cast<std::int64_t>(below(10'000) >> (2 * n));
      ulps.unfused[n] = static_cast<std::int64_t>(below(10'000) >> n);
    }
    result.ulps = ulps;
  }

  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

RunRecord large_run() {
  RunRecord run = sample_run();
  run.cases.clear();
  run.interrupted = false;
  run.planned = kLargeCases;
  Drawer drawer(0x2a);
  for (std::int64_t n = 0; n < kLargeCases; ++n)
    run.cases.push_back(drawer.draw());
  run.layers = sample_layer_run().layers;
  return run;
}

bool write(const std::string& path, const RunRecord& run, const RenderOptions& options) {
  std::ofstream file(path, std::ios::binary);
  file << format_html().render(run, options);
  file.close();
  return static_cast<bool>(file);
}

bool write_pages(const std::string& folder) {
  RunRecord green = sample_run();
  green.interrupted = false;
  green.failures.clear();
  green.cases.resize(5);
  green.planned = 5;
  RunRecord next = large_run();
  next.cases[1].launches.push_back(next.cases[1].launches[0]);
  const RunRecord base = large_run();
  return write(folder + "/green.html", green, {}) &&
         write(folder + "/red.html", sample_run(), {}) &&
         write(folder + "/empty.html", RunRecord{}, {}) &&
         write(folder + "/layer.html", sample_layer_run(), {}) &&
         write(folder + "/hostile.html", sample_hostile_run(), {}) &&
         write(folder + "/large.html", next, {.has_colour = false, .baseline = &base});
}

}  // namespace
}  // namespace attest

int main(int argc, char** argv) {
  if (argc == 2 && attest::write_pages(argv[1])) return 0;
  std::fprintf(stderr, "usage: pages FOLDER, which exists and can be written\n");
  return 2;
}
