// Fused and separate products differ where they may, and only there.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/contract.h"

#include "harness/ptx/decode/rows.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

std::uint64_t run(const std::string& body,
                  int bits,
                  bool contracts,
                  std::uint64_t a,
                  std::uint64_t b,
                  std::uint64_t c) {
  Rows rows{body, bits, {{a}, {b}, {c}}};
  rows.options.contracts = contracts;
  const auto out = run_rows(rows);
  EXPECT_TRUE(out.has_value()) << out.error().to_string();
  return out.has_value() ? out->front() : 0;
}

// (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24; rounded to f32 its last term is lost, a tie to even.
constexpr std::uint64_t kFactor = 0x3f800800;
constexpr std::uint64_t kSquare = 0x3f801000;
constexpr std::uint64_t kMinusSquare = 0xbf801000;
constexpr std::uint64_t kRest = 0x33800000;  // 2^-24
constexpr std::uint64_t kMinusRest = 0xb3800000;

std::uint64_t run_f32(const std::string& body, bool contracts, std::uint64_t c = kMinusSquare) {
  return run(body, 32, contracts, kFactor, kFactor, c);
}

void expect_fused(const std::string& body, std::uint64_t fused, std::uint64_t c = kMinusSquare) {
  EXPECT_EQ(run_f32(body, true, c), fused) << body;
  EXPECT_EQ(run_f32(body, false, c), 0U) << body;
}

void expect_separate(const std::string& body) {
  EXPECT_EQ(run_f32(body, true), 0U) << body;
  EXPECT_EQ(run_f32(body, false), 0U) << body;
}

TEST(Contract, FusesAProductWithTheSumThatReadsIt) {
  expect_fused("mul.f32 %t32, %a32, %b32; add.f32 %x32, %t32, %c32;", kRest);
  expect_fused("mul.f32 %t32, %a32, %b32; add.f32 %x32, %c32, %t32;", kRest);
  expect_fused("mul.ftz.f32 %t32, %a32, %b32; add.ftz.f32 %x32, %t32, %c32;", kRest);
  expect_fused("mul.f32 %t32, %a32, %b32; add.sat.f32 %x32, %t32, %c32;", kRest);
  expect_fused("mul.f32 %t32, %a32, 0f3F800800; add.f32 %x32, %t32, %c32;", kRest);
  expect_fused("mul.f32 %t32, %a32, %b32; mov.b32 %u32, 5; add.f32 %x32, %t32, %c32;", kRest);
  expect_fused("{ .reg .f32 p; mul.f32 p, %a32, %b32; add.f32 %x32, p, %c32; }", kRest);
}

TEST(Contract, FusesDifferencesOfBothKinds) {
  expect_fused("mul.f32 %t32, %a32, %b32; sub.f32 %x32, %t32, %c32;", kRest, kSquare);
  expect_fused("mul.f32 %t32, %a32, %b32; sub.f32 %x32, %c32, %t32;", kMinusRest, kSquare);
  expect_fused("mul.f32 %t32, %a32, %b32; sub.f32 %x32, %t32, 0f3F801000;", kRest);
  // What is subtracted is set between the two, and both are done twice.
  expect_fused(
      "mul.f32 %t32, %a32, %b32; mov.b32 %u32, %c32; sub.f32 %x32, %t32, %u32;"
      "mul.f32 %v32, %a32, %b32; sub.f32 %x32, %v32, %c32;",
      kRest,
      kSquare);
}

TEST(Contract, FusesEveryType) {
  const auto both = [](const std::string& type,
                       int bits,
                       std::uint64_t factor,
                       std::uint64_t c,
                       std::uint64_t fused,
                       std::uint64_t separate) {
    const std::string w = std::to_string(bits);
    const std::string body = "mul." + type + " %t" + w + ", %a" + w + ", %b" + w + "; add." + type +
                             " %x" + w + ", %t" + w + ", %c" + w + ";";
    EXPECT_EQ(run(body, bits, true, factor, factor, c), fused) << body;
    EXPECT_EQ(run(body, bits, false, factor, factor, c), separate) << body;
  };
  // (1 + 2^-27)^2 = 1 + 2^-26 + 2^-54
  both("f64", 64, 0x3ff0000002000000, 0xbff0000004000000, 0x3c90000000000000, 0);
  // (1 + 2^-6)^2 = 1 + 2^-5 + 2^-12
  both("f16", 16, 0x3c10, 0xbc20, 0x0c00, 0);
  both("f16x2", 32, 0x3c103c10, 0xbc20bc20, 0x0c000c00, 0);
  // (1 + 2^-4)^2 = 1 + 2^-3 + 2^-8, a tie to even
  both("bf16", 16, 0x3f88, 0xbf90, 0x3b80, 0);
  both("bf16x2", 32, 0x3f883f88, 0xbf90bf90, 0x3b803b80, 0);
}

TEST(Contract, ARoundingModifierKeepsThemApart) {
  expect_separate("mul.rn.f32 %t32, %a32, %b32; add.f32 %x32, %t32, %c32;");
  expect_separate("mul.f32 %t32, %a32, %b32; add.rn.f32 %x32, %t32, %c32;");
  expect_separate("mul.f32 %t32, %a32, %b32; sub.rn.f32 %x32, %t32, 0f3F801000;");
}

TEST(Contract, AnotherReaderKeepsThemApart) {
  expect_separate("mul.f32 %t32, %a32, %b32; add.f32 %x32, %t32, %c32; mov.b32 %u32, %t32;");
  expect_separate(
      "mul.f32 %t32, %a32, %b32; mov.b64 %t64, {%t32, %t32}; add.f32 %x32, %t32, %c32;");
}

TEST(Contract, ALabelOrABranchBetweenKeepsThemApart) {
  expect_separate("mul.f32 %t32, %a32, %b32; HERE: add.f32 %x32, %t32, %c32;");
  expect_separate("mul.f32 %t32, %a32, %b32; bra HERE; HERE: add.f32 %x32, %t32, %c32;");
}

TEST(Contract, DifferentModifiersOrGuardsKeepThemApart) {
  expect_separate("mul.ftz.f32 %t32, %a32, %b32; add.f32 %x32, %t32, %c32;");
  expect_separate("setp.eq.u32 %p, 0, 0; mul.f32 %t32, %a32, %b32; @%p add.f32 %x32, %t32, %c32;");
}

TEST(Contract, FactorsThatChangeBetweenKeepThemApart) {
  expect_separate("mul.f32 %t32, %a32, %b32; mov.b32 %a32, 0; add.f32 %x32, %t32, %c32;");
  expect_separate(
      "mul.f32 %t32, %a32, %b32; mov.b64 {%b32, %u32}, %a64; add.f32 %x32, %t32, %c32;");
}

TEST(Contract, OneGuardOverBothIsKept) {
  const std::string body =
      "mov.b32 %x32, 7; setp.eq.u32 %p, 0, 1; @%p mul.f32 %t32, %a32, %b32; "
      "@%p add.f32 %x32, %t32, %c32; ";
  EXPECT_EQ(run_f32(body, true), 7U);
  expect_fused("setp.eq.u32 %p, 0, 0; @%p mul.f32 %t32, %a32, %b32; @%p add.f32 %x32, %t32, %c32;",
               kRest);
}

}  // namespace
}  // namespace attest::ptx
