// JSON text with one form for every value, so that equal records are equal bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace attest {

using Json = nlohmann::ordered_json;

/// A double as JSON: a number, or "inf", "-inf", "nan", which JSON numbers cannot be.
[[nodiscard]] Json number_to_json(double value);
/// Inverse of number_to_json. Throws nlohmann's type_error for anything else.
[[nodiscard]] double number_from_json(const Json& json);

/// One line without a newline. Numbers are the shortest text that reads back to the same double.
[[nodiscard]] std::string to_line(const Json& json);
/// Objects and arrays of the outer `open_levels` levels have one element a line, deeper ones are on
/// one line. Ends with a newline.
[[nodiscard]] std::string to_text(const Json& json, int open_levels);

/// Errors  Code::bad_input with `name` and the byte where the text stops being JSON.
Result<Json> parse_json(std::string_view text, std::string_view name);

}  // namespace attest
