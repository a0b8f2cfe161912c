// The builds of the handlers agree bit for bit, on operands that no example has.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/decode/insn_sets.h"
#include "harness/ptx/decode/roles.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr std::uint32_t kBlocks = 64;  // 32 lanes of operands each
constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

/// Patterns at which floating-point and integer handlers part ways, for each width.
constexpr std::array<std::uint64_t, 24> kCorners = {
    0,          1,          0x7fff,     0x8000,     0xffff,     0x7c00,     0xfc00,     0x0400,
    0x7f80,     0x80000000, 0x7fffffff, 0xffffffff, 0x7f800000, 0xff800000, 0x7fc00001, 0x00800000,
    0x007fffff, 0x80000001, 0x3f800000, 0x4f000000, 31,         32,         ~0ull,      1ull << 63};

std::uint64_t operand(std::uint64_t stream, std::uint64_t index) {
  const std::uint64_t bits = random_bits(1, stream, 2 * index);
  const std::uint64_t choice = random_bits(1, stream, 2 * index + 1);
  switch (choice % 4) {
    case 0:
      return kCorners[bits % kCorners.size()];
    case 1:  // near one: f32 and f16 exponents that meet
      return (bits & 0x81ff83ff81ff83ffu) | 0x3c003c003c003c00u;
    case 2:
      return bits & 0xff;
    default:
      return bits;
  }
}

/// Loads each input from in[block][input][lane], stores each output at out[block][output][lane].
std::string kernel(const std::string& instruction, const std::vector<Role>& roles) {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::string declare;
  std::string before;
  std::string after;
  const auto word = [](const char* base, std::size_t nth) {
    return "[" + std::string(base) + "+" + std::to_string(nth * kLanes * kWordBytes) + "]";
  };
  for (const Role& r : roles) {
    const std::string reg = "%" + r.name;
    declare +=
        ".reg ." + (r.width == "p" ? std::string("pred ") : "b" + r.width + " ") + reg + ";\n";
    if (r.is_output()) {
      if (r.width == "p") {
        before += "setp.ne.u32 " + reg + ", %lane, %lane;\n";
        after += "selp.b64 %wide, 1, 0, " + reg + ";\n";
      } else if (r.width == "64") {
        before += "mov.b64 " + reg + ", 0;\n";
        after += "mov.b64 %wide, " + reg + ";\n";
      } else {
        before += "mov.b" + r.width + " " + reg + ", 0;\n";
        after += "cvt.u64.u" + r.width + " %wide, " + reg + ";\n";
      }
      after += "st.global.u64 " + word("%out", outputs++) + ", %wide;\n";
    } else if (r.width == "p") {
      before += "ld.global.u32 %word, " + word("%in", inputs++) + ";\nand.b32 %word, %word, 1;\n" +
                "setp.ne.u32 " + reg + ", %word, 0;\n";
    } else {
      before += "ld.global.b" + r.width + " " + reg + ", " + word("%in", inputs++) + ";\n";
    }
  }
  const auto address = [](const char* reg, const char* parameter, std::size_t words) {
    return "ld.param.u64 " + std::string(reg) + ", [" + parameter + "];\nmad.wide.u32 " + reg +
           ", %ctaid.x, " + std::to_string(words * kLanes * kWordBytes) + ", " + reg +
           ";\nmad.wide.u32 " + reg + ", %tid.x, 8, " + reg + ";\n";
  };
  return ".version 9.0\n.target sm_90\n.address_size 64\n"
         ".visible .entry example(.param .u64 out, .param .u64 in)\n{\n"
         ".reg .b64 %out, %in, %wide;\n.reg .b32 %lane, %word;\nmov.u32 %lane, %laneid;\n" +
         declare + address("%out", "out", outputs) + address("%in", "in", inputs) + before +
         instruction + ";\n" + after + "ret;\n}\n";
}

