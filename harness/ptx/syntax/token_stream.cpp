// TokenStream: expectations on the token sequence, and error messages.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/token_stream.h"

#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/numbers.h"

namespace attest::ptx::syntax {
namespace {

constexpr std::size_t kMaxQuoted = 40;

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxQuoted)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  if (text.size() > kMaxQuoted) out += "..";
  return out;
}

std::string quoted(std::string_view text, char quote = '\'') {
  std::string out(1, quote);
  out.append(text);
  out += quote;
  return out;
}

std::string describe(const Token& token) {
  if (token.kind == TokenKind::end) return "the end of the text";
  const char quote = token.kind == TokenKind::string ? '"' : '\'';
  return quoted(printable(token.text), quote);
}

}  // namespace

TokenStream::TokenStream(std::string_view text, std::string_view name)
    : lexer_(text), name_(name), last_end_(text.data()) {
  advance();
}

void TokenStream::advance() {
  current_ = lexer_.next();
  if (++tokens_ > kMaxTokens && current_.kind != TokenKind::end) {
    fail_at(current_.position, Code::limit, "more than " + std::to_string(kMaxTokens) + " tokens");
    current_.kind = TokenKind::end;
  }
}

Token TokenStream::take() {
  const Token token = current_;
  last_end_ = token.text.data() + token.text.size();
  if (token.kind != TokenKind::end && token.kind != TokenKind::invalid) advance();
  return token;
}

bool TokenStream::is(char punctuation) const {
  return current_.kind == TokenKind::punctuation && current_.text[0] == punctuation;
}

bool TokenStream::is_dotted(std::string_view text) const {
  return current_.kind == TokenKind::dotted && current_.text == text;
}

bool TokenStream::accept(char punctuation) {
  if (!is(punctuation)) return false;
  take();
  return true;
}

bool TokenStream::accept_dotted(std::string_view text) {
  if (!is_dotted(text)) return false;
  take();
  return true;
}

bool TokenStream::expect(char punctuation) {
  return accept(punctuation) || fail(quoted({&punctuation, 1}));
}

bool TokenStream::expect_dotted(std::string_view text) {
  return accept_dotted(text) || fail(quoted(text));
}

bool TokenStream::expect_word(std::string_view text) {
  if (!is(TokenKind::word) || current_.text != text) return fail(quoted(text));
  take();
  return true;
}

bool TokenStream::expect_name(std::string_view what, std::string& name) {
  if (!is(TokenKind::word)) return fail(what);
  name = take().text;
  return true;
}

bool TokenStream::expect_string(std::string_view what, std::string& text) {
  if (!is(TokenKind::string)) return fail(what);
  text = take().text;
  return true;
}

bool TokenStream::expect_integer(std::int64_t least, std::int64_t most, std::int64_t& value) {
  const auto number = is(TokenKind::number) ? parse_number(current_.text) : std::nullopt;
  const bool fits = number && number->kind == Operand::Kind::integer &&
                    number->bits <= static_cast<std::uint64_t>(INT64_MAX) &&
                    static_cast<std::int64_t>(number->bits) >= least &&
                    static_cast<std::int64_t>(number->bits) <= most;
  if (!fits) {
    return fail("an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  value = static_cast<std::int64_t>(number->bits);
  take();
  return true;
}

bool TokenStream::expect_int(int least, int most, int& value) {
  std::int64_t wide = 0;
  if (!expect_integer(least, most, wide)) return false;
  value = static_cast<int>(wide);
  return true;
}

bool TokenStream::fail(std::string_view expected) {
  if (is(TokenKind::invalid)) {
    const LexicalFault& fault = lexer_.fault();
    return fail_at(current_.position,
                   fault.code,
                   std::string(fault.message) + " at " + describe(current_) + ", expected " +
                       std::string(expected));
  }
  return fail_at(current_.position,
                 Code::bad_input,
                 "found " + describe(current_) + ", expected " + std::string(expected));
}

bool TokenStream::fail_at(Position position, Code code, std::string message) {
  if (has_failed_) return false;
  has_failed_ = true;
  error_ = {.code = code,
            .message = std::move(message),
            .where = std::string(name_) + ":" + std::to_string(position.line) + ":" +
                     std::to_string(position.column)};
  return false;
}

const Error& TokenStream::error() const {
  ATTEST_CHECK(has_failed_);
  return error_;
}

std::string TokenStream::since(const char* begin) const {
  return {begin, static_cast<std::size_t>(last_end_ - begin)};
}

bool TokenStream::count_registers(Position position, std::int64_t count) {
  registers_ += count;  // cannot overflow: each count is bounded, and so is the number of tokens
  return registers_ <= kMaxRegisters ||
         fail_at(position,
                 Code::limit,
                 "more than " + std::to_string(kMaxRegisters) + " registers declared");
}

}  // namespace attest::ptx::syntax
