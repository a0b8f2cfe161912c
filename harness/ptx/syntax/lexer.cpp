// Lexer of PTX text. Source: PTX ISA 9.0, section 4 (Syntax).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/lexer.h"

#include "harness/ptx/syntax/limits.h"

#include <array>

namespace attest::ptx::syntax {
namespace {

constexpr std::uint8_t kDigit = 1;
constexpr std::uint8_t kWordStart = 2;
constexpr std::uint8_t kWordPart = 4;
constexpr std::uint8_t kPunctuation = 8;

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = '0'; c <= '9'; ++c)
    classes[c] = kDigit | kWordPart;
  for (unsigned c = 'a'; c <= 'z'; ++c)
    classes[c] = kWordStart | kWordPart;
  for (unsigned c = 'A'; c <= 'Z'; ++c)
    classes[c] = kWordStart | kWordPart;
  for (const char c : {'_', '$'})
    classes[static_cast<unsigned char>(c)] = kWordStart | kWordPart;
  classes['%'] = kWordStart;
  for (const char c : std::string_view("{}()[]<>,;:@!|+-~=*/")) {
    classes[static_cast<unsigned char>(c)] = kPunctuation;
  }
  return classes;
}

constexpr auto kClasses = make_classes();

bool is_class(char c, std::uint8_t mask) {
  return (kClasses[static_cast<unsigned char>(c)] & mask) != 0;
}

}  // namespace

Position Lexer::here() const {
  return {.line = line_, .column = static_cast<int>(at_ - line_start_) + 1};
}

bool Lexer::skip_block_comment() {
  std::size_t end = at_ + 2;
  int line = line_;
  std::size_t line_start = line_start_;
  for (; end + 1 < text_.size(); ++end) {
    if (text_[end] == '*' && text_[end + 1] == '/') {
      at_ = end + 2;
      line_ = line;
      line_start_ = line_start;
      return true;
    }
    if (text_[end] == '\n') {
      ++line;
      line_start = end + 1;
    }
  }
  return false;
}

/// False: a comment that does not end.
bool Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      ++line_;
      line_start_ = at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++at_;
    } else if (c == '/' && peek(at_ + 1) == '/') {
      const std::size_t end = text_.find('\n', at_);
      at_ = end == std::string_view::npos ? text_.size() : end;
    } else if (c == '/' && peek(at_ + 1) == '*') {
      if (!skip_block_comment()) return false;
    } else {
      return true;
    }
  }
  return true;
}

std::size_t Lexer::word_end(std::size_t at) const {
  while (is_class(peek(at), kWordPart))
    ++at;
  return at;
}

std::size_t Lexer::dotted_end(std::size_t at) const {
  at = word_end(at);
  while (peek(at) == ':' && peek(at + 1) == ':' && is_class(peek(at + 2), kWordPart)) {
    at = word_end(at + 2);
  }
  return at;
}

std::size_t Lexer::number_end(std::size_t at) const {
  const std::size_t begin = at;
  while (is_class(peek(at), kDigit))
    ++at;
  bool is_decimal = peek(at) == '.' && is_class(peek(at + 1), kDigit);
  if (is_decimal) {
    ++at;
    while (is_class(peek(at), kDigit))
      ++at;
  }
  // "0d.." and "0f.." never get here with an exponent: their letter stops the digits first.
  if (at > begin && (peek(at) == 'e' || peek(at) == 'E') &&
      (peek(at + 1) == '+' || peek(at + 1) == '-') && is_class(peek(at + 2), kDigit)) {
    at += 2;
  }
  return word_end(at);
}

Token Lexer::make(TokenKind kind, std::size_t end) {
  if (end - at_ > kMaxTokenBytes) return invalid("token too long", Code::limit);
  const Token token{.kind = kind, .text = text_.substr(at_, end - at_), .position = here()};
  at_ = end;
  return token;
}

Token Lexer::invalid(std::string_view message, Code code) {
  fault_ = {.code = code, .message = message};
  return {.kind = TokenKind::invalid, .text = text_.substr(at_, 1), .position = here()};
}

Token Lexer::quoted(Position position) {
  std::size_t end = at_ + 1;
  while (peek(end) != '"') {
    if (peek(end) == '\\') ++end;
    if (end >= text_.size() || peek(end) == '\n') return invalid("string without closing quote");
    ++end;
  }
  if (end - at_ > kMaxTokenBytes) return invalid("token too long", Code::limit);
  const Token token{.kind = TokenKind::string,
                    .text = text_.substr(at_ + 1, end - at_ - 1),
                    .position = position};
  at_ = end + 1;
  return token;
}

Token Lexer::next() {
  if (!skip_blanks()) return invalid("comment without end");
  if (at_ >= text_.size()) return {.kind = TokenKind::end, .text = {}, .position = here()};
  const char c = text_[at_];
  if (is_class(c, kWordStart)) return make(TokenKind::word, word_end(at_ + 1));
  if (c == '.' && is_class(peek(at_ + 1), kWordPart)) {
    return make(TokenKind::dotted, dotted_end(at_ + 1));
  }
  if (is_class(c, kDigit)) return make(TokenKind::number, number_end(at_));
  if (c == '"') return quoted(here());
  if (is_class(c, kPunctuation)) return make(TokenKind::punctuation, at_ + 1);
  return invalid("character that PTX does not use");
}

}  // namespace attest::ptx::syntax
