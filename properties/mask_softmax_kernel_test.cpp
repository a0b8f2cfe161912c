// The softmax kernel on the ptx executor: any length of row, mask, dtype and alignment.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

using B = OperationBuffer;

constexpr double kU = 0x1p-24;
constexpr double kExp = 0x1p-22;    // relative error of ex2.approx
constexpr double kTiny = 0x1p-126;  // an f32 below the normal ones is off by less
constexpr double kSecond = 1.01;    // products of these errors

struct SoftmaxRun {
  MaskSoftmax softmax;
  HostTensor s;
  std::vector<std::byte> mask;
  OperationMemory memory;
};

std::string describe(const SoftmaxRun& run) {
  const MaskSoftmax& s = run.softmax;
  return fmt::format("b={} h={} m={} n={} {} scale={} mask={} skew={},{},{}",
                     s.batch,
                     s.heads,
                     s.m,
                     s.n,
                     name(s.dtype),
                     s.scale,
                     s.has_mask,
                     run.memory.buffers[0].skew_bytes,
                     run.memory.buffers[3].skew_bytes,
                     run.memory.buffers[4].skew_bytes);
}

TensorLayout layout_of(const MaskSoftmax& s) {
  return place({}, s.dtype, {s.batch, s.heads, s.m, s.n});
}

/// Scores from -8 to 8 in steps of 1/128, so that no two rows are alike.
SoftmaxRun make_run(const MaskSoftmax& softmax, std::uint64_t seed) {
  SoftmaxRun run;
  run.softmax = softmax;
  run.s = fraction_tensor(layout_of(softmax), seed);
  for (std::int64_t i = 0; i < run.s.layout.elements(); ++i) {
    const double x = decode(softmax.dtype, load_bits(softmax.dtype, run.s.bytes.data(), i));
    store_bits(softmax.dtype, run.s.bytes.data(), i, encode(softmax.dtype, 8 * x));
  }
  run.memory[B::a].input = run.s.bytes;
  if (softmax.has_mask) {
    run.mask = mask_bytes(softmax.batch * softmax.m * softmax.n, seed + 1);
    std::fill_n(run.mask.begin(), softmax.n, std::byte{0});  // nothing of the first row is kept
    run.memory[B::mask].input = run.mask;
  }
  run.memory[B::c].output_bytes = static_cast<std::int64_t>(run.s.bytes.size());
  return run;
}

/// Row i of the scores behind scale and mask, exact.
std::vector<double> scores(const SoftmaxRun& run, std::int64_t b, std::int64_t h, std::int64_t i) {
  const MaskSoftmax& s = run.softmax;
  std::vector<double> x(static_cast<std::size_t>(s.n));
  for (std::int64_t j = 0; j < s.n; ++j) {
    const bool is_kept =
        !s.has_mask || run.mask[static_cast<std::size_t>((b * s.m + i) * s.n + j)] != std::byte{0};
    x[static_cast<std::size_t>(j)] =
        is_kept ? static_cast<float>(s.scale) * run.s.value(b, h, i, j) : s.fill;
  }
  return x;
}

/// The first element of a row that is off by more than it may be. Errors of the kernel's argument
/// (x - max) * log2(e): u |x| and u |max| of the products with scale, u of the difference, of the
/// constant and of the product; then ex2, of one weight and of their sum; n additions, one division
/// and one product; the result's rounding.
std::string trouble_of_row(const std::vector<double>& x,
                           const HostTensor& got,
                           std::int64_t b,
                           std::int64_t h,
                           std::int64_t i) {
  const double max = *std::max_element(x.begin(), x.end());
  double sum = 0;
  double eta = 0;
  for (const double score : x) {
    sum += std::exp(score - max);
    const double weighty = std::min(max - score, 200.0);  // beyond, exp is 0 in f32 either way
    eta = std::max(eta, kU * (std::abs(score) + std::abs(max)) + 3 * kU * weighty);
  }
  const auto n = static_cast<double>(x.size());
  const double relative = kSecond * (2 * (eta + kExp) + (n + 3) * kU);
  const Dtype dtype = got.layout.dtype;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double p = std::exp(x[j] - max) / sum;
    const double in_f32 = relative * p + kTiny;
    const double bound =
        in_f32 + unit_roundoff(dtype) * (p + in_f32) + smallest_subnormal(dtype) / 2;
    const double value = got.value(b, h, i, static_cast<std::int64_t>(j));
    if (!(std::abs(value - p) <= bound)) {
      return fmt::format("row {} column {}: {} not {} +- {}", i, j, value, p, bound);
    }
  }
  return "";
}

std::string trouble_of(const SoftmaxRun& run, const Mode& mode = {}) {
  const OperationAnswer answer =
      run_operation(operation_spec_named("mask_softmax"), run.softmax, run.memory, mode);
  if (!answer.trouble.empty()) return answer.trouble;
  const HostTensor got{layout_of(run.softmax), answer[B::c]};
  for (std::int64_t b = 0; b < run.softmax.batch; ++b) {
    for (std::int64_t h = 0; h < run.softmax.heads; ++h) {
      for (std::int64_t i = 0; i < run.softmax.m; ++i) {
        const std::string found = trouble_of_row(scores(run, b, h, i), got, b, h, i);
        if (!found.empty()) return found;
      }
    }
  }
  const TrafficCounts& t = answer.counts.traffic;
  if (t.shared_wavefronts != t.shared_wavefronts_ideal) return "bank conflicts";
  return "";
}

