// grid.sync() as nvcc compiles it: cooperative launches of several shapes, and one that is not.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr int kElements = 1024;

struct Sum {
  std::optional<Finding> finding;
  float value = 0;
};

/// Adds up 0, 1, .., 1023. After ten steps the sum is where the data were.
Sum add_up(const Launch& shape, std::uint64_t schedule) {
  std::ifstream file(ATTEST_GRID_SYNC_PTX);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto module = parse_module(text, "grid_sync");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "grid_sync", "add_up");
  EXPECT_TRUE(program.has_value()) << program.error().to_string();
  std::vector<float> data(kElements);
  for (std::size_t n = 0; n < data.size(); ++n)
    data[n] = static_cast<float>(n);
  GlobalMemory memory;
  const std::uint64_t addresses[] = {
      memory.allocate("data", 4 * kElements, 0, std::as_bytes(std::span(data)), true),
      memory.allocate("scratch", 4 * kElements, 0, {}, true)};
  Launch launch = shape;
  launch.parameters.resize(sizeof addresses + sizeof kElements);
  std::memcpy(launch.parameters.data(), addresses, sizeof addresses);
  std::memcpy(launch.parameters.data() + sizeof addresses, &kElements, sizeof kElements);
  LaunchOptions options;
  options.schedule = schedule;
  Grid grid(**program, launch, memory, options);
  Sum sum;
  sum.finding = grid.run();
  std::memcpy(&sum.value, memory.allocations()[0].data, sizeof sum.value);
  return sum;
}

TEST(GridSync, OfCooperativeLaunches) {
  for (const std::uint32_t blocks : {1u, 2u, 7u, 16u}) {
    Launch launch = launch_of(blocks, 32);
    launch.is_cooperative = true;
    for (std::uint64_t schedule = 0; schedule <= kSchedules; ++schedule) {
      const Sum sum = add_up(launch, schedule);
      ASSERT_FALSE(sum.finding) << describe(*sum.finding) << "schedule " << schedule;
      EXPECT_EQ(sum.value, kElements * (kElements - 1) / 2) << blocks << " blocks";
    }
  }
}

TEST(GridSync, OfAnOrdinaryLaunchTraps) {
  const Sum sum = add_up(launch_of(2, 32), 0);
  ASSERT_TRUE(sum.finding);
  EXPECT_EQ(sum.finding->kind, FindingKind::trap);
}

}  // namespace
}  // namespace attest::ptx
