// parse_problem: a recursive-descent reader of `attn(...)` that says what is wrong and where.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"
#include "harness/problem/problem.h"
#include "harness/problem/problem_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace attest {
namespace {

constexpr std::string_view kDelimiters = ",()&= \t\r\n";
constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::size_t kQuotedCharacters = 40;

/// `text` in quotes, short and printable.
std::string quoted(std::string_view text) {
  if (text.empty()) return "nothing";
  std::string out = "'";
  for (const char c : text.substr(0, kQuotedCharacters))
    out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kQuotedCharacters ? "...'" : "'");
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  Result<Problem> parse();

 private:
  struct Key {
    std::string_view name;
    std::int64_t Problem::*integer;  // an integer key, or null
    Status (Parser::*value)();       // any other key, or null
  };
  static constexpr std::size_t kKeys = 16;
  static const std::array<Key, kKeys> kTable;

  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }
  void skip_spaces() {
    position_ = std::min(text_.find_first_not_of(kSpaces, position_), text_.size());
  }
  bool accept(char c);
  std::string_view token();
  /// The token that was not expected here, or the delimiter, for a message.
  std::string found();
  [[nodiscard]] std::string key_list() const;
  [[nodiscard]] std::size_t column_of(std::string_view key) const;

  [[nodiscard]] Error fail(std::size_t position, std::string message) const;
  /// "key 'sq': found 'x', allowed: an integer"
  [[nodiscard]] Error refuse(std::size_t position,
                             std::string found,
                             std::string_view allowed) const;
  Status open(std::string_view owner);
  Status close_or_comma(std::string_view owner, bool& is_closed);

  Status item();
  Status integer(std::int64_t& out);
  Status number(double& out);
  Status alignment(Alignment& out);
  Status tensors(std::array<std::int64_t, 4>& out);
  Status dtype();
  Status layout();
  Status gap() { return tensors(problem_.gap); }
  Status skew() { return tensors(problem_.skew); }
  Status mask();
  Status mask_part(std::string_view part, std::size_t start);
  Status window();
  Status padding();
  Status fill() { return number(problem_.fill); }
  Status scale();
  Status data();
  Status seed();

  std::string_view text_;
  std::size_t position_ = 0;
  Problem problem_;
  std::string_view key_;                      // being read
  std::array<std::size_t, kKeys> columns_{};  // of each key's value, from 1; 0: not given
};

const std::array<Parser::Key, Parser::kKeys> Parser::kTable = {{
    {"b", &Problem::batch, nullptr},
    {"hq", &Problem::heads_q, nullptr},
    {"hkv", &Problem::heads_kv, nullptr},
    {"sq", &Problem::seq_q, nullptr},
    {"skv", &Problem::seq_kv, nullptr},
    {"d", &Problem::head_dim, nullptr},
    {"dv", &Problem::head_dim_v, nullptr},
    {"dtype", nullptr, &Parser::dtype},
    {"layout", nullptr, &Parser::layout},
    {"gap", nullptr, &Parser::gap},
    {"skew", nullptr, &Parser::skew},
    {"mask", nullptr, &Parser::mask},
    {"fill", nullptr, &Parser::fill},
    {"scale", nullptr, &Parser::scale},
    {"data", nullptr, &Parser::data},
    {"seed", nullptr, &Parser::seed},
}};

bool Parser::accept(char c) {
  skip_spaces();
  if (peek() != c) return false;
  ++position_;
  return true;
}

std::string_view Parser::token() {
  skip_spaces();
  const std::size_t end = std::min(text_.find_first_of(kDelimiters, position_), text_.size());
  const std::string_view word = text_.substr(position_, end - position_);
  position_ = end;
  return word;
}

std::string Parser::found() {
  skip_spaces();
  const std::string_view word = token();
  if (!word.empty()) return quoted(word);
  return at_end() ? "the end" : quoted(text_.substr(position_, 1));
}

std::string Parser::key_list() const {
  std::string keys;
  for (const Key& key : kTable)
    keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  return keys;
}

std::size_t Parser::column_of(std::string_view key) const {
  for (std::size_t i = 0; i < kKeys; ++i) {
    if (kTable[i].name == key && columns_[i] != 0) return columns_[i];
  }
  // An implied value stands where its origin does.
  if (key == "hkv") return column_of("hq");
  if (key == "skv") return column_of("sq");
  if (key == "dv") return column_of("d");
  return 1;
}

Error Parser::fail(std::size_t position, std::string message) const {
  return Error{Code::bad_input, std::move(message), fmt::format("case, column {}", position + 1)};
}

Error Parser::refuse(std::size_t position, std::string found, std::string_view allowed) const {
  return fail(position, fmt::format("key '{}': found {}, allowed: {}", key_, found, allowed));
}

Status Parser::open(std::string_view owner) {
  skip_spaces();
  const std::size_t start = position_;
  if (accept('(')) return Done{};
  return fail(start, fmt::format("found {} after '{}', allowed: '('", found(), owner));
}

