// The keys of `word(key=value,..)` as a table of members, from which a case is printed and parsed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem_limits.h"
#include "harness/problem/problem_values.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace attest {

/// One key of a case T: how its value is read and printed.
template <class T>
struct Key {
  std::string_view name;
  Status (*read)(ValueReader&, T&) = nullptr;
  std::string (*text)(const T&) = nullptr;
  bool has_equals = true;              // false: `gap(..)`
  std::int64_t T::*integer = nullptr;  // of an integer key
  std::string_view origin = "";        // the integer key whose value is the default
  bool is_required = false;            // has no default
};

struct KeyOptions {
  std::string_view origin = "";
  bool is_required = false;
};

template <class Owner, class Value>
Owner owner_of(Value Owner::*);
template <class Owner, class Value>
Value value_of(Value Owner::*);

/// `key<&Gemm::batch>("b")`
template <auto kMember>
constexpr auto key(std::string_view name, const KeyOptions& options = {}) {
  using T = decltype(owner_of(kMember));
  using Value = decltype(value_of(kMember));
  Key<T> out;
  out.name = name;
  out.read = [](ValueReader& values, T& value) { return values.read(value.*kMember); };
  out.text = [](const T& value) { return value_text(value.*kMember); };
  out.has_equals = !std::is_same_v<Value, std::array<std::int64_t, 4>>;
  if constexpr (std::is_same_v<Value, std::int64_t>) out.integer = kMember;
  out.origin = options.origin;
  out.is_required = options.is_required;
  return out;
}

template <class T>
std::size_t index_of(std::span<const Key<T>> keys, std::string_view name) {
  std::size_t index = 0;
  while (index < keys.size() && keys[index].name != name)
    ++index;
  return index;
}

/// One line, keys in the order of the table, defaults not printed.
template <class T>
std::string print_case(std::string_view word, std::span<const Key<T>> keys, const T& value) {
  static const T kDefault{};
  std::string items;
  for (const Key<T>& key : keys) {
    const std::string text = key.text(value);
    const std::string implied = key.origin.empty()
                                    ? key.text(kDefault)
                                    : value_text(value.*keys[index_of(keys, key.origin)].integer);
    if (text == implied && !key.is_required) continue;
    items += fmt::format(
        "{}{}{}{}", items.empty() ? "" : ",", key.name, key.has_equals ? "=" : "", text);
  }
  return fmt::format("{}({})", word, items);
}

template <class T>
class CaseParser {
 public:
  CaseParser(std::string_view word, std::span<const Key<T>> keys, std::string_view text)
      : word_(word), keys_(keys), text_(text), given_at_(keys.size()) {}
  /// Errors  as parse_problem; find_violation(T) has the limits.
  Result<T> parse();

 private:
  Status item();
  Status defaults(std::size_t end);
  [[nodiscard]] bool is_given(std::string_view key) const {
    return given_at_[index_of(keys_, key)] > 0;
  }
  /// Of the key's value; of the value that it is implied by; else of the case.
  [[nodiscard]] std::size_t position_of(std::string_view key) const;
  [[nodiscard]] std::string key_list() const;

  std::string_view word_;
  std::span<const Key<T>> keys_;
  TextCursor text_;
  T value_{};
  ValueReader values_{text_};
  std::vector<std::size_t> given_at_;  // 0: not given
};

template <class T>
std::string CaseParser<T>::key_list() const {
  std::string names;
  for (const Key<T>& key : keys_)
    names += (names.empty() ? "" : ", ") + std::string(key.name);
  return names;
}

template <class T>
std::size_t CaseParser<T>::position_of(std::string_view key) const {
  while (!key.empty() && !is_given(key))
    key = keys_[index_of(keys_, key)].origin;
  return key.empty() ? 0 : given_at_[index_of(keys_, key)];
}

template <class T>
Status CaseParser<T>::item() {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  if (word.empty()) {
    if (text_.at_end()) {
      return ValueReader::fail(start, fmt::format("the bracket of '{}(' is not closed", word_));
    }
    return ValueReader::fail(
        start, fmt::format("found {}, allowed keys: {}", text_.found_at(start), key_list()));
  }
  const std::size_t index = index_of(keys_, word);
  if (index == keys_.size()) {
    return ValueReader::fail(start,
                             fmt::format("unknown key {}, allowed: {}", quoted(word), key_list()));
  }
  const Key<T>& key = keys_[index];
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
  return key.read(values_, value_);
}

template <class T>
Status CaseParser<T>::defaults(std::size_t end) {
  for (const Key<T>& key : keys_) {
    if (is_given(key.name)) continue;
    if (key.is_required) {
      return ValueReader::fail(end,
                               fmt::format("key '{}' is missing; it has no default", key.name));
    }
    if (key.origin.empty()) continue;
    value_.*key.integer = value_.*keys_[index_of(keys_, key.origin)].integer;
  }
  return Done{};
}

template <class T>
Result<T> CaseParser<T>::parse() {
  const std::size_t start = text_.position();
  if (text_.word() != word_) {
    return ValueReader::fail(
        start, fmt::format("found {}, allowed: {}(...)", text_.found_at(start), word_));
  }
  ATTEST_TRY([[maybe_unused]] const Done opened, values_.open(word_));
  std::size_t end = text_.position();
  for (bool is_closed = text_.accept(')'); !is_closed;) {
    ATTEST_TRY([[maybe_unused]] const Done read, item());
    end = text_.position();
    ATTEST_TRY([[maybe_unused]] const Done next, values_.comma_or_close(word_, is_closed));
  }
  if (!text_.at_end()) {
    return ValueReader::fail(
        text_.position(),
        fmt::format("found {} after the case, allowed: nothing", quoted(text_.rest())));
  }
  ATTEST_TRY([[maybe_unused]] const Done completed, defaults(end));
  if (const auto bad = find_violation(value_)) {
    return ValueReader::fail(position_of(bad->key),
                             fmt::format("key '{}': {}", bad->key, bad->message));
  }
  return std::move(value_);
}

}  // namespace attest
