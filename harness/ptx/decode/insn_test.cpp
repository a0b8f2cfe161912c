// Runs the examples that every instruction file carries, on full and on partial warps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/decode/example_kernel.h"
#include "harness/ptx/decode/form.h"
#include "harness/ptx/decode/insn_sets.h"
#include "harness/ptx/decode/roles.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

struct Ran {
  std::vector<std::uint64_t> words;  // [output][lane]
  std::string error;
  std::optional<Finding> finding;
};

Ran run(const std::string& text, std::size_t outputs, int target, Simd simd) {
  const std::string name = "example sm_" + std::to_string(target);
  const auto module = parse_module(text, name);
  if (!module) return {{}, module.error().to_string() + "\n" + text, {}};
  DecodeOptions options;
  options.simd = simd;
  const auto program = decode(*module, name, "example", options);
  if (!program) return {{}, program.error().to_string() + "\n" + text, {}};
  GlobalMemory memory;
  const auto bytes = static_cast<std::int64_t>(outputs * kLanes * sizeof(std::uint64_t));
  const std::uint64_t base = memory.allocate("out", bytes, 0, {}, true);
  Launch launch;
  launch.block = {32, 1, 1};
  launch.parameters.resize(8);
  std::memcpy(launch.parameters.data(), &base, 8);
  Grid grid(**program, launch, memory, {});
  if (const auto finding = grid.run()) return {{}, describe(*finding) + "\n" + text, finding};
  Ran ran;
  ran.words.resize(outputs * kLanes);
  std::memcpy(ran.words.data(), memory.allocations()[0].data, static_cast<std::size_t>(bytes));
  return ran;
}

std::uint64_t untouched(const Role& r) {
  if (r.width == "p") return 0;
  return r.width == "64" ? kUntouched : kUntouched & ((1ull << std::stoi(r.width)) - 1);
}

void check(const Example& example, bool guarded, Simd simd) {
  std::vector<Role> roles;
  with_registers(example.instruction, &roles);
  std::erase_if(roles, [](const Role& r) { return !r.is_output(); });
  std::size_t outputs = 0;
  const std::string text = example_kernel(example, guarded, &outputs, 90);
  const Ran ran = run(text, outputs, 90, simd);
  ASSERT_TRUE(ran.error.empty()) << ran.error;
  ASSERT_EQ(outputs, example.outputs.size()) << example.instruction;
  for (std::size_t n = 0; n < outputs; ++n) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const bool executes = !guarded || l % 2 == 1;
      const std::uint64_t want = executes ? example.outputs[n] : untouched(roles[n]);
      ASSERT_EQ(ran.words[n * kLanes + l], want)
          << example.instruction << " (" << example.source << "), output " << n << ", lane " << l
          << std::hex << ": got 0x" << ran.words[n * kLanes + l] << ", want 0x" << want;
    }
  }
}

struct Tested {
  const Insn* insn = nullptr;
  Simd simd = Simd::scalar;
};

void PrintTo(const Tested& tested, std::ostream* out) {
  *out << tested.insn->opcode << " " << name(tested.simd);
}

/// Every opcode in every build of the handlers that this processor can run.
std::vector<Tested> all_tested() {
  std::vector<Tested> all;
  for (const Simd simd : usable_simds()) {
    for (const Insn& insn : insns(simd))
      all.push_back({&insn, simd});
  }
  return all;
}

class Instructions : public testing::TestWithParam<Tested> {};

TEST_P(Instructions, GiveTheirExamples) {
  const auto& [insn, simd] = GetParam();
  EXPECT_FALSE(insn->examples.empty() && insn->warp_examples.empty() &&
               insn->fault_examples.empty())
      << "an opcode needs examples";
  for (const Example& example : insn->examples) {
    check(example, false, simd);
    if (example.instruction.find(".aligned") == std::string_view::npos) check(example, true, simd);
  }
}

TEST_P(Instructions, GiveTheirWarpExamples) {
  const auto& [insn, simd] = GetParam();
  for (const WarpExample& example : insn->warp_examples) {
    ASSERT_EQ(example.values.size(), std::size_t{kLanes});
    const Ran ran = run(warp_kernel(example, 90), 1, 90, simd);
    ASSERT_TRUE(ran.error.empty()) << ran.error;
    for (std::size_t l = 0; l < kLanes; ++l) {
      EXPECT_EQ(ran.words[l], example.values[l])
          << example.body << " (" << example.source << "), lane " << l;
    }
  }
}

TEST_P(Instructions, GiveTheirFaultExamples) {
  const auto& [insn, simd] = GetParam();
  for (const FaultExample& example : insn->fault_examples) {
    const Ran ran = run(warp_kernel(WarpExample{example.body, {}, {}}, 90), 1, 90, simd);
    ASSERT_TRUE(ran.finding) << example.body << " (" << example.source << "): " << ran.error;
    EXPECT_EQ(name(ran.finding->kind), name(example.kind)) << example.body;
    EXPECT_EQ(ran.finding->party.thread.x, example.thread) << example.body;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Instructions, testing::ValuesIn(all_tested()), [](const auto& tested) {
      return std::string(tested.param.insn->opcode) + "_" + std::string(name(tested.param.simd));
    });

}  // namespace
}  // namespace attest::ptx
