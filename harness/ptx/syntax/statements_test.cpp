// Tests of statements: labels, scopes, declarations in bodies, line marks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/testing.h"

namespace attest::ptx {
namespace {

using testing::error_of;
using testing::in_body;
using testing::only;
using testing::statements;
using Strings = std::vector<std::string>;

TEST(Statements, Labels) {
  const auto all = statements("$L__BB0_1:\nLAB_WAIT : bra $L__BB0_1; D:");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(std::get<Label>(all[0]).name, "$L__BB0_1");
  EXPECT_EQ(std::get<Label>(all[1]).name, "LAB_WAIT");
  EXPECT_EQ(std::get<Label>(all[1]).position.line, 6);
  EXPECT_EQ(std::get<Instruction>(all[2]).opcode, "bra");
  EXPECT_EQ(std::get<Label>(all[3]).name, "D");
}

TEST(Statements, NestedScopes) {
  const auto outer = only<Block>("{ .reg .pred p; { .reg .b16 p, q; } {} ret; }");
  ASSERT_EQ(outer.statements.size(), 4U);
  EXPECT_EQ(std::get<RegisterDeclaration>(outer.statements[0]).type, "pred");
  const auto& inner = std::get<Block>(outer.statements[1]);
  ASSERT_EQ(inner.statements.size(), 1U);
  EXPECT_EQ(std::get<RegisterDeclaration>(inner.statements[0]).names, (Strings{"p", "q"}));
  EXPECT_TRUE(std::get<Block>(outer.statements[2]).statements.empty());
  EXPECT_EQ(std::get<Instruction>(outer.statements[3]).opcode, "ret");
}

TEST(Statements, Registers) {
  const auto counted = only<RegisterDeclaration>(".reg .b32 \t%r<12>;");
  EXPECT_EQ(counted.type, "b32");
  EXPECT_EQ(counted.names, (Strings{"%r"}));
  EXPECT_EQ(counted.count, 12);
  EXPECT_EQ(counted.vector_width, 1);
  const auto plain = only<RegisterDeclaration>(".reg .v4 .f32 a, B;");
  EXPECT_EQ(plain.names, (Strings{"a", "B"}));
  EXPECT_FALSE(plain.count);
  EXPECT_EQ(plain.vector_width, 4);
  const auto mixed = statements(".reg .u64 x<3>, y, z, w<2>;");
  ASSERT_EQ(mixed.size(), 3U);
  EXPECT_EQ(std::get<RegisterDeclaration>(mixed[0]).count, 3);
  EXPECT_EQ(std::get<RegisterDeclaration>(mixed[1]).names, (Strings{"y", "z"}));
  EXPECT_FALSE(std::get<RegisterDeclaration>(mixed[1]).count);
  EXPECT_EQ(std::get<RegisterDeclaration>(mixed[2]).names, (Strings{"w"}));
  EXPECT_EQ(std::get<RegisterDeclaration>(mixed[2]).count, 2);
}

TEST(Statements, CallSequence) {
  const auto block = only<Block>(
      "{ // callseq 1, 0\n.reg .b32 temp_param_reg;\n.param .align 4 .b8 param0[16];\n"
      "st.param.b32 [param0+0], 18;\n.param .b32 retval0;\ncall.uni (retval0), f, (param0);\n"
      "ld.param.b32 %r14, [retval0+0];\n} // callseq 1");
  ASSERT_EQ(block.statements.size(), 6U);
  const auto& parameter = std::get<VariableDeclaration>(block.statements[1]);
  EXPECT_EQ(parameter.space, "param");
  EXPECT_EQ(parameter.alignment, 4);
  EXPECT_EQ(parameter.type, "b8");
  EXPECT_EQ(parameter.name, "param0");
  EXPECT_EQ(parameter.dimensions, (std::vector<std::optional<std::int64_t>>{16}));
  EXPECT_EQ(std::get<VariableDeclaration>(block.statements[3]).name, "retval0");
}

TEST(Statements, Prototypes) {
  const auto prototype = only<CallPrototype>(
      "prototype_2 : .callprototype (.param .b32 _) _ (.param .b64 _, .param .align 8 .b8 _[24]);");
  EXPECT_EQ(prototype.name, "prototype_2");
  ASSERT_EQ(prototype.returns.size(), 1U);
  EXPECT_EQ(prototype.returns[0].type, "b32");
  ASSERT_EQ(prototype.parameters.size(), 2U);
  EXPECT_EQ(prototype.parameters[1].alignment, 8);
  EXPECT_FALSE(prototype.is_noreturn);
  const auto nothing = only<CallPrototype>("p: .callprototype _ .noreturn;");
  EXPECT_TRUE(nothing.returns.empty());
  EXPECT_TRUE(nothing.parameters.empty());
  EXPECT_TRUE(nothing.is_noreturn);
}

TEST(Statements, TargetLists) {
  const auto branches = only<TargetList>("$L_brx_0: .branchtargets $L1, $L2;");
  EXPECT_EQ(branches.name, "$L_brx_0");
  EXPECT_EQ(branches.targets, (Strings{"$L1", "$L2"}));
  EXPECT_FALSE(branches.is_call);
  EXPECT_TRUE(only<TargetList>("c: .calltargets f;").is_call);
}

TEST(Statements, LocationsAndPragmas) {
  const auto plain = statements(".loc\t1 36 11\nret;");
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(std::get<Location>(plain[0]),
            (Location{.file = 1, .line = 36, .column = 11, .rest = ""}));
  const auto inlined = statements(
      ".loc 2 409 9, function_name $L__info_string0, inlined_at 1 24 3\n"
      ".loc 2 5 0, function_name $L__info_string0+12,  inlined_at 1 2 3 ret;");
  ASSERT_EQ(inlined.size(), 3U);
  EXPECT_EQ(std::get<Location>(inlined[0]).line, 409);
  EXPECT_EQ(std::get<Location>(inlined[0]).rest,
            ", function_name $L__info_string0, inlined_at 1 24 3");
  EXPECT_EQ(std::get<Location>(inlined[1]).rest,
            ", function_name $L__info_string0+12,  inlined_at 1 2 3");
  EXPECT_EQ(std::get<Instruction>(inlined[2]).opcode, "ret");
  const auto pragmas = statements(".pragma \"nounroll\", \"used_bytes_mask 15\";");
  ASSERT_EQ(pragmas.size(), 2U);
  EXPECT_EQ(std::get<Pragma>(pragmas[1]).text, "used_bytes_mask 15");
}

TEST(Statements, Errors) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {";", "5:1: found ';', expected a statement or '}'"},
      {".version 9.0", "5:1: found '.version', expected a statement"},
      {".loc 1 2", "6:1: found '}', expected an integer from 0 to 2147483647"},
      {".loc 1 2 3, inlined_at 1 2 3", "5:13: found 'inlined_at', expected 'function_name'"},
      {".loc 1 2 3, function_name f, inlined_at 1 2",
       "6:1: found '}', expected an integer from 0 to 2147483647"},
      {".reg .x32 a;", "5:6: found '.x32', expected a type"},
      {".reg .b32 a<-1>;", "5:13: found '-', expected an integer from 0 to 4194304"},
      {".reg .b32 a<4194305>;", "5:13: found '4194305', expected an integer from 0 to 4194304"},
      {".reg .b32 a<4;", "5:14: found ';', expected '>'"},
      {".reg .b32 r<4194304>, one_more;", "5:23: more than 4194304 registers declared"},
      {".pragma nounroll;", "5:9: found 'nounroll', expected a string"},
      {"p: .callprototype _ (.local .b32 _);",
       "5:22: found '.local', expected '.param', '.reg' or ')'"},
      {"b: .branchtargets ;", "5:19: found ';', expected a target"},
      {"{ ret;", "7:1: found the end of the text, expected a statement or '}'"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(error_of(in_body(text)), "test.ptx:" + message) << text;
  }
}

TEST(Statements, LimitOfNesting) {
  const std::string open(syntax::kMaxBlockDepth - 1, '{');
  const std::string close(syntax::kMaxBlockDepth - 1, '}');
  EXPECT_EQ(error_of(in_body(open + close)), "");
  const auto deeper = parse_module(in_body("{" + open + close + "}"), "test.ptx");
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, Code::limit);
  EXPECT_EQ(deeper.error().to_string(), "test.ptx:5:65: blocks nested deeper than 64");
  EXPECT_FALSE(parse_module(in_body(std::string(1 << 20, '{')), "test.ptx"));
}

}  // namespace
}  // namespace attest::ptx
