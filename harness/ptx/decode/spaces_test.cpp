// Variables of a module, from their text to their bytes; freed memory; the order of atomics.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace attest::ptx {
namespace {

/// A memory with `out`, and launches of one module on it.
class Machine {
 public:
  explicit Machine(const std::string& text) : text_(text) {
    out_ = memory_.allocate("out", 1024, 0, std::vector<std::byte>(1024), true);
  }

  std::optional<Finding> run(const std::string& entry, LaunchOptions options = {}) {
    const auto module = parse_module(text_, "t");
    EXPECT_TRUE(module.has_value()) << module.error().to_string();
    const auto program = decode(*module, "t", entry);
    EXPECT_TRUE(program.has_value()) << program.error().to_string();
    Launch launch;
    launch.entry = entry;
    launch.block = {32, 1, 1};
    launch.parameters.resize(8);
    std::memcpy(launch.parameters.data(), &out_, 8);
    Grid grid(**program, launch, memory_, options);
    return grid.run();
  }

  [[nodiscard]] std::uint32_t word(std::size_t nth) const {
    std::uint32_t value = 0;
    std::memcpy(&value, memory_.allocations()[0].data + 4 * nth, 4);
    return value;
  }
  [[nodiscard]] GlobalMemory& memory() { return memory_; }
  [[nodiscard]] std::uint64_t out() const { return out_; }

 private:
  std::string text_;
  GlobalMemory memory_;
  std::uint64_t out_ = 0;
};

/// Stores %value of each lane at out + 4 * lane.
std::string entry(const std::string& name, const std::string& body) {
  return ".visible .entry " + name +
         "(.param .u64 out) {\n.reg .b32 %value, %lane, %a, %b;\n.reg .b64 %at, %base, %wide;\n"
         ".reg .pred %p;\nmov.u32 %lane, %laneid;\nmov.u32 %value, 0;\nld.param.u64 %base, "
         "[out];\nmul.wide.u32 %at, %lane, 4;\nadd.u64 %at, %at, %base;\n" +
         body + "\nst.global.u32 [%at], %value;\nret;\n}\n";
}

std::string module_text(const std::string& variables, const std::string& entries) {
  return ".version 9.0\n.target sm_80\n.address_size 64\n" + variables + "\n" + entries;
}

TEST(Spaces, ConstantsAreReadByNameByRegisterAndGenerically) {
  Machine m(module_text(".const .align 4 .b32 table[3] = {5, 70, 900};",
                        entry("e",
                              "ld.const.u32 %value, [table];\nmov.u64 %wide, table;\n"
                              "ld.const.u32 %a, [%wide+4];\nadd.u32 %value, %value, %a;\n"
                              "cvta.const.u64 %wide, %wide;\nld.u32 %a, [%wide+8];\n"
                              "add.u32 %value, %value, %a;")));
  ASSERT_FALSE(m.run("e"));
  EXPECT_EQ(m.word(0), 975u);
  EXPECT_EQ(m.word(31), 975u);
}

TEST(Spaces, VariablesHoldAddresses) {
  Machine m(
      module_text(".global .b64 pointer = generic(numbers)+4;\n"
                  ".global .b32 numbers[2] = {1, 2};",
                  entry("e", "ld.global.u64 %wide, [pointer];\nld.u32 %value, [%wide];")));
  ASSERT_FALSE(m.run("e"));
  EXPECT_EQ(m.word(0), 2u);
}

TEST(Spaces, WhatOneLaunchWritesTheNextOneReads) {
  const std::string text = module_text(".global .b32 counter;",
                                       entry("add", "atom.global.add.u32 %value, [counter], 1;") +
                                           entry("read", "ld.global.u32 %value, [counter];"));
  Machine m(text);
  ASSERT_FALSE(m.run("read"));
  EXPECT_EQ(m.word(0), 0u) << "zero without an initial value";
  ASSERT_FALSE(m.run("add"));
  ASSERT_FALSE(m.run("read"));
  EXPECT_EQ(m.word(0), 32u);
  Machine other(text);
  ASSERT_FALSE(other.run("read"));
  EXPECT_EQ(other.word(0), 0u) << "another job has its own";
}

TEST(Spaces, AddressesTellTheirSpace) {
  Machine m(module_text(
      ".const .b32 x; .global .b32 y;",
      entry("e",
            "mov.u64 %wide, x;\nisspacep.const %p, %wide;\n@%p add.u32 %value, %value, 1;\n"
            "isspacep.global %p, %wide;\n@%p add.u32 %value, %value, 2;\n"
            "mov.u64 %wide, y;\nisspacep.const %p, %wide;\n@%p add.u32 %value, %value, 4;\n"
            "isspacep.global %p, %wide;\n@%p add.u32 %value, %value, 8;")));
  ASSERT_FALSE(m.run("e"));
  EXPECT_EQ(m.word(0), 9u) << "x is constant, y is global";
}

TEST(Spaces, AddressesAreTheSameOnEveryRun) {
  const std::string text =
      module_text(".global .b32 x; .const .b32 y;",
                  entry("e", "mov.u64 %wide, y;\nmov.b64 {%value, %a}, %wide;"));
  Machine first(text);
  Machine second(text);
  ASSERT_FALSE(first.run("e"));
  ASSERT_FALSE(second.run("e"));
  EXPECT_NE(first.word(0), 0u);
  EXPECT_EQ(first.word(0), second.word(0));
}

std::optional<Finding> finding_of(const std::string& variables, const std::string& body) {
  return Machine(module_text(variables, entry("e", body))).run("e");
}

TEST(Spaces, FaultsNameTheVariable) {
  auto f = finding_of(".const .b32 table[3];", "ld.const.u32 %value, [table+12];");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::out_of_bounds);
  EXPECT_EQ(f->space, Space::constant);
  EXPECT_EQ(f->allocation, "table");
  EXPECT_EQ(f->distance_bytes, 4);

