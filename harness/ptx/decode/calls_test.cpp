// Calls: what is refused, and where; order and shared memory of what an entry reaches.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/call_graph.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// `functions` start on line 4, the entry's body on the last line but one.
std::string module_text(const std::string& functions, const std::string& body) {
  return ".version 9.0\n.target sm_80\n.address_size 64\n" + functions +
         "\n.visible .entry e() {\n" + body + "\nret; }\n";
}

std::string error_of(const std::string& functions, const std::string& body) {
  const auto module = parse_module(module_text(functions, body), "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  return program ? "" : program.error().to_string();
}

TEST(Calls, RecursionIsRefusedWithItsCycle) {
  EXPECT_EQ(error_of(".func f() {\n  call f;\n}", "call f;"),
            "t:5:3: recursion is not implemented: 'f' -> 'f'");
  EXPECT_EQ(error_of(".func f();\n.func g() { call f; }\n.func f() { call g; }", "call g;"),
            "t:6:13: recursion is not implemented: 'g' -> 'f' -> 'g'");
  EXPECT_EQ(error_of(".func f() { ret; }\n.func g() { call f; call f; }", "call g; call f;"), "");
}

TEST(Calls, LongChainsNeedNoStack) {
  std::string functions = ".func f0() { ret; }\n";
  constexpr int kFunctions = 20'000;
  for (int n = 1; n < kFunctions; ++n) {
    const std::string name = std::to_string(n);
    functions += ".func f" + name + "() { call f" + std::to_string(n - 1) + "; }\n";
  }
  EXPECT_EQ(error_of(functions, "call f" + std::to_string(kFunctions - 1) + ";"), "");
}

TEST(Calls, CalleesComeFirst) {
  const auto module =
      parse_module(module_text(".func f() { ret; }\n.func g() { { call f; } }\n.func unused() {}",
                               "call g; call f;"),
                   "t");
  ASSERT_TRUE(module.has_value());
  const auto order = CallGraph(*module).order(module->functions.back(), "t");
  ASSERT_TRUE(order.has_value()) << order.error().to_string();
  std::vector<std::string> names;
  for (const Function* f : *order)
    names.push_back(f->name);
  EXPECT_EQ(names, (std::vector<std::string>{"f", "g", "e"}));
}

TEST(Calls, ArgumentsMatchParameters) {
  const std::string f = ".func (.reg .b32 r) f(.reg .b32 x) { mov.b32 r, x; }";
  EXPECT_EQ(error_of(f, ".reg .b32 %r;\ncall (%r), f, (%r, %r);"),
            "t:7:1: 'f' takes 1 values, found 2");
  EXPECT_EQ(error_of(f, ".reg .b32 %r;\ncall (%r, %r), f, (%r);"),
            "t:7:1: 'f' returns 1 values, found 2");
  EXPECT_EQ(error_of(f, ".reg .b64 %d;\n.reg .b32 %r;\ncall (%r), f, (%d);"),
            "t:8:16: 'mov.b32': '%d' is not a register of 32 bits");
  EXPECT_EQ(error_of(f, "call f, (3);"), "") << "a result that nobody wants";
}

TEST(Calls, WhatIsNotImplementedIsNamed) {
  EXPECT_EQ(error_of("", "call f;"), "t:6:1: function 'f' is not implemented");
  EXPECT_EQ(error_of("", ".reg .b64 %f;\np: .callprototype _ ();\ncall %f, (), p;"),
            "t:8:1: an indirect call is not implemented");
  EXPECT_EQ(error_of("", ".reg .b64 %d;\nalloca.u64 %d, 16;"),
            "t:7:1: instruction 'alloca.u64' is not implemented");
  EXPECT_EQ(error_of("", "ret 3;"), "t:6:1: 'ret': expected no operand");
}

TEST(Calls, TablesOfBranchesAreLocal) {
  const std::string table = ".reg .b32 %r; mov.u32 %r, 0;\n";
  EXPECT_EQ(error_of("", table + "{ T: .branchtargets A, B; }\nbrx.idx %r, T; A: B:"),
            "t:8:1: no .branchtargets 'T' is in scope");
  EXPECT_EQ(error_of("", table + "T: .branchtargets A, B;\nbrx.idx %r, T; A:"),
            "t:8:1: no label 'B' is in scope");
}

TEST(Calls, SharedVariablesOfCalleesArePlaced) {
  const auto module = parse_module(
      module_text(
          ".shared .b8 of_module[64]; .shared .b8 unused[4096];\n"
          ".func f() { .reg .b32 %r; .shared .align 8 .b8 own[24]; mov.u32 %r, of_module; }",
          "call f;"),
      "t");
  ASSERT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  ASSERT_TRUE(program.has_value()) << program.error().to_string();
  EXPECT_EQ((*program)->static_shared_bytes, 24 + 64);
}

}  // namespace
}  // namespace attest::ptx
