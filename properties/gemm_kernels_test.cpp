// The GEMM kernels on the ptx executor: any shape, transposition, placement and epilogue.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/bound.h"
#include "properties/operation_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

using B = OperationBuffer;
constexpr std::array<B, 3> kOutputs = {B::c, B::c1, B::c2};

/// A Gemm with its operands; `want` has what the product must be, in double and in bits.
struct GemmRun {
  Gemm gemm;
  HostTensor a;
  HostTensor b;
  HostTensor bias;
  std::vector<std::byte> mask;
  OperationMemory memory;

  [[nodiscard]] TensorLayout layout_c() const {
    return place(gemm.c, gemm.dtype, {gemm.batch, gemm.heads, gemm.m, gemm.n / gemm.split});
  }
  [[nodiscard]] bool is_masked(std::int64_t batch, std::int64_t i, std::int64_t j) const {
    return gemm.has_mask &&
           mask[static_cast<std::size_t>((batch * gemm.m + i) * gemm.n + j)] == std::byte{0};
  }
};

std::string describe(const GemmRun& run) {
  const Gemm& g = run.gemm;
  const auto placed = [](const Placement& p) {
    return fmt::format("{}+{}", p.layout == Layout::bshd ? "bshd" : "bhsd", p.gap);
  };
  std::string skews;
  for (const auto& buffer : run.memory.buffers)
    skews += fmt::format("{} ", buffer.skew_bytes);
  return fmt::format(
      "b={} h={} m={} n={} k={} {}{} {} a={} b={} c={} alpha={} bias={} split={} mask={} skew={}",
      g.batch,
      g.heads,
      g.m,
      g.n,
      g.k,
      g.transpose_a ? 't' : 'n',
      g.transpose_b ? 't' : 'n',
      name(g.dtype),
      placed(g.a),
      placed(g.b),
      placed(g.c),
      g.alpha,
      g.has_bias,
      g.split,
      g.has_mask,
      skews);
}

/// Operands for `gemm`: integers of at most `limit`, or fractions where it is 0.
GemmRun make_run(const Gemm& gemm, std::int64_t limit, std::uint64_t seed) {
  GemmRun run;
  run.gemm = gemm;
  const auto draw = [&](const Placement& p, std::int64_t rows, std::int64_t columns, int stream) {
    const TensorLayout layout = place(p, gemm.dtype, {gemm.batch, gemm.heads, rows, columns});
    const std::uint64_t s = 10 * seed + static_cast<std::uint64_t>(stream);
    return limit > 0 ? integer_tensor(layout, limit, s) : fraction_tensor(layout, s);
  };
  run.a = gemm.transpose_a ? draw(gemm.a, gemm.k, gemm.m, 0) : draw(gemm.a, gemm.m, gemm.k, 0);
  run.b = gemm.transpose_b ? draw(gemm.b, gemm.n, gemm.k, 1) : draw(gemm.b, gemm.k, gemm.n, 1);
  run.memory[B::a].input = run.a.bytes;
  run.memory[B::b].input = run.b.bytes;
  if (gemm.has_bias) {
    run.bias = integer_tensor(place({}, gemm.dtype, {1, 1, 1, gemm.n}), 8, 10 * seed + 2);
    run.memory[B::bias].input = run.bias.bytes;
  }
  if (gemm.has_mask) {
    run.mask = mask_bytes(gemm.batch * gemm.m * gemm.n, 10 * seed + 3);
    run.memory[B::mask].input = run.mask;
  }
  const std::int64_t bytes = run.layout_c().span_elements() * size_bytes(gemm.dtype);
  for (std::size_t part = 0; part < static_cast<std::size_t>(gemm.split); ++part)
    run.memory[kOutputs[part]].output_bytes = bytes;
  return run;
}

struct Sum {
  double value = 0;
  double magnitude = 0;  // of the products
};

/// Row i of A times column j of B, from the definition.
Sum dot(const GemmRun& run, std::int64_t batch, std::int64_t head, std::int64_t i, std::int64_t j) {
  Sum sum;
  for (std::int64_t k = 0; k < run.gemm.k; ++k) {
    const double x =
        run.gemm.transpose_a ? run.a.value(batch, head, k, i) : run.a.value(batch, head, i, k);
    const double y =
        run.gemm.transpose_b ? run.b.value(batch, head, j, k) : run.b.value(batch, head, k, j);
    sum.value += x * y;
    sum.magnitude += std::abs(x * y);
  }
  return sum;
}

/// Calls visit(part, batch, head, row, column of the part, column of C) for every element of C.
template <class Visit>
void each_element(const Gemm& gemm, const Visit& visit) {
  const std::int64_t columns = gemm.n / gemm.split;
  for (std::int64_t batch = 0; batch < gemm.batch; ++batch) {
    for (std::int64_t head = 0; head < gemm.heads; ++head) {
      for (std::int64_t i = 0; i < gemm.m; ++i) {
        for (std::int64_t j = 0; j < gemm.n; ++j)
          visit(static_cast<std::size_t>(j / columns), batch, head, i, j % columns, j);
      }
    }
  }
}