Status Parser::close_or_comma(std::string_view owner, bool& is_closed) {
  skip_spaces();
  const std::size_t start = position_;
  is_closed = accept(')');
  if (is_closed || accept(',')) return Done{};
  if (at_end()) return fail(start, fmt::format("the bracket of '{}(' is not closed", owner));
  return fail(start, fmt::format("found {} in '{}(', allowed: ',' or ')'", found(), owner));
}

Result<Problem> Parser::parse() {
  skip_spaces();
  const std::size_t start = position_;
  const std::string_view word = token();
  if (word != "attn") {
    return fail(start, fmt::format("found {}, allowed: attn(...)", quoted(word)));
  }
  ATTEST_TRY([[maybe_unused]] Done opened, open("attn"));
  for (bool is_closed = accept(')'); !is_closed;) {
    ATTEST_TRY([[maybe_unused]] Done read, item());
    ATTEST_TRY([[maybe_unused]] Done next, close_or_comma("attn", is_closed));
  }
  const std::size_t end = position_;
  skip_spaces();
  if (!at_end()) {
    return fail(
        position_,
        fmt::format("found {} after the case, allowed: nothing", quoted(text_.substr(position_))));
  }
  const auto is_given = [this](std::size_t key) { return columns_[key] != 0; };
  if (!is_given(3)) return fail(end - 1, "key 'sq' is missing; it has no default");
  if (!is_given(2)) problem_.heads_kv = problem_.heads_q;
  if (!is_given(4)) problem_.seq_kv = problem_.seq_q;
  if (!is_given(6)) problem_.head_dim_v = problem_.head_dim;
  if (const auto bad = find_violation(problem_)) {
    return fail(column_of(bad->key) - 1, fmt::format("key '{}': {}", bad->key, bad->message));
  }
  return std::move(problem_);
}

Status Parser::item() {
  skip_spaces();
  const std::size_t start = position_;
  const std::string_view word = token();
  std::size_t index = 0;
  while (index < kKeys && kTable[index].name != word)
    ++index;
  if (word.empty()) {
    if (at_end()) return fail(start, "the bracket of 'attn(' is not closed");
    return fail(start, fmt::format("found {}, allowed keys: {}", found(), key_list()));
  }
  if (index == kKeys) {
    return fail(start, fmt::format("unknown key {}, allowed: {}", quoted(word), key_list()));
  }
  const Key& key = kTable[index];
  key_ = key.name;
  if (columns_[index] != 0) return fail(start, fmt::format("key '{}' is given twice", key_));
  const bool is_list = key.value == &Parser::gap || key.value == &Parser::skew;
  skip_spaces();
  const std::size_t after = position_;
  if (!is_list && !accept('=')) {
    return fail(after, fmt::format("key '{}': found {}, allowed: '='", key_, found()));
  }
  skip_spaces();
  columns_[index] = position_ + 1;
  return key.integer != nullptr ? integer(problem_.*key.integer) : (this->*key.value)();
}

Status Parser::integer(std::int64_t& out) {
  skip_spaces();
  const std::size_t start = position_;
  const std::string_view word = token();
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error == std::errc{} && end == word.data() + word.size()) return Done{};
  position_ = start;
  if (error == std::errc::result_out_of_range && end == word.data() + word.size()) {
    return refuse(start, found(), "an integer of at most 63 bits");
  }
  return refuse(start, found(), "an integer");
}

Status Parser::number(double& out) {
  skip_spaces();
  const std::size_t start = position_;
  const std::string_view word = token();
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error == std::errc{} && end == word.data() + word.size()) return Done{};
  position_ = start;
  if (error == std::errc::result_out_of_range && end == word.data() + word.size()) {
    return refuse(start, found(), "a number that fits a double");
  }
  return refuse(start, found(), "a number");
}

Status Parser::alignment(Alignment& out) {
  skip_spaces();
  const std::size_t start = position_;
  const std::string_view word = token();
  if (word == "tl" || word == "br") {
    out = word == "tl" ? Alignment::top_left : Alignment::bottom_right;
    return Done{};
  }
  position_ = start;
  return refuse(start, found(), "tl or br");
}

Status Parser::tensors(std::array<std::int64_t, 4>& out) {
  ATTEST_TRY([[maybe_unused]] Done opened, open(key_));
  std::array<bool, 4> is_given{};
  for (bool is_closed = false; !is_closed;) {
    skip_spaces();
    const std::size_t start = position_;
    const std::string_view word = token();
    std::size_t index = 0;
    while (index < kTensors.size() && name(kTensors[index]) != word)
      ++index;
    if (index == kTensors.size()) {
      position_ = start;
      return refuse(start, found(), "q, k, v or o");
    }
    if (is_given[index]) {
      return fail(start, fmt::format("key '{}': '{}' is given twice", key_, word));
    }
    is_given[index] = true;
    skip_spaces();
    const std::size_t after = position_;
    if (!accept('=')) return refuse(after, found(), "'='");
    ATTEST_TRY([[maybe_unused]] Done read, integer(out[index]));
    ATTEST_TRY([[maybe_unused]] Done next, close_or_comma(key_, is_closed));
  }
  return Done{};
}

