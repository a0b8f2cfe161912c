// The bias kernel on the ptx executor: any shape, split, dtype and alignment, bit for bit.
// SPDX-License-Identifier: Apache-2.0
#include "properties/operation_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace attest {
namespace {

using B = OperationBuffer;
constexpr std::array<B, 3> kOutputs = {B::c, B::c1, B::c2};

struct BiasRun {
  BiasSplit add;
  HostTensor x;
  HostTensor bias;
  OperationMemory memory;

  [[nodiscard]] TensorLayout part() const {
    return place({}, add.dtype, {1, 1, add.m, add.n / add.split});
  }
};

BiasRun make_run(const BiasSplit& add, std::uint64_t seed) {
  BiasRun run;
  run.add = add;
  run.x = fraction_tensor(place({}, add.dtype, {1, 1, add.m, add.n}), seed);
  run.bias = fraction_tensor(place({}, add.dtype, {1, 1, 1, add.n}), seed + 1);
  run.memory[B::a].input = run.x.bytes;
  run.memory[B::bias].input = run.bias.bytes;
  for (std::size_t part = 0; part < static_cast<std::size_t>(add.split); ++part)
    run.memory[kOutputs[part]].output_bytes = run.part().elements() * size_bytes(add.dtype);
  return run;
}

/// The sum is exact in double; it is rounded to f32, then to the dtype.
std::string trouble_of(const BiasRun& run) {
  const BiasSplit& add = run.add;
  const OperationAnswer answer = run_operation(operation_spec_named("bias_split"), add, run.memory);
  if (!answer.trouble.empty()) return answer.trouble;
  std::vector<HostTensor> want(static_cast<std::size_t>(add.split), poisoned_tensor(run.part()));
  const std::int64_t columns = add.n / add.split;
  for (std::int64_t i = 0; i < add.m; ++i) {
    for (std::int64_t j = 0; j < add.n; ++j) {
      const auto sum = static_cast<float>(run.x.value(0, 0, i, j) + run.bias.value(0, 0, 0, j));
      want[static_cast<std::size_t>(j / columns)].set_bits(
          0, 0, i, j % columns, encode(add.dtype, sum));
    }
  }
  for (std::size_t part = 0; part < want.size(); ++part) {
    const std::string found = difference(want[part], answer[kOutputs[part]]);
    if (!found.empty()) return fmt::format("part {}: {}", part, found);
  }
  return "";
}

class BiasSplitKernel : public testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes,
                         BiasSplitKernel,
                         testing::ValuesIn(kDtypes),
                         [](const auto& param) { return std::string(name(param.param)); });

TEST_P(BiasSplitKernel, AnyShapeSplitAndAlignment) {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    Draw draw(seed);
    BiasSplit add;
    add.dtype = GetParam();
    add.split = draw.of<std::int64_t>({1, 2, 3});
    add.m = draw.of<std::int64_t>({1, 2, 7, 8, 9, 33});
    add.n = add.split * draw.of<std::int64_t>({1, 3, 4, 8, 50, 64, 511, 512, 1030});
    BiasRun run = make_run(add, seed);
    for (const B buffer : {B::a, B::bias, B::c, B::c1, B::c2}) {
      run.memory[buffer].skew_bytes =
          size_bytes(GetParam()) * draw.of<std::int64_t>({0, 0, 0, 1, 2, 4});
    }
    EXPECT_EQ(trouble_of(run), "") << fmt::format("m={} n={} split={}", add.m, add.n, add.split);
  }
}

TEST_P(BiasSplitKernel, Moves16BytesAThreadWhereItCan) {
  const BiasSplit add{.m = 8, .n = 1536, .split = 3, .dtype = GetParam()};
  const BiasRun run = make_run(add, 1);
  const OperationAnswer answer = run_operation(operation_spec_named("bias_split"), add, run.memory);
  ASSERT_EQ(answer.trouble, "");
  const std::int64_t rows = add.n * size_bytes(GetParam());  // bytes of one, and of the bias
  EXPECT_EQ(answer.counts.traffic.global_bytes_requested, rows * (2 * add.m + 1));
  EXPECT_EQ(answer.counts.traffic.global_accesses, rows * (2 * add.m + 1) / (32 * 16));
}

}  // namespace
}  // namespace attest