/// Runs on data whose sums are exact in f32, so that one rounding is left: every bit must be right,
/// and what lies between the rows of C untouched.
std::string trouble_exact(const OperationSpec& spec, const GemmRun& run) {
  const OperationAnswer answer = run_operation(spec, run.gemm, run.memory);
  if (!answer.trouble.empty()) return answer.trouble;
  std::vector<HostTensor> want(static_cast<std::size_t>(run.gemm.split),
                               poisoned_tensor(run.layout_c()));
  each_element(run.gemm, [&](auto part, auto batch, auto head, auto i, auto column, auto j) {
    double x = run.gemm.alpha * dot(run, batch, head, i, j).value;
    if (run.gemm.has_bias) x += run.bias.value(0, 0, 0, j);
    if (run.is_masked(batch, i, j)) x = run.gemm.fill;
    want[part].set_bits(batch, head, i, column, encode(run.gemm.dtype, x + 0.0));
  });
  for (std::size_t part = 0; part < want.size(); ++part) {
    const std::string found = difference(want[part], answer[kOutputs[part]]);
    if (!found.empty()) return fmt::format("c{}: {}", part, found);
  }
  const TrafficCounts& t = answer.counts.traffic;
  if (t.shared_wavefronts != t.shared_wavefronts_ideal) {
    return fmt::format("{} wavefronts, {} ideally", t.shared_wavefronts, t.shared_wavefronts_ideal);
  }
  return "";
}

/// Sums of `k` products of integers up to this stay below 2^11 in f16: they are exact there too.
std::int64_t integer_limit(std::int64_t k) {
  return k <= 200 ? 3 : k <= 500 ? 2 : 1;
}

Placement draw_placement(Draw& draw) {
  return {draw.of<Layout>({Layout::bhsd, Layout::bshd}), draw.of<std::int64_t>({0, 0, 1, 2, 3, 8})};
}

GemmRun draw_run(Dtype dtype, std::uint64_t seed) {
  Draw draw(seed);
  Gemm gemm;
  gemm.dtype = dtype;
  gemm.batch = draw.of<std::int64_t>({1, 1, 2});
  gemm.heads = draw.of<std::int64_t>({1, 1, 3});
  gemm.split = draw.of<std::int64_t>({1, 1, 2, 3});
  gemm.m = draw.of<std::int64_t>({1, 2, 15, 33, 63, 64, 65, 128, 130});
  gemm.n = gemm.split * draw.of<std::int64_t>({1, 2, 7, 20, 32, 43, 64, 65});
  gemm.k = draw.of<std::int64_t>({1, 2, 8, 15, 16, 17, 48, 63, 64, 65, 96, 130});
  gemm.transpose_a = draw.below(2) == 1;
  gemm.transpose_b = draw.below(2) == 1;
  gemm.a = draw_placement(draw);
  gemm.b = draw_placement(draw);
  gemm.c = draw_placement(draw);
  gemm.alpha = draw.of<double>({1, 0.125, -2});
  gemm.has_bias = draw.below(2) == 1;
  gemm.has_mask = draw.below(2) == 1;
  GemmRun run = make_run(gemm, integer_limit(gemm.k), seed);
  for (const B buffer : {B::a, B::b, B::bias, B::c, B::c1, B::c2}) {
    run.memory[buffer].skew_bytes =
        size_bytes(dtype) * draw.of<std::int64_t>({0, 0, 0, 1, 2, 4, 8});
  }
  run.memory[B::mask].skew_bytes = draw.of<std::int64_t>({0, 0, 1, 2});
  return run;
}

const OperationSpec& kernel_for(Dtype dtype) {
  return operation_spec_named(dtype == Dtype::f32 ? "gemm_f32" : "gemm_mma");
}

class GemmKernels : public testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, GemmKernels, testing::ValuesIn(kDtypes), [](const auto& param) {
  return std::string(name(param.param));
});

TEST_P(GemmKernels, EveryTranspositionOfCornerShapes) {
  struct Shape {
    std::int64_t m, n, k;
  };
  std::uint64_t seed = 0;
  for (const Shape s : {Shape{1, 1, 1},
                        {1, 129, 40},
                        {64, 64, 64},
                        {128, 64, 192},
                        {65, 1, 17},
                        {63, 65, 127},
                        {72, 80, 8},
                        {34, 66, 70}}) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        const Gemm gemm{.m = s.m,
                        .n = s.n,
                        .k = s.k,
                        .transpose_a = transpose_a,
                        .transpose_b = transpose_b,
                        .dtype = GetParam()};
        const GemmRun run = make_run(gemm, integer_limit(s.k), ++seed);
        EXPECT_EQ(trouble_exact(kernel_for(GetParam()), run), "") << describe(run);
      }
    }
  }
}