  f = finding_of(".const .b32 table[3];", "ld.const.u32 %value, [table+2];");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::misaligned);
  EXPECT_EQ(f->space, Space::constant);

  f = finding_of(".const .b32 table[3];", "mov.u64 %wide, table;\nst.u32 [%wide], %lane;");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::out_of_bounds);
  EXPECT_EQ(f->message, "constant memory cannot be written");

  f = finding_of(".const .b32 x;", "mov.u64 %wide, x;\nld.global.u32 %value, [%wide];");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->message, "constant memory is not part of .global");

  f = finding_of(".global .b32 x;", "mov.u64 %wide, x;\nld.const.u32 %value, [%wide];");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->message, "global memory is not part of .const");

  f = finding_of("", ".local .align 4 .b8 mine[4];\nld.local.u32 %value, [mine];");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::uninitialised_read);
  EXPECT_EQ(f->space, Space::local);
  EXPECT_EQ(f->allocation, "mine");
}

std::string refusal_of(const std::string& variables, const std::string& body) {
  const auto module = parse_module(module_text(variables, entry("e", body)), "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  return program ? "" : program.error().message;
}

TEST(Spaces, FormsThatCannotBeAreRefused) {
  const std::string why = ": this combination is not implemented";
  EXPECT_EQ(refusal_of(".const .b32 x;", "st.const.u32 [x], %lane;"), "'st.const.u32'" + why);
  EXPECT_EQ(refusal_of(".const .b32 x;", "ld.global.u32 %value, [x];"), "'ld.global.u32'" + why);
  EXPECT_EQ(refusal_of("", "ld.global.u32 %value, [%a];"), "'ld.global.u32'" + why)
      << "a 32-bit address";
  EXPECT_EQ(refusal_of("", "ld.volatile.param.u32 %value, [out];"),
            "'ld.volatile.param.u32'" + why);
  EXPECT_EQ(refusal_of("", "ld.global.L2::cache_hint.u32 %value, [%base];"),
            "'ld.global.L2::cache_hint.u32'" + why)
      << "no policy";
  EXPECT_EQ(refusal_of("", "ld.global.v8.u16 {%a, %a, %a, %a, %a, %a, %a, %a}, [%base];"),
            "'ld.global.v8.u16'" + why);
  EXPECT_EQ(refusal_of("", "cvta.to.global.u32 %a, %b;"), "'cvta.to.global.u32'" + why);
  EXPECT_EQ(refusal_of("", "atom.global.add.v2.u32 {%a, %b}, [%base], {%a, %b};"),
            "form 'atom.global.add.v2.u32' is not implemented");
  EXPECT_EQ(refusal_of("", "atom.global.exch.b128 %wide, [%base], %wide;"),
            "form 'atom.global.exch.b128' is not implemented");
  EXPECT_EQ(refusal_of("", "atom.global.add.u64 %a, [%base], %a;"),
            "'atom.global.add.u64': '%a' has 32 bits, .u64 needs 64");
  EXPECT_EQ(refusal_of("", "ld.global.v2.u32 {%a, %wide}, [%base];"),
            "'ld.global.v2.u32': the registers are all 64 bits wide or none is");
  EXPECT_EQ(refusal_of("", ".reg .b16 %h;\nld.global.u32 %h, [%base];"),
            "'ld.global.u32': '%h' has 16 bits, .u32 needs 32");
}

TEST(Spaces, FreedMemoryIsNamed) {
  Machine m(module_text("", entry("e", "ld.global.u32 %value, [%base+512];")));
  ASSERT_FALSE(m.run("e"));
  m.memory().free(m.out());
  const auto f = m.run("e");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::out_of_bounds);
  EXPECT_EQ(f->allocation, "out");
  EXPECT_EQ(f->message, "'out' has been freed");
}

TEST(Spaces, VariablesThatDoNotFitAreALimit) {
  Machine m(module_text(".global .b8 x[1024];", entry("e", "")));
  m.memory() = GlobalMemory(2000);
  m.memory().allocate("out", 1024, 0, std::vector<std::byte>(1024), true);
  const auto f = m.run("e");
  ASSERT_TRUE(f);
  EXPECT_EQ(f->kind, FindingKind::memory_limit);
}

/// The order in which lanes came, as each finds how many were before it.
std::vector<std::uint32_t> order_of(std::uint64_t schedule) {
  Machine m(module_text(".global .b32 counter;",
                        entry("e", "atom.global.add.u32 %value, [counter], 1;")));
  LaunchOptions options;
  options.schedule = schedule;
  EXPECT_FALSE(m.run("e", options));
  std::vector<std::uint32_t> order;
  for (std::size_t l = 0; l < 32; ++l)
    order.push_back(m.word(l));
  return order;
}

TEST(Spaces, AtomicsComeInAnOrderThatTheScheduleGives) {
  const std::vector<std::uint32_t> ascending = order_of(0);
  for (std::uint32_t l = 0; l < 32; ++l)
    EXPECT_EQ(ascending[l], l);
  EXPECT_NE(order_of(1), ascending);
  EXPECT_NE(order_of(1), order_of(2));
  EXPECT_EQ(order_of(1), order_of(1)) << "the same on every run";
  const std::vector<std::uint32_t> shuffled = order_of(1);
  EXPECT_EQ(std::set<std::uint32_t>(shuffled.begin(), shuffled.end()).size(), 32u);
}

}  // namespace
}  // namespace attest::ptx
