// The elementwise kernels on the ptx executor: any count, dtype and alignment, bit for bit.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/operation_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace attest {
namespace {

using B = OperationBuffer;
using Kind = ElementwiseKind;

struct ElementwiseRun {
  Elementwise step;
  HostTensor x;
  std::vector<std::byte> mask;
  OperationMemory memory;
};

/// Fractions to be scaled, any bits at all to be filled.
ElementwiseRun make_run(const Elementwise& step, std::uint64_t seed) {
  ElementwiseRun run;
  run.step = step;
  const auto layout = place({}, step.dtype, {step.batch, step.heads, step.m, step.n});
  run.x = fraction_tensor(layout, seed);
  if (step.kind == Kind::masked_fill) {
    for (std::size_t i = 0; i < run.x.bytes.size(); ++i)
      run.x.bytes[i] = static_cast<std::byte>(random_bits(seed, 1, i));
  }
  run.mask = mask_bytes(step.batch * step.m * step.n, seed + 1);
  if (step.kind != Kind::equals_zero) run.memory[B::a].input = run.x.bytes;
  if (step.kind != Kind::scale) run.memory[B::mask].input = run.mask;
  run.memory[B::c].output_bytes = static_cast<std::int64_t>(
      step.kind == Kind::equals_zero ? run.mask.size() : run.x.bytes.size());
  return run;
}

std::vector<std::byte> expected(const ElementwiseRun& run) {
  const Elementwise& step = run.step;
  if (step.kind == Kind::equals_zero) {
    std::vector<std::byte> want;
    for (const std::byte keep : run.mask)
      want.push_back(keep == std::byte{0} ? std::byte{1} : std::byte{0});
    return want;
  }
  HostTensor want = run.x;
  const std::int64_t count = step.m * step.n;
  for (std::int64_t i = 0; i < want.layout.elements(); ++i) {
    const std::uint32_t bits = load_bits(step.dtype, run.x.bytes.data(), i);
    const float alpha = static_cast<float>(step.alpha);
    const std::int64_t masked = i / count / step.heads * count + i % count;
    std::uint32_t result = bits;
    if (step.kind == Kind::scale) {
      result = encode(step.dtype, static_cast<float>(alpha * decode(step.dtype, bits)));
    } else if (run.mask[static_cast<std::size_t>(masked)] != std::byte{0}) {
      result = encode(step.dtype, alpha);
    }
    store_bits(step.dtype, want.bytes.data(), i, result);
  }
  return want.bytes;
}

std::string trouble_of(const ElementwiseRun& run) {
  const OperationAnswer answer =
      run_operation(operation_spec_named("elementwise"), run.step, run.memory);
  if (!answer.trouble.empty()) return answer.trouble;
  const std::vector<std::byte> want = expected(run);
  const auto at = std::mismatch(want.begin(), want.end(), answer[B::c].begin(), answer[B::c].end());
  if (at.first == want.end() && at.second == answer[B::c].end()) return "";
  return fmt::format("byte {}", at.first - want.begin());
}

struct Step {
  Kind kind;
  Dtype dtype;
};

class ElementwiseKernel : public testing::TestWithParam<Step> {};
INSTANTIATE_TEST_SUITE_P(Steps,
                         ElementwiseKernel,
                         testing::Values(Step{Kind::scale, Dtype::f32},
                                         Step{Kind::scale, Dtype::f16},
                                         Step{Kind::scale, Dtype::bf16},
                                         Step{Kind::equals_zero, Dtype::f16},
                                         Step{Kind::masked_fill, Dtype::f32},
                                         Step{Kind::masked_fill, Dtype::f16},
                                         Step{Kind::masked_fill, Dtype::bf16}));

TEST_P(ElementwiseKernel, AnyCountAndAlignment) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Draw draw(seed);
    Elementwise step;
    step.kind = GetParam().kind;
    step.dtype = GetParam().dtype;
    step.batch = draw.of<std::int64_t>({1, 2, 3});
    step.heads = draw.of<std::int64_t>({1, 2, 5});
    step.m = draw.of<std::int64_t>({1, 2, 9, 32});
    step.n = draw.of<std::int64_t>({1, 3, 7, 8, 16, 63, 64, 130});
    step.alpha = draw.of<double>({-1000, 0.3, 1});
    ElementwiseRun run = make_run(step, seed);
    for (const B buffer : {B::a, B::c})
      run.memory[buffer].skew_bytes =
          size_bytes(step.dtype) * draw.of<std::int64_t>({0, 0, 0, 1, 2, 4});
    run.memory[B::mask].skew_bytes = draw.of<std::int64_t>({0, 0, 1, 4});
    EXPECT_EQ(trouble_of(run), "") << fmt::format(
        "b={} h={} m={} n={} alpha={}", step.batch, step.heads, step.m, step.n, step.alpha);
  }
}

TEST_P(ElementwiseKernel, Moves16BytesAThreadWhereItCan) {
  const Elementwise step{.kind = GetParam().kind, .m = 32, .n = 128, .dtype = GetParam().dtype};
  const ElementwiseRun run = make_run(step, 1);
  const OperationAnswer answer =
      run_operation(operation_spec_named("elementwise"), step, run.memory);
  ASSERT_EQ(answer.trouble, "");
  const std::int64_t elements = step.m * step.n;
  const std::int64_t of_x = step.kind == Kind::equals_zero ? 1 : size_bytes(step.dtype);
  const std::int64_t of_mask = step.kind == Kind::masked_fill ? 1 : 0;
  EXPECT_EQ(answer.counts.traffic.global_bytes_requested, elements * (2 * of_x + of_mask));
  // A warp moves 512 bytes of x at once; a mask byte goes with each element.
  EXPECT_EQ(answer.counts.traffic.global_accesses, elements * of_x / 512 * (2 + of_mask));
}

}  // namespace
}  // namespace attest