class MaskSoftmaxKernel : public testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes,
                         MaskSoftmaxKernel,
                         testing::ValuesIn(kDtypes),
                         [](const auto& param) { return std::string(name(param.param)); });

TEST_P(MaskSoftmaxKernel, RowsOfAnyLength) {
  std::uint64_t seed = 0;
  for (const std::int64_t n :
       {1,   2,    3,    4,    31,   32,   33,   64,   65,   100,   127,   128,  129,
        260, 1023, 1024, 1025, 1028, 2003, 4096, 4097, 4100, 16384, 16385, 17001}) {
    for (const bool has_mask : {false, true}) {
      MaskSoftmax softmax{.m = n > 3000 ? 1 : 5, .n = n, .has_mask = has_mask, .dtype = GetParam()};
      if (has_mask) softmax.scale = 0.3;
      const SoftmaxRun run = make_run(softmax, ++seed);
      EXPECT_EQ(trouble_of(run), "") << describe(run);
    }
  }
}

TEST_P(MaskSoftmaxKernel, DrawnShapesMasksAndAlignments) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Draw draw(seed);
    MaskSoftmax softmax;
    softmax.dtype = GetParam();
    softmax.batch = draw.of<std::int64_t>({1, 2, 3});
    softmax.heads = draw.of<std::int64_t>({1, 2, 5});
    softmax.m = draw.of<std::int64_t>({1, 3, 8});
    softmax.n = draw.of<std::int64_t>({1, 5, 8, 60, 64, 77, 128, 300, 1100});
    softmax.scale = draw.of<double>({1, 0.125, -0.7});
    softmax.has_mask = draw.below(2) == 1;
    softmax.fill = draw.of<double>({-1000, 0.5, -1e30});
    SoftmaxRun run = make_run(softmax, seed);
    for (const B buffer : {B::a, B::c})
      run.memory[buffer].skew_bytes = size_bytes(GetParam()) * draw.of<std::int64_t>({0, 0, 1, 2});
    run.memory[B::mask].skew_bytes = draw.of<std::int64_t>({0, 0, 1, 2});
    EXPECT_EQ(trouble_of(run), "") << describe(run);
  }
}

TEST_P(MaskSoftmaxKernel, AnyResultOfEx2AndAnyScheduleIsWithinTheBound) {
  for (const std::int64_t n : {70, 1500}) {
    const SoftmaxRun run = make_run({.m = 3, .n = n, .dtype = GetParam()}, 7);
    for (const Approx approx : kApprox)
      EXPECT_EQ(trouble_of(run, {.schedule = 4, .approx = approx}), "") << name(approx);
  }
}

TEST_P(MaskSoftmaxKernel, ARowOfMinusInfinityIsZero) {
  SoftmaxRun run = make_run({.m = 2, .n = 40, .dtype = GetParam()}, 7);
  for (std::int64_t j = 0; j < 40; ++j)
    run.s.set_bits(0, 0, 1, j, encode(GetParam(), -HUGE_VAL));
  run.memory[B::a].input = run.s.bytes;
  const OperationAnswer answer =
      run_operation(operation_spec_named("mask_softmax"), run.softmax, run.memory);
  ASSERT_EQ(answer.trouble, "");
  const HostTensor got{layout_of(run.softmax), answer[B::c]};
  for (std::int64_t j = 0; j < 40; ++j)
    EXPECT_EQ(got.bits(0, 0, 1, j), 0u);
  EXPECT_EQ(trouble_of_row(scores(run, 0, 0, 0), got, 0, 0, 0), "");
}

TEST_P(MaskSoftmaxKernel, NanSpoilsItsRowAndNoOther) {
  SoftmaxRun run = make_run({.m = 2, .n = 40, .dtype = GetParam()}, 7);
  run.s.set_bits(0, 0, 1, 17, encode(GetParam(), std::nan("")));
  run.memory[B::a].input = run.s.bytes;
  const OperationAnswer answer =
      run_operation(operation_spec_named("mask_softmax"), run.softmax, run.memory);
  ASSERT_EQ(answer.trouble, "");
  const HostTensor got{layout_of(run.softmax), answer[B::c]};
  for (std::int64_t j = 0; j < 40; ++j)
    EXPECT_TRUE(std::isnan(got.value(0, 0, 1, j)));
  EXPECT_EQ(trouble_of_row(scores(run, 0, 0, 0), got, 0, 0, 0), "");
}

TEST_P(MaskSoftmaxKernel, ReadsARowOnce) {
  for (const std::int64_t n : {128, 4096}) {
    const SoftmaxRun run = make_run({.m = 4, .n = n, .has_mask = true, .dtype = GetParam()}, 7);
    const OperationAnswer answer =
        run_operation(operation_spec_named("mask_softmax"), run.softmax, run.memory);
    ASSERT_EQ(answer.trouble, "");
    EXPECT_EQ(answer.counts.traffic.global_bytes_requested,
              4 * n * (2 * size_bytes(GetParam()) + 1));
  }
}

}  // namespace
}  // namespace attest
