// Every opcode string of tiers 1 to 3 of public kernels executes: none is refused, none faults.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/census_shapes.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

std::vector<std::string> census() {
  std::ifstream file(std::string(ATTEST_DECODE_TESTDATA) + "/census.txt");
  std::vector<std::string> opcodes;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    int tier = 0;
    std::int64_t count = 0;
    std::string opcode;
    std::istringstream(line) >> tier >> count >> opcode;
    EXPECT_TRUE(tier >= 1 && tier <= 3 && count > 0 && !opcode.empty()) << line;
    opcodes.push_back(opcode);
  }
  return opcodes;
}

/// Empty when the opcode was executed; else why not.
std::string refusal(const std::string& opcode) {
  const auto text = census_module(opcode);
  if (!text) return "no operand shape";
  const auto module = parse_module(*text, "census");
  if (!module) return module.error().to_string();
  const auto program = decode(*module, "census", "e");
  if (!program) return program.error().to_string();
  GlobalMemory memory;
  const std::vector<std::byte> zeros(1 << 16);
  const std::uint64_t base =
      memory.allocate("out", static_cast<std::int64_t>(zeros.size()), 0, zeros, true);
  Launch launch;
  launch.entry = "e";
  launch.block = {32, 1, 1};
  launch.parameters.resize(32);
  std::memcpy(launch.parameters.data(), &base, sizeof base);
  Grid grid(**program, launch, memory, {});
  const auto finding = grid.run();
  if (finding && !(opcode == "trap" && finding->kind == FindingKind::trap))
    return describe(*finding);
  if (opcode == "trap" && !finding) return "did not stop the warp";
  return "";
}

TEST(Census, EveryOpcodeOfPublicKernelsExecutes) {
  const std::vector<std::string> opcodes = census();
  ASSERT_FALSE(opcodes.empty());
  EXPECT_EQ(std::set<std::string>(opcodes.begin(), opcodes.end()).size(), opcodes.size());
  std::string missing;
  std::size_t count = 0;
  for (const std::string& opcode : opcodes) {
    const std::string why = refusal(opcode);
    if (why.empty()) continue;
    ++count;
    missing += opcode + "\t" + why.substr(0, why.find('\n')) + "\n";
  }
  EXPECT_EQ(count, 0U) << "of " << opcodes.size() << " opcodes:\n" << missing;
}

TEST(Census, AnOpcodeThatNoOneImplementsIsListed) {
  EXPECT_NE(refusal("add.rn.f128"), "");
  EXPECT_NE(refusal("ld.global.nosuch.u32"), "");
  EXPECT_NE(refusal("wgmma.fence.sync.aligned"), "");
}

}  // namespace
}  // namespace attest::ptx
