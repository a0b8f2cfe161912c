// Every planted fault is found with its kind, line, thread and other side; without it nothing is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr std::int64_t kStepLimit = 100'000;
constexpr std::uint64_t kSchedules = 20;

std::string kernel(std::string_view body, std::string_view before = "") {
  return ".version 9.0\n.target sm_80\n.address_size 64\n"
         ".visible .entry planted(.param .u64 out, .param .u64 in, .param .u64 raw, .param .u64 "
         "zero)\n{\n"
         ".reg .b32 %tid, %cta, %r<10>;\n.reg .b64 %out, %in, %raw, %zero, %d<10>;\n.reg .f32 "
         "%f<10>;\n.reg "
         ".pred %p<4>;\n"
         ".shared .align 16 .b8 s[1024];\n"
         "mov.u32 %tid, %tid.x;\nmov.u32 %cta, %ctaid.x;\nmov.u32 %r0, 0;\n"
         "ld.param.u64 %out, [out];\nld.param.u64 %in, [in];\nld.param.u64 %raw, [raw];\n"
         "ld.param.u64 %zero, [zero];\n" +
         std::string(before) + std::string(body) + "ret;\n}\n";
}

/// 1-based line that carries `mark`; 0 when none does.
int line_of(const std::string& text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return 0;
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

struct Buffers {
  std::uint64_t out = 0;
  std::uint64_t in = 0;
  std::uint64_t raw = 0;
  std::uint64_t zero = 0;
};

Buffers allocate(GlobalMemory& memory) {
  const std::vector<std::byte> ones(4096, std::byte{1});
  const std::vector<std::byte> zeros(256);
  Buffers b;
  b.out = memory.allocate("out", 4096, 0, ones, true);
  b.in = memory.allocate("in", 256, 0, std::span(ones).first(256), false);
  b.raw = memory.allocate("raw", 256, 0, {}, true);
  b.zero = memory.allocate("zero", 256, 0, zeros, true);
  return b;
}

/// Addresses are the same in every run.
std::uint64_t address_of(const Place& place) {
  GlobalMemory memory;
  const Buffers b = allocate(memory);
  const auto offset = static_cast<std::uint64_t>(place.offset);
  switch (place.base) {
    case out:
      return b.out + offset;
    case in:
      return b.in + offset;
    case raw:
      return b.raw + offset;
    case zero:
      return b.zero + offset;
    case none:
    case shared:
      return offset;
  }
  return 0;
}

std::optional<Finding> run(const std::string& text, Launch launch, const LaunchOptions& options) {
  const auto module = parse_module(text, "planted");
  EXPECT_TRUE(module.has_value()) << module.error().to_string() << "\n" << text;
  if (!module) return std::nullopt;
  const auto program = decode(*module, "planted", "planted");
  EXPECT_TRUE(program.has_value()) << program.error().to_string() << "\n" << text;
  if (!program) return std::nullopt;
  GlobalMemory memory;
  const Buffers buffers = allocate(memory);
  const std::uint64_t addresses[] = {buffers.out, buffers.in, buffers.raw, buffers.zero};
  launch.parameters.resize(sizeof addresses);
  std::memcpy(launch.parameters.data(), addresses, sizeof addresses);
  Grid grid(**program, launch, memory, options);
  return grid.run();
}

Launch launch_of(const PlantedFault& fault) {
  Launch launch;
  launch.grid = {fault.blocks, 1, 1};
  launch.block = {fault.block_threads, 1, 1};
  return launch;
}

LaunchOptions options(std::uint64_t schedule) {
  LaunchOptions o;
  o.schedule = schedule;
  o.max_warp_instructions = kStepLimit;
  return o;
}

class Checks : public testing::TestWithParam<Check> {};

TEST_P(Checks, FindTheirPlantedFaults) {
  EXPECT_FALSE(GetParam().faults.empty() && GetParam().launches.empty())
      << "a check needs a planted fault";
  for (const PlantedFault& fault : GetParam().faults) {
    const std::string text = kernel(fault.body, fault.before);
    LaunchOptions with_sites = options(0);
    with_sites.keeps_sites = true;
    for (const LaunchOptions& o : {options(0), with_sites}) {
      const auto found = run(text, launch_of(fault), o);
      ASSERT_TRUE(found.has_value()) << fault.name;
      EXPECT_EQ(name(found->kind), name(fault.kind)) << fault.name << "\n" << describe(*found);
      EXPECT_EQ(found->party.site.ptx_line, line_of(text, "//!")) << fault.name << "\n"
                                                                  << describe(*found);
      EXPECT_EQ(found->party.thread, fault.thread) << fault.name << "\n" << describe(*found);
      EXPECT_EQ(found->party.block, fault.block) << fault.name << "\n" << describe(*found);
      EXPECT_EQ(found->address, address_of(fault.at)) << fault.name << "\n" << describe(*found);
      EXPECT_EQ(found->other.has_value(), fault.has_other_side) << fault.name;
      if (o.keeps_sites && found->other) {
        EXPECT_EQ(found->other->site.ptx_line, line_of(text, "//?")) << fault.name << "\n"
                                                                     << describe(*found);
      }
    }
  }
}

TEST_P(Checks, FindThemUnderEverySchedule) {
  for (const PlantedFault& fault : GetParam().faults) {
    std::vector<std::uint64_t> found_under;
    for (std::uint64_t schedule = 1; schedule <= kSchedules; ++schedule) {
      const auto found = run(kernel(fault.body, fault.before), launch_of(fault), options(schedule));
      if (found && found->kind == fault.kind) found_under.push_back(schedule);
      if (fault.depends_on_order) continue;
      ASSERT_TRUE(found.has_value()) << fault.name << ", schedule " << schedule;
      EXPECT_EQ(name(found->kind), name(fault.kind)) << fault.name << ", schedule " << schedule;
    }
    ASSERT_FALSE(found_under.empty()) << fault.name;
    if (!fault.depends_on_order) continue;
    std::cout << "  found under " << found_under.size() << " of " << kSchedules
              << " schedules, first schedule " << found_under.front() << ": " << fault.name << "\n";
  }
}

TEST_P(Checks, FindNothingWithoutTheFault) {
  for (const PlantedFault& fault : GetParam().faults) {
    for (std::uint64_t schedule = 0; schedule <= kSchedules; ++schedule) {
      const auto found =
          run(kernel(fault.clean, fault.before), launch_of(fault), options(schedule));
      EXPECT_FALSE(found.has_value()) << fault.name << ", schedule " << schedule << "\n"
                                      << describe(*found);
    }
  }
}

TEST_P(Checks, RefuseTheirPlantedLaunches) {
  for (const PlantedLaunch& planted : GetParam().launches) {
    Launch launch;
    launch.grid = planted.grid;
    launch.block = planted.block;
    launch.dynamic_shared_bytes = planted.dynamic_shared_bytes;
    const auto found = run(kernel(""), launch, options(0));
    ASSERT_TRUE(found.has_value()) << planted.name;
    EXPECT_EQ(found->kind, FindingKind::invalid_launch) << planted.name;
    EXPECT_FALSE(found->message.empty()) << planted.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Checks, testing::ValuesIn(all_checks()), [](const auto& tested) {
  return std::string(tested.param.name);
});

}  // namespace
}  // namespace attest::ptx
