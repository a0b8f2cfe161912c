// Writes JSON with shortest round-trip numbers; reads it with nlohmann's parser.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"

#include "harness/record/field.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace attest {
namespace {

void append_double(std::string& out, double value) {
  ATTEST_CHECK(std::isfinite(value));
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  ATTEST_CHECK(end.ec == std::errc());
  const std::string_view digits(buffer, static_cast<std::size_t>(end.ptr - buffer));
  out += digits == "-0" ? "-0.0" : digits;  // "-0" would read back as the integer 0
}

/// Text that came from a kernel may be any bytes; what is not UTF-8 becomes U+FFFD.
std::string json_token(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class Writer {
 public:
  explicit Writer(int open_levels) : open_levels_(open_levels) {}

  void write(const Json& json, int level) {
    switch (json.type()) {
      case Json::value_t::object:
      case Json::value_t::array:
        write_container(json, level);
        break;
      case Json::value_t::number_float:
        append_double(out_, json.get<double>());
        break;
      default:
        out_ += json_token(json);
    }
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void write_container(const Json& json, int level) {
    const bool is_open = level < open_levels_ && !json.empty();
    out_ += json.is_object() ? '{' : '[';
    bool first = true;
    for (const auto& item : json.items()) {
      if (!first) out_ += ',';
      first = false;
      if (is_open) new_line(level + 1);
      if (json.is_object()) {
        out_ += json_token(Json(item.key()));
        out_ += is_open ? ": " : ":";
      }
      write(item.value(), level + 1);
    }
    if (is_open) new_line(level);
    out_ += json.is_object() ? '}' : ']';
  }

  void new_line(int level) {
    out_ += '\n';
    out_.append(std::size_t{2} * static_cast<std::size_t>(level), ' ');
  }

  int open_levels_;
  std::string out_;
};

}  // namespace

Json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double number_from_json(const Json& json) {
  if (!json.is_string()) return json.get<double>();
  const auto& text = json.get_ref<const std::string&>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  throw Json::type_error::create(302, "'" + text + "' is not a number, nan, inf or -inf", &json);
}

std::string to_line(const Json& json) {
  Writer writer(0);
  writer.write(json, 0);
  return writer.take();
}

std::string to_text(const Json& json, int open_levels) {
  Writer writer(open_levels);
  writer.write(json, 0);
  return writer.take() + "\n";
}

Result<Json> parse_json(std::string_view text, std::string_view name) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Error{
        Code::bad_input, "not JSON at byte " + std::to_string(error.byte), std::string(name)};
  } catch (const Json::exception& error) {  // a number that no double holds
    return Error{Code::bad_input, plain_message(error), std::string(name)};
  }
}

std::string plain_message(const Json::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

const Json& field(const Json& json, const char* key) {
  if (!json.is_object()) throw DecodeError(std::string("not an object, but ") + json.type_name());
  const auto at = json.find(key);
  if (at == json.end()) throw DecodeError(std::string("lacks '") + key + "'");
  return *at;
}

double number_field(const Json& json, const char* key) {
  const Json& value = field(json, key);
  try {
    return number_from_json(value);
  } catch (const Json::exception& error) {
    throw DecodeError(std::string(key) + ": " + plain_message(error));
  }
}

}  // namespace attest
