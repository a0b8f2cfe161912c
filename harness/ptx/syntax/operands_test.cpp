// Tests of instructions and their operands.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/testing.h"

namespace attest::ptx {
namespace {

using testing::address;
using testing::constant;
using testing::error_of;
using testing::in_body;
using testing::integer;
using testing::named;
using testing::not_named;
using testing::only;
using testing::pair;
using testing::sink;
using testing::vector;
using Kind = Operand::Kind;
using Operands = std::vector<Operand>;
using Strings = std::vector<std::string>;

Operands operands(const std::string& text) {
  return only<Instruction>(text).operands;
}

TEST(Instruction, OpcodeAndModifiers) {
  const auto load = only<Instruction>("ld.global.nc.L1::no_allocate.v4.u32 {a, b, c, d}, [p];");
  EXPECT_EQ(load.opcode, "ld");
  EXPECT_EQ(load.modifiers, (Strings{"global", "nc", "L1::no_allocate", "v4", "u32"}));
  const auto spaced = only<Instruction>("add .s32\n a , b,c ;");
  EXPECT_EQ(spaced.modifiers, (Strings{"s32"}));
  EXPECT_EQ(spaced.operands, (Operands{named("a"), named("b"), named("c")}));
  const auto bare = only<Instruction>("ret;");
  EXPECT_EQ(bare.opcode, "ret");
  EXPECT_TRUE(bare.modifiers.empty());
  EXPECT_TRUE(bare.operands.empty());
}

TEST(Instruction, Guards) {
  const auto guarded = only<Instruction>("@%p1 bra.uni $L__BB0_1;");
  ASSERT_TRUE(guarded.guard);
  EXPECT_EQ(guarded.guard->predicate, "%p1");
  EXPECT_FALSE(guarded.guard->is_negated);
  const auto negated = only<Instruction>("@!P_OUT cp.async.wait_all;");
  ASSERT_TRUE(negated.guard);
  EXPECT_EQ(negated.guard->predicate, "P_OUT");
  EXPECT_TRUE(negated.guard->is_negated);
  EXPECT_FALSE(only<Instruction>("bra L;").guard);
}

TEST(Instruction, Positions) {
  const auto guarded = only<Instruction>("\n  @p add.s32 a, [b+1];");
  EXPECT_EQ(guarded.position.line, 6);
  EXPECT_EQ(guarded.position.column, 3);
  EXPECT_EQ(guarded.operands.at(1).position.line, 6);
  EXPECT_EQ(guarded.operands.at(1).position.column, 17);
}

TEST(Operands, SpecialRegistersAndComponents) {
  EXPECT_EQ(operands("mov.u32 %r3, %tid.x;"), (Operands{named("%r3"), named("%tid.x")}));
  EXPECT_EQ(operands("mov.u32 v.w, %envreg2;"), (Operands{named("v.w"), named("%envreg2")}));
}

TEST(Operands, PairsAndSinks) {
  EXPECT_EQ(
      operands("shfl.sync.bfly.b32 %r21|%p3, %r34, 1, 31, -1;"),
      (Operands{
          pair(named("%r21"), named("%p3")), named("%r34"), integer(1), integer(31), integer(-1)}));
  EXPECT_EQ(operands("elect.sync _|P, -1;"), (Operands{pair(sink(), named("P")), integer(-1)}));
  EXPECT_EQ(operands("mbarrier.arrive.shared.b64 _, [%r1];"),
            (Operands{sink(), address("%r1", 0)}));
}

TEST(Operands, NegatedPredicates) {
  EXPECT_EQ(operands("setp.lt.and.s32 p|q, a, 0, !r;"),
            (Operands{pair(named("p"), named("q")), named("a"), integer(0), not_named("r")}));
}

TEST(Operands, Constants) {
  EXPECT_EQ(operands("f -1, 0x7FU, 017, 0b11, -9223372036854775808, 18446744073709551615, ~0, +5;"),
            (Operands{integer(-1),
                      integer(127),
                      integer(15),
                      integer(3),
                      integer(INT64_MIN),
                      integer(-1),
                      integer(-1),
                      integer(5)}));
  EXPECT_EQ(operands("f 0fBF800000, 0d3FF0000000000000, -1.5;"),
            (Operands{constant(Kind::float32, 0xBF800000),
                      constant(Kind::float64, 0x3FF0000000000000),
                      constant(Kind::float64, 0xBFF8000000000000)}));
}

TEST(Operands, Vectors) {
  EXPECT_EQ(operands("mma.m16n8k8 {%f1, _}, {%r1}, {0f00000000, %f2};"),
            (Operands{vector({named("%f1"), sink()}),
                      vector({named("%r1")}),
                      vector({constant(Kind::float32, 0), named("%f2")})}));
  EXPECT_EQ(operands("mov.b32 %r, {7, %rs};"),
            (Operands{named("%r"), vector({integer(7), named("%rs")})}));
  std::string wide = "%f0";
  for (int at = 1; at < 128; ++at)
    wide += ", %f" + std::to_string(at);
  const Operands all = operands("wgmma.mma_async {" + wide + "}, %rd1, %rd2;");
  ASSERT_EQ(all.at(0).elements.size(), 128U);
  EXPECT_EQ(all[0].elements[127], named("%f127"));
}

TEST(Operands, Addresses) {
  EXPECT_EQ(operands("f [%rd1], [%rd1+4], [%rd1+-4], [%rd1 + 0x10], [sym], [sym+12], [64], [-4];"),
            (Operands{address("%rd1", 0),
                      address("%rd1", 4),
                      address("%rd1", -4),
                      address("%rd1", 16),
                      address("sym", 0),
                      address("sym", 12),
                      address("", 64),
                      address("", -4)}));
  EXPECT_EQ(operands("f [s+4+-8];"), (Operands{address("s", -4)}));
  EXPECT_EQ(operands("cp [%r1], [%rd1, {%r2, 3}], [%r3];"),
            (Operands{address("%r1", 0),
                      address("%rd1", 0, {vector({named("%r2"), integer(3)})}),
                      address("%r3", 0)}));
  EXPECT_EQ(operands("mov.b64 d, sym+4;"), (Operands{named("d"), named("sym", 4)}));
}

TEST(Operands, Calls) {
  EXPECT_EQ(operands("call.uni (retval0), \n vprintf, \n(\nparam0, \nparam1\n);"),
            (Operands{vector({named("retval0")}),
                      named("vprintf"),
                      vector({named("param0"), named("param1")})}));
  EXPECT_EQ(operands("call f;"), (Operands{named("f")}));
  EXPECT_EQ(operands("call f, ();"), (Operands{named("f"), vector({})}));
  EXPECT_EQ(operands("call f, (1, %r2);"),
            (Operands{named("f"), vector({integer(1), named("%r2")})}));
  EXPECT_EQ(
      operands("call (_), %rd1, (a), prototype_2;"),
      (Operands{vector({sink()}), named("%rd1"), vector({named("a")}), named("prototype_2")}));
  EXPECT_EQ(operands("call %rd1, prototype_2;"), (Operands{named("%rd1"), named("prototype_2")}));
}

TEST(Operands, PrintsCanonically) {
  const auto all = only<Instruction>("@!p  call.x   (a) , f ,(0X1F,-0x2) ;");
  EXPECT_EQ(print(all), "@!p call.x (a), f, (31, -2);");
  const auto load = only<Instruction>("ld.v2.f32 {%f1,_},[%rd1+-0x4];");
  EXPECT_EQ(print(load), "ld.v2.f32 {%f1, _}, [%rd1+-4];");
  const auto values = only<Instruction>("f a|b,!c,0f3f8aBCDE,0dfff0000000000001,[8],s+2,[m,{x}];");
  EXPECT_EQ(print(values), "f a|b, !c, 0f3F8ABCDE, 0dFFF0000000000001, [8], s+2, [m, {x}];");
}

TEST(Operands, Errors) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"add.s32 a, b", "6:1: found '}', expected ',' or ';'"},
      {"add.s32 a, ;", "5:12: found ';', expected an operand"},
      {"add.s32 a b;", "5:11: found 'b', expected ',' or ';'"},
      {"add.s32 a, {};", "5:13: found '}', expected an operand"},
      {"add.s32 a, {{b}};", "5:13: found '{', expected an operand"},
      {"ld.b32 a, [b-4];", "5:13: found '-', expected ']'"},
      {"ld.b32 a, [b+c];", "5:14: found 'c', expected a constant of at most 64 bits"},
      {"ld.b32 a, [b+1.5];", "5:14: expected an integer offset of 64 bits"},
      {"ld.b32 a, [9223372036854775807+1];", "5:32: expected an integer offset of 64 bits"},
      {"ld.b32 a, [0f00000000];", "5:12: expected an integer address"},
      {"ld.b32 a, [];", "5:12: found ']', expected a constant of at most 64 bits"},
      {"mov.b32 a, 08;", "5:12: found '08', expected a constant of at most 64 bits"},
      {"mov.b32 a, -0f3F800000;", "5:13: found '0f3F800000', expected an integer after a sign"},
      {"mov.b32 a, -9223372036854775809;",
       "5:13: found '9223372036854775809', expected at most 2^63 after '-'"},
      {"f 4|p;", "5:4: found '|', expected ',' or ';' after this operand"},
      {"f a|4;", "5:5: found '4', expected an operand"},
      {"f !4;", "5:4: found '4', expected a predicate"},
      {"@p { ret; }", "5:4: found '{', expected an opcode"},
      {"@4 ret;", "5:2: found '4', expected a predicate"},
      {"call (a) f;", "5:10: found 'f', expected ','"},
      {"call {a}, f;", "5:6: found '{', expected the function to call"},
      {"call f, (a;", "5:11: found ';', expected ')'"},
      {"f \"text\";", "5:3: found \"text\", expected an operand"},
      {"f a, \x01;", "5:6: character that PTX does not use at '\\x01', expected an operand"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(error_of(in_body(text)), "test.ptx:" + message) << text;
  }
}

TEST(Operands, ErrorsQuoteAtMostALine) {
  const std::string name(syntax::kMaxTokenBytes, 'a');
  EXPECT_EQ(error_of(in_body("f b " + name + ";")),
            "test.ptx:5:5: found '" + name.substr(0, 40) + "..', expected ',' or ';'");
}

}  // namespace
}  // namespace attest::ptx