std::vector<std::byte> run(const std::string& text,
                           std::size_t inputs,
                           std::size_t outputs,
                           Simd simd) {
  const auto module = parse_module(text, "example");
  EXPECT_TRUE(module.has_value()) << module.error().to_string() << "\n" << text;
  if (!module) return {};
  DecodeOptions options;
  options.simd = simd;
  const auto program = decode(*module, "example", "example", options);
  EXPECT_TRUE(program.has_value()) << program.error().to_string() << "\n" << text;
  if (!program) return {};
  std::vector<std::uint64_t> words(kBlocks * kLanes * std::max<std::size_t>(inputs, 1));
  for (std::size_t n = 0; n < words.size(); ++n)
    words[n] = operand(n / kLanes, n);
  GlobalMemory memory;
  const auto bytes = static_cast<std::int64_t>(kBlocks * kLanes * outputs * kWordBytes);
  const std::uint64_t addresses[] = {
      memory.allocate("out", bytes, 0, {}, true),
      memory.allocate("in",
                      static_cast<std::int64_t>(words.size() * kWordBytes),
                      0,
                      std::as_bytes(std::span(words)),
                      false)};
  Launch launch;
  launch.grid = {kBlocks, 1, 1};
  launch.block = {kLanes, 1, 1};
  launch.parameters.resize(sizeof addresses);
  std::memcpy(launch.parameters.data(), addresses, sizeof addresses);
  Grid grid(**program, launch, memory, {});
  const auto finding = grid.run();
  EXPECT_FALSE(finding.has_value()) << describe(*finding) << text;
  const std::byte* out = memory.allocations()[0].data;
  return {out, out + bytes};
}

class Builds : public testing::TestWithParam<std::size_t> {};

TEST_P(Builds, AgreeBitForBit) {
  std::set<std::string_view> seen;
  for (const Example& example : insns(Simd::avx2)[GetParam()].examples) {
    if (!seen.insert(example.instruction).second) continue;
    std::vector<Role> roles;
    const std::string instruction = with_registers(example.instruction, &roles);
    const auto outputs = static_cast<std::size_t>(
        std::count_if(roles.begin(), roles.end(), [](const Role& r) { return r.is_output(); }));
    const std::size_t inputs = roles.size() - outputs;
    if (outputs == 0) continue;
    const std::string text = kernel(instruction, roles);
    const std::vector<std::byte> plain = run(text, inputs, outputs, Simd::scalar);
    for (const Simd simd : usable_simds()) {
      if (simd == Simd::scalar) continue;
      const std::vector<std::byte> vectors = run(text, inputs, outputs, simd);
      ASSERT_EQ(plain.size(), vectors.size());
      const auto [at, other] = std::mismatch(plain.begin(), plain.end(), vectors.begin());
      if (at == plain.end()) continue;
      const auto word = static_cast<std::size_t>(at - plain.begin()) / kWordBytes;
      std::uint64_t want = 0;
      std::uint64_t got = 0;
      std::memcpy(&want, plain.data() + word * kWordBytes, kWordBytes);
      std::memcpy(&got, vectors.data() + word * kWordBytes, kWordBytes);
      std::string operands;
      const std::size_t block = word / kLanes / outputs;
      for (std::size_t n = 0; n < inputs; ++n) {
        const std::size_t index = (block * inputs + n) * kLanes + word % kLanes;
        operands += " " + std::to_string(operand(index / kLanes, index));
      }
      ADD_FAILURE() << example.instruction << std::hex << ": scalar 0x" << want << ", "
                    << name(simd) << " 0x" << got << ", operands" << operands;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         Builds,
                         testing::Range<std::size_t>(0, insns(Simd::avx2).size()),
                         [](const auto& tested) {
                           return std::string(insns(Simd::avx2)[tested.param].opcode);
                         });

// ctest runs this binary once per build, by name, and takes the line for a skip.
TEST(SimdOfEnvironment, IsTheActiveOne) {
  const Result<Simd>& named = simd_of_environment();
  if (!named) {
    std::cout << "not run: " << named.error().to_string() << std::endl;
    GTEST_SKIP();
  }
  EXPECT_EQ(name(active_simd()), name(*named));
}

}  // namespace
}  // namespace attest::ptx