TEST_P(GemmKernels, DrawnShapesPlacementsAndEpilogues) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    const GemmRun run = draw_run(GetParam(), seed);
    EXPECT_EQ(trouble_exact(kernel_for(GetParam()), run), "") << describe(run);
  }
}

// The orders of warps and blocks that a schedule draws change nothing.
TEST_P(GemmKernels, AnyScheduleGivesTheSameBits) {
  const Gemm gemm{
      .m = 130, .n = 70, .k = 150, .transpose_b = true, .has_bias = true, .dtype = GetParam()};
  const GemmRun run = make_run(gemm, 0, 5);
  const OperationSpec& spec = kernel_for(GetParam());
  const OperationAnswer first = run_operation(spec, gemm, run.memory);
  ASSERT_EQ(first.trouble, "");
  for (const std::uint64_t schedule : {1U, 2U, 3U}) {
    const OperationAnswer other = run_operation(spec, gemm, run.memory, {.schedule = schedule});
    ASSERT_EQ(other.trouble, "");
    EXPECT_EQ(first[B::c], other[B::c]) << schedule;
  }
}

// Fractions: the sum's error is the dot product's (judge/bound.h), then alpha and the bias round
// once together, then the result to its dtype.
TEST_P(GemmKernels, FractionsAreWithinTheBoundOfTheirSum) {
  for (const std::string arch : {"sm_80", "sm_90"}) {
    const Gemm gemm{.heads = 2,
                    .m = 70,
                    .n = 66,
                    .k = 200,
                    .transpose_b = true,
                    .alpha = 0.3,
                    .has_bias = true,
                    .dtype = GetParam()};
    const GemmRun run = make_run(gemm, 0, 9);
    const OperationSpec& spec = kernel_for(GetParam());
    const OperationAnswer answer = run_operation(spec, gemm, run.memory, {.arch = arch});
    ASSERT_EQ(answer.trouble, "");
    const HostTensor got{run.layout_c(), answer[B::c]};
    const DotModel model(spec.arithmetic(gemm).accumulate, arch);
    const double alpha = static_cast<float>(gemm.alpha);
    const double u = unit_roundoff(gemm.dtype);
    each_element(gemm, [&](auto, auto batch, auto head, auto i, auto column, auto j) {
      const Sum sum = dot(run, batch, head, i, j);
      const double exact = alpha * sum.value + run.bias.value(0, 0, 0, j);
      const double in_sum = model.error_factor(gemm.k, gemm.k) * sum.magnitude * alpha;
      const double in_f32 = in_sum + 0x1p-24 * (std::abs(exact) + in_sum);
      const double bound = in_f32 + u * (std::abs(exact) + in_f32);
      const double error = std::abs(got.value(batch, head, i, column) - exact);
      EXPECT_TRUE(error <= bound) << error << " > " << bound << " at " << i << "," << j;
    });
  }
}

TEST(GemmMmaKernel, NearlyAllItsArithmeticIsInMma) {
  for (const std::int64_t k : {64, 512}) {
    const Gemm gemm{.m = 128, .n = 128, .k = k, .transpose_b = true, .has_bias = true};
    const GemmRun run = make_run(gemm, 1, 3);
    const OperationAnswer answer = run_operation(kernel_for(gemm.dtype), gemm, run.memory);
    ASSERT_EQ(answer.trouble, "");
    const double mma =
        2.0 * 16 * 8 * 16 * static_cast<double>(answer.counts.classes[InsnClass::mma]);
    const auto others =
        answer.counts.classes[InsnClass::floating] + answer.counts.classes[InsnClass::half];
    const double other = 2.0 * 32 * static_cast<double>(others);  // as if each were an fma
    EXPECT_GE(mma / (mma + other), 0.95) << k;
  }
}

TEST(GemmMmaKernel, FewInstructionsPerMma) {
  const Gemm gemm{.m = 512, .n = 512, .k = 512, .transpose_b = true, .has_bias = true, .split = 1};
  const GemmRun run = make_run(gemm, 1, 3);
  const OperationAnswer answer = run_operation(kernel_for(gemm.dtype), gemm, run.memory);
  ASSERT_EQ(answer.trouble, "");
  const double per_mma = static_cast<double>(answer.counts.warp_instructions) /
                         static_cast<double>(answer.counts.classes[InsnClass::mma]);
  RecordProperty("warp_instructions_per_mma", fmt::format("{:.3f}", per_mma));
  EXPECT_LE(per_mma, 6);
}

}  // namespace
}  // namespace attest
