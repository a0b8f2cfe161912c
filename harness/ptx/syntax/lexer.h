// Lexer: PTX text as tokens that view the text; no allocation, one pass.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/syntax/ast.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace attest::ptx::syntax {

enum class TokenKind : std::uint8_t {
  end,
  word,         // add  %r1  $L__BB0_1  _
  dotted,       // .global  .L1::no_allocate  .2d
  number,       // 12  0x1FU  0f3F800000  1.5e-3; spelling not checked here
  string,       // text without the quotes, escapes as written
  punctuation,  // one character
  invalid,      // Lexer::fault() says why
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  Position position;
};

/// What is wrong with an invalid token.
struct LexicalFault {
  Code code = Code::bad_input;
  std::string_view message;
};

class Lexer {
 public:
  /// `text` outlives the lexer and its tokens.
  explicit Lexer(std::string_view text) : text_(text) {}

  /// Skips blanks and comments. After an invalid token or the end, gives the same again.
  [[nodiscard]] Token next();
  [[nodiscard]] const LexicalFault& fault() const { return fault_; }

 private:
  bool skip_blanks();
  bool skip_block_comment();
  [[nodiscard]] std::size_t word_end(std::size_t at) const;
  [[nodiscard]] std::size_t dotted_end(std::size_t at) const;
  [[nodiscard]] std::size_t number_end(std::size_t at) const;
  Token quoted(Position position);
  Token make(TokenKind kind, std::size_t end);
  Token invalid(std::string_view message, Code code = Code::bad_input);
  [[nodiscard]] char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  [[nodiscard]] Position here() const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  LexicalFault fault_;
};

}  // namespace attest::ptx::syntax