Status Parser::dtype() {
  const std::size_t start = position_;
  const Result<Dtype> parsed = parse_dtype(token());
  if (parsed) {
    problem_.dtype = *parsed;
    return Done{};
  }
  position_ = start;
  return refuse(start, found(), "f32, f16 or bf16");
}

Status Parser::layout() {
  const std::size_t start = position_;
  const std::string_view word = token();
  if (word == "bshd" || word == "bhsd") {
    problem_.layout = word == "bshd" ? Layout::bshd : Layout::bhsd;
    return Done{};
  }
  position_ = start;
  return refuse(start, found(), "bshd or bhsd");
}

Status Parser::mask() {
  bool is_first = true;
  do {
    skip_spaces();
    const std::size_t start = position_;
    const std::string_view part = token();
    if (part == "none" && is_first) {
      if (peek() == '&') return refuse(position_, "'&' after none", "none alone");
      return Done{};
    }
    ATTEST_TRY([[maybe_unused]] Done read, mask_part(part, start));
    is_first = false;
  } while (accept('&'));
  return Done{};
}

Status Parser::mask_part(std::string_view part, std::size_t start) {
  Mask& mask = problem_.mask;
  const bool is_causal = part == "causal-tl" || part == "causal-br";
  const bool is_twice = (is_causal && mask.causal) || (part == "window" && mask.window) ||
                        (part == "padding" && mask.kv_lengths) || (part == "bool" && mask.boolean);
  if (is_twice) return refuse(start, "a second " + quoted(part), "each part of a mask once");
  if (is_causal) {
    mask.causal = part == "causal-tl" ? Alignment::top_left : Alignment::bottom_right;
    return Done{};
  }
  if (part == "window") return window();
  if (part == "padding") return padding();
  if (part == "bool") {
    mask.boolean = true;
    return Done{};
  }
  position_ = start;
  return refuse(
      start,
      found(),
      "none, or causal-tl, causal-br, window(l,r,tl|br), padding(n,..), bool joined by &");
}

Status Parser::window() {
  Window window;
  ATTEST_TRY([[maybe_unused]] Done opened, open("window"));
  bool is_closed = false;
  for (std::int64_t* side : {&window.left, &window.right}) {
    ATTEST_TRY([[maybe_unused]] Done read, integer(*side));
    const std::size_t after = position_;
    ATTEST_TRY([[maybe_unused]] Done next, close_or_comma("window", is_closed));
    if (is_closed) return refuse(after, "')'", "window(l,r,tl|br)");
  }
  ATTEST_TRY([[maybe_unused]] Done read, alignment(window.alignment));
  const std::size_t after = position_;
  ATTEST_TRY([[maybe_unused]] Done next, close_or_comma("window", is_closed));
  if (!is_closed) return refuse(after, "','", "window(l,r,tl|br)");
  problem_.mask.window = window;
  return Done{};
}

Status Parser::padding() {
  std::vector<std::int64_t> lengths;
  ATTEST_TRY([[maybe_unused]] Done opened, open("padding"));
  for (bool is_closed = accept(')'); !is_closed;) {
    ATTEST_TRY([[maybe_unused]] Done read, integer(lengths.emplace_back()));
    ATTEST_TRY([[maybe_unused]] Done next, close_or_comma("padding", is_closed));
  }
  problem_.mask.kv_lengths = std::move(lengths);
  return Done{};
}

Status Parser::scale() {
  return number(problem_.scale.emplace());
}

Status Parser::data() {
  const std::size_t start = position_;
  const std::string_view word = token();
  std::string allowed;
  for (int i = 0; i < kDataKinds; ++i) {
    const auto kind = static_cast<DataKind>(i);
    allowed +=
        (i == 0 ? "" : ", ") + std::string(name(kind)) + (kind == DataKind::normal ? "(a)" : "");
    if (word != name(kind)) continue;
    problem_.data.kind = kind;
    if (kind != DataKind::normal || peek() != '(') return Done{};
    ATTEST_TRY([[maybe_unused]] Done opened, open(word));
    ATTEST_TRY([[maybe_unused]] Done read, number(problem_.data.amplitude));
    bool is_closed = false;
    const std::size_t after = position_;
    ATTEST_TRY([[maybe_unused]] Done next, close_or_comma(word, is_closed));
    if (!is_closed) return refuse(after, "','", "normal(a)");
    return Done{};
  }
  position_ = start;
  return refuse(start, found(), allowed);
}

Status Parser::seed() {
  const std::size_t start = position_;
  std::string_view word = token();
  const bool is_hex = word.substr(0, 2) == "0x";
  if (is_hex) word.remove_prefix(2);
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), problem_.seed, is_hex ? 16 : 10);
  if (error == std::errc{} && end == word.data() + word.size()) return Done{};
  position_ = start;
  return refuse(start, found(), "an integer of at most 64 bits, decimal or 0x hexadecimal");
}

}  // namespace

Result<Problem> parse_problem(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace attest
