// parse_problem: the keys of `attn(...)`, their defaults, and where a refused value stands.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem.h"
#include "harness/problem/problem_limits.h"
#include "harness/problem/problem_values.h"

#include <fmt/format.h>

#include <array>

namespace attest {
namespace {

struct Key {
  std::string_view name;
  std::int64_t Problem::*integer = nullptr;  // an integer key,
  Status (ValueReader::*value)() = nullptr;  // or any other
  bool has_equals = true;                    // false: `gap(..)`
  std::string_view origin = "";              // the key whose value is the default
};

constexpr std::array<Key, 16> kKeys = {{
    {.name = "b", .integer = &Problem::batch},
    {.name = "hq", .integer = &Problem::heads_q},
    {.name = "hkv", .integer = &Problem::heads_kv, .origin = "hq"},
    {.name = "sq", .integer = &Problem::seq_q},
    {.name = "skv", .integer = &Problem::seq_kv, .origin = "sq"},
    {.name = "d", .integer = &Problem::head_dim},
    {.name = "dv", .integer = &Problem::head_dim_v, .origin = "d"},
    {.name = "dtype", .value = &ValueReader::dtype},
    {.name = "layout", .value = &ValueReader::layout},
    {.name = "gap", .value = &ValueReader::gap, .has_equals = false},
    {.name = "skew", .value = &ValueReader::skew, .has_equals = false},
    {.name = "mask", .value = &ValueReader::mask},
    {.name = "fill", .value = &ValueReader::fill},
    {.name = "scale", .value = &ValueReader::scale},
    {.name = "data", .value = &ValueReader::data},
    {.name = "seed", .value = &ValueReader::seed},
}};

std::size_t index_of(std::string_view name) {
  std::size_t index = 0;
  while (index < kKeys.size() && kKeys[index].name != name)
    ++index;
  return index;
}

std::string key_list() {
  std::string keys;
  for (const Key& key : kKeys)
    keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  return keys;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  Result<Problem> parse();

 private:
  Status item();
  Status defaults(std::size_t end);
  [[nodiscard]] bool is_given(std::string_view key) const { return given_at_[index_of(key)] > 0; }
  /// Of the key's value; of the value that it is implied by; else of the case.
  [[nodiscard]] std::size_t position_of(std::string_view key) const;

  TextCursor text_;
  Problem problem_;
  ValueReader values_{text_, problem_};
  std::array<std::size_t, kKeys.size()> given_at_{};  // 0: not given
};

std::size_t Parser::position_of(std::string_view key) const {
  while (!key.empty() && !is_given(key))
    key = kKeys[index_of(key)].origin;
  return key.empty() ? 0 : given_at_[index_of(key)];
}

Status Parser::item() {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  if (word.empty()) {
    if (text_.at_end()) return ValueReader::fail(start, "the bracket of 'attn(' is not closed");
    return ValueReader::fail(
        start, fmt::format("found {}, allowed keys: {}", text_.found_at(start), key_list()));
  }
  const std::size_t index = index_of(word);
  if (index == kKeys.size()) {
    return ValueReader::fail(start,
                             fmt::format("unknown key {}, allowed: {}", quoted(word), key_list()));
  }
  const Key& key = kKeys[index];
  if (is_given(key.name)) {
    return ValueReader::fail(start, fmt::format("key '{}' is given twice", key.name));
  }
  const std::size_t after = text_.position();
  if (key.has_equals && !text_.accept('=')) {
    return ValueReader::fail(
        after, fmt::format("key '{}': found {}, allowed: '='", key.name, text_.found_at(after)));
  }
  given_at_[index] = text_.position();
  values_.set_key(key.name);
  return key.integer != nullptr ? values_.integer(problem_.*key.integer) : (values_.*key.value)();
}

Status Parser::defaults(std::size_t end) {
  if (!is_given("sq")) return ValueReader::fail(end, "key 'sq' is missing; it has no default");
  for (const Key& key : kKeys) {
    if (key.origin.empty() || is_given(key.name)) continue;
    problem_.*key.integer = problem_.*kKeys[index_of(key.origin)].integer;
  }
  return Done{};
}

Result<Problem> Parser::parse() {
  const std::size_t start = text_.position();
  if (text_.word() != "attn") {
    return ValueReader::fail(start,
                             fmt::format("found {}, allowed: attn(...)", text_.found_at(start)));
  }
  ATTEST_TRY([[maybe_unused]] const Done opened, values_.open("attn"));
  std::size_t end = text_.position();
  for (bool is_closed = text_.accept(')'); !is_closed;) {
    ATTEST_TRY([[maybe_unused]] const Done read, item());
    end = text_.position();
    ATTEST_TRY([[maybe_unused]] const Done next, values_.comma_or_close("attn", is_closed));
  }
  if (!text_.at_end()) {
    return ValueReader::fail(
        text_.position(),
        fmt::format("found {} after the case, allowed: nothing", quoted(text_.rest())));
  }
  ATTEST_TRY([[maybe_unused]] const Done completed, defaults(end));
  if (const auto bad = find_violation(problem_)) {
    return ValueReader::fail(position_of(bad->key),
                             fmt::format("key '{}': {}", bad->key, bad->message));
  }
  return std::move(problem_);
}

}  // namespace

Result<Problem> parse_problem(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace attest
