// Fields of JSON objects read from outside: a wrong one is an error that names it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/json_text.h"

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace attest {

/// What is wrong with a value that was read. from_json_or_error turns it into an Error.
struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The library's message without its number.
[[nodiscard]] std::string plain_message(const Json::exception& error);

/// `json` as a T; an integer has no fraction and fits. Throws DecodeError.
template <class T>
T value_of(const Json& json) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    if (json.is_number_unsigned() && std::in_range<T>(json.get<std::uint64_t>()))
      return static_cast<T>(json.get<std::uint64_t>());
    if (json.is_number_integer() && !json.is_number_unsigned() &&
        std::in_range<T>(json.get<std::int64_t>()))
      return static_cast<T>(json.get<std::int64_t>());
    throw DecodeError((json.is_number() ? json.dump() : json.type_name()) + " is not " +
                      (std::is_signed_v<T> ? "an" : "a positive") + " integer of " +
                      std::to_string(8 * sizeof(T)) + " bits");
  } else {
    try {
      return json.get<T>();
    } catch (const Json::exception& error) {
      throw DecodeError(plain_message(error));
    }
  }
}

/// The object's field. Throws DecodeError naming it.
[[nodiscard]] const Json& field(const Json& json, const char* key);
template <class T>
T field(const Json& json, const char* key) {
  const Json& value = field(json, key);
  try {
    return value_of<T>(value);
  } catch (const DecodeError& error) {
    throw DecodeError(std::string(key) + ": " + error.what());
  }
}
/// The same, where the field may be left out.
template <class T>
T field_or(const Json& json, const char* key, T otherwise) {
  return json.contains(key) ? field<T>(json, key) : otherwise;
}

/// A number, or "inf", "-inf" or "nan". Throws DecodeError.
[[nodiscard]] double number_field(const Json& json, const char* key);

/// Runs `decode` on every element of the object's list; an error says which. Throws DecodeError.
template <class Decode>
auto list_field(const Json& json, const char* key, Decode decode) {
  const Json& list = field(json, key);
  if (!list.is_array())
    throw DecodeError(std::string(key) + ": type must be array, but is " + list.type_name());
  std::vector<decltype(decode(list))> out;
  out.reserve(list.size());
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto at = [&] { return std::string(key) + "[" + std::to_string(n) + "]: "; };
    try {
      out.push_back(decode(list[n]));
    } catch (const DecodeError& error) {
      throw DecodeError(at() + error.what());
    } catch (const Json::exception& error) {
      throw DecodeError(at() + plain_message(error));
    }
  }
  return out;
}

}  // namespace attest
