// TokenStream: the current token, what may follow it, and the first error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/syntax/lexer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace attest::ptx::syntax {

/// Every bool below: false is a failure, and error() says what it was. Callers return at once.
class TokenStream {
 public:
  TokenStream(std::string_view text, std::string_view name);

  [[nodiscard]] const Token& current() const { return current_; }
  /// The current token; moves on to the next one.
  Token take();

  [[nodiscard]] bool is(TokenKind kind) const { return current_.kind == kind; }
  [[nodiscard]] bool is(char punctuation) const;
  /// `text` with its dot.
  [[nodiscard]] bool is_dotted(std::string_view text) const;
  bool accept(char punctuation);
  bool accept_dotted(std::string_view text);

  bool expect(char punctuation);
  bool expect_dotted(std::string_view text);
  bool expect_word(std::string_view text);
  /// `what` names the thing in the message: "a label".
  bool expect_name(std::string_view what, std::string& name);
  bool expect_string(std::string_view what, std::string& text);
  /// Inclusive bounds, which are part of the message.
  bool expect_integer(std::int64_t least, std::int64_t most, std::int64_t& value);
  bool expect_int(int least, int most, int& value);

  /// "found <current token>, expected <expected>"; false.
  bool fail(std::string_view expected);
  /// Any other message, at a place; false.
  bool fail_at(Position position, Code code, std::string message);
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  [[nodiscard]] const Error& error() const;

  /// The text from `begin`, a place in the text, to the end of the last token taken.
  [[nodiscard]] std::string since(const char* begin) const;

  /// Counts declared registers of the module against their limit.
  bool count_registers(Position position, std::int64_t count);

 private:
  void advance();

  Lexer lexer_;
  std::string_view name_;
  Token current_;
  const char* last_end_ = nullptr;
  std::size_t tokens_ = 0;
  std::int64_t registers_ = 0;
  bool has_failed_ = false;
  Error error_;
};

}  // namespace attest::ptx::syntax
