// Tests of the lexer: token kinds, positions, comments, faults.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/lexer.h"

#include "harness/ptx/syntax/limits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx::syntax {
namespace {

std::vector<Token> lex(std::string_view text) {
  Lexer lexer(text);
  std::vector<Token> tokens;
  do {
    tokens.push_back(lexer.next());
  } while (tokens.back().kind != TokenKind::end && tokens.back().kind != TokenKind::invalid);
  return tokens;
}

std::vector<std::string> texts(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& token : lex(text))
    out.emplace_back(token.text);
  out.pop_back();
  return out;
}

using Texts = std::vector<std::string>;

TEST(Lexer, SplitsOpcodesAtDots) {
  EXPECT_EQ(
      texts("ld.global.nc.L1::no_allocate.L2::128B.v4.u32 %r1;"),
      (Texts{"ld", ".global", ".nc", ".L1::no_allocate", ".L2::128B", ".v4", ".u32", "%r1", ";"}));
  EXPECT_EQ(texts("tensor.2d.mbarrier::complete_tx::bytes"),
            (Texts{"tensor", ".2d", ".mbarrier::complete_tx::bytes"}));
}

TEST(Lexer, KeepsNamesWhole) {
  EXPECT_EQ(texts("$L__BB0_1: _ __x$1 %tid.x P1 @!%p1"),
            (Texts{"$L__BB0_1", ":", "_", "__x$1", "%tid", ".x", "P1", "@", "!", "%p1"}));
}

TEST(Lexer, Numbers) {
  EXPECT_EQ(
      texts("9.0 1.5e-3 2E+4 0x1e+4 0f3F800000+-4 3-4"),
      (Texts{
          "9.0", "1.5e-3", "2E+4", "0x1e", "+", "4", "0f3F800000", "+", "-", "4", "3", "-", "4"}));
}

TEST(Lexer, SkipsComments) {
  EXPECT_EQ(texts("a // b ; {\nc /* d \n * / */e/**/f //"), (Texts{"a", "c", "e", "f"}));
}

TEST(Lexer, StringsKeepEscapes) {
  const std::vector<Token> tokens = lex(R"("a \" b // c" x)");
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_EQ(tokens[0].kind, TokenKind::string);
  EXPECT_EQ(tokens[0].text, R"(a \" b // c)");
  EXPECT_EQ(tokens[1].text, "x");
}

TEST(Lexer, Positions) {
  const std::vector<Token> tokens = lex("a\n\t.b /*\n\n*/ 7\r\n  \"s\"\n");
  const std::vector<std::pair<int, int>> expected = {{1, 1}, {2, 2}, {4, 4}, {5, 3}, {6, 1}};
  ASSERT_EQ(tokens.size(), expected.size());
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    EXPECT_EQ(tokens[at].position.line, expected[at].first) << at;
    EXPECT_EQ(tokens[at].position.column, expected[at].second) << at;
  }
}

void expect_fault(
    std::string_view text, std::string_view message, Code code, int line, int column) {
  Lexer lexer(text);
  Token token = lexer.next();
  while (token.kind != TokenKind::end && token.kind != TokenKind::invalid)
    token = lexer.next();
  ASSERT_EQ(token.kind, TokenKind::invalid) << text;
  EXPECT_EQ(lexer.fault().message, message);
  EXPECT_EQ(lexer.fault().code, code);
  EXPECT_EQ(token.position.line, line);
  EXPECT_EQ(token.position.column, column);
  EXPECT_EQ(lexer.next().kind, TokenKind::invalid);
}

TEST(Lexer, Faults) {
  expect_fault("a /* b\n", "comment without end", Code::bad_input, 1, 3);
  expect_fault("a /*/", "comment without end", Code::bad_input, 1, 3);
  expect_fault("a\n \"b", "string without closing quote", Code::bad_input, 2, 2);
  expect_fault("\"b\n\"", "string without closing quote", Code::bad_input, 1, 1);
  expect_fault("\"b\\", "string without closing quote", Code::bad_input, 1, 1);
  expect_fault("a ? b", "character that PTX does not use", Code::bad_input, 1, 3);
  expect_fault(
      std::string_view("a\0b", 3), "character that PTX does not use", Code::bad_input, 1, 2);
  expect_fault(". b", "character that PTX does not use", Code::bad_input, 1, 1);
}

TEST(Lexer, LimitsTheLengthOfTokens) {
  std::string name(kMaxTokenBytes, 'a');
  EXPECT_EQ(texts(name), (Texts{name}));
  name += 'a';
  expect_fault(name, "token too long", Code::limit, 1, 1);
  expect_fault("\"" + name + "\"", "token too long", Code::limit, 1, 1);
}

}  // namespace
}  // namespace attest::ptx::syntax
