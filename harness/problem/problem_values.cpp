// The values of a case: numbers, names, lists, masks; read and printed.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem_values.h"

#include "harness/problem/data.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace attest {
namespace {

/// The whole of `word` as a number.
template <class T, class... Base>
std::errc from_word(std::string_view word, T& out, Base... base) {
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, out, base...);
  return stop == end ? error : std::errc::invalid_argument;
}

std::string_view suffix(Alignment alignment) {
  return alignment == Alignment::top_left ? "tl" : "br";
}

}  // namespace

Error ValueReader::fail(std::size_t position, std::string message) {
  return Error{Code::bad_input, std::move(message), fmt::format("case, column {}", position + 1)};
}

Error ValueReader::refuse(std::size_t position,
                          std::string_view found,
                          std::string_view allowed) const {
  return fail(position, fmt::format("key '{}': found {}, allowed: {}", key_, found, allowed));
}

Status ValueReader::open(std::string_view owner) {
  const std::size_t start = text_.position();
  if (text_.accept('(')) return Done{};
  return fail(start,
              fmt::format("found {} after '{}', allowed: '('", text_.found_at(start), owner));
}

Status ValueReader::comma_or_close(std::string_view owner, bool& is_closed) {
  const std::size_t start = text_.position();
  is_closed = text_.accept(')');
  if (is_closed || text_.accept(',')) return Done{};
  if (text_.at_end()) return fail(start, fmt::format("the bracket of '{}(' is not closed", owner));
  return fail(start,
              fmt::format("found {} in '{}(', allowed: ',' or ')'", text_.found_at(start), owner));
}

Status ValueReader::read(std::int64_t& out) {
  const std::size_t start = text_.position();
  const std::errc error = from_word(text_.word(), out);
  if (error == std::errc{}) return Done{};
  const bool is_large = error == std::errc::result_out_of_range;
  return refuse(start, is_large ? "an integer that fits 64 bits" : "an integer");
}

Status ValueReader::read(double& out) {
  const std::size_t start = text_.position();
  const std::errc error = from_word(text_.word(), out);
  if (error == std::errc{}) return Done{};
  const bool is_large = error == std::errc::result_out_of_range;
  return refuse(start, is_large ? "a number that fits a double" : "a number");
}

Status ValueReader::read(std::uint64_t& out) {
  const std::size_t start = text_.position();
  std::string_view word = text_.word();
  const bool is_hexadecimal = word.substr(0, 2) == "0x";
  if (is_hexadecimal) word.remove_prefix(2);
  if (from_word(word, out, is_hexadecimal ? 16 : 10) == std::errc{}) return Done{};
  return refuse(start, "an integer that fits 64 bits, decimal or hexadecimal with 0x");
}

Status ValueReader::read(bool& out) {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  if (word != "0" && word != "1") return refuse(start, "0, 1");
  out = word == "1";
  return Done{};
}

Status ValueReader::read(Dtype& out) {
  const std::size_t start = text_.position();
  const Result<Dtype> parsed = parse_dtype(text_.word());
  if (!parsed) return refuse(start, "f32, f16, bf16");
  out = *parsed;
  return Done{};
}

Status ValueReader::read(Layout& out) {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  if (word != "bshd" && word != "bhsd") return refuse(start, "bshd, bhsd");
  out = word == "bshd" ? Layout::bshd : Layout::bhsd;
  return Done{};
}

template <class Value>
Status ValueReader::argument(std::string_view owner, std::string_view what, Value& out) {
  ATTEST_TRY([[maybe_unused]] const Done opened, open(owner));
  ATTEST_TRY([[maybe_unused]] const Done value, read(out));
  const std::size_t after = text_.position();
  bool is_closed = false;
  ATTEST_TRY([[maybe_unused]] const Done next, comma_or_close(owner, is_closed));
  if (!is_closed) return refuse(after, what);
  return Done{};
}

Status ValueReader::read(Placement& out) {
  ATTEST_TRY([[maybe_unused]] const Done layout, read(out.layout));
  if (!text_.is_at('(')) return Done{};
  return argument(value_text(out.layout), "one gap", out.gap);
}

Status ValueReader::read(ElementwiseKind& out) {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  for (const ElementwiseKind kind : kElementwiseKinds) {
    if (name(kind) != word) continue;
    out = kind;
    return Done{};
  }
  return refuse(start, "scale, equals_zero, masked_fill");
}

Status ValueReader::read(std::array<std::int64_t, 4>& out) {
  ATTEST_TRY([[maybe_unused]] const Done opened, open(key_));
  std::array<bool, 4> is_given{};
  for (bool is_closed = false; !is_closed;) {
    const std::size_t start = text_.position();
    const std::string_view word = text_.word();
    std::size_t index = 0;
    while (index < kTensors.size() && name(kTensors[index]) != word)
      ++index;
    if (index == kTensors.size()) return refuse(start, "q=, k=, v= or o=");
    if (is_given[index]) return refuse(start, fmt::format("a second '{}'", word), "each once");
    is_given[index] = true;
    const std::size_t after = text_.position();
    if (!text_.accept('=')) return refuse(after, "'='");
    ATTEST_TRY([[maybe_unused]] const Done value, read(out[index]));
    ATTEST_TRY([[maybe_unused]] const Done next, comma_or_close(key_, is_closed));
  }
  return Done{};
}

Status ValueReader::read(Mask& out) {
  const std::size_t start = text_.position();
  if (TextCursor ahead = text_; ahead.word() == "none") {
    text_ = ahead;
    if (text_.is_at('&')) return refuse(start, "none in a conjunction", "none alone");
    return Done{};
  }
  do {
    const std::size_t part = text_.position();
    ATTEST_TRY([[maybe_unused]] const Done read_part, mask_part(text_.word(), part, out));
  } while (text_.accept('&'));
  return Done{};
}

Status ValueReader::mask_part(std::string_view part, std::size_t start, Mask& mask) {
  const bool is_causal = part == "causal-tl" || part == "causal-br";
  const bool is_second = (is_causal && mask.causal) || (part == "window" && mask.window) ||
                         (part == "padding" && mask.kv_lengths) ||
                         (part == "bool" && mask.boolean) || (part == "bias" && mask.bias) ||
                         (part == "alibi" && mask.alibi);
  if (is_second) {
    return refuse(start, fmt::format("a second {}", is_causal ? "causal" : part), "each once");
  }
  if (is_causal) {
    mask.causal = part == "causal-tl" ? Alignment::top_left : Alignment::bottom_right;
    return Done{};
  }
  if (part == "window") return window(mask.window.emplace());
  if (part == "padding") return padding(mask.kv_lengths.emplace());
  const struct {
    std::string_view name;
    bool Mask::*flag;
  } flags[] = {{"bool", &Mask::boolean}, {"bias", &Mask::bias}, {"alibi", &Mask::alibi}};
  for (const auto& known : flags) {
    if (known.name != part) continue;
    mask.*known.flag = true;
    return Done{};
  }
  return refuse(start,
                "none, or causal-tl, causal-br, window(l,r,tl|br), padding(n0,n1,..), bool, bias, "
                "alibi joined by '&'");
}

Status ValueReader::alignment(Alignment& out) {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  if (word != "tl" && word != "br") return refuse(start, "tl, br");
  out = word == "tl" ? Alignment::top_left : Alignment::bottom_right;
  return Done{};
}

Status ValueReader::window(Window& window) {
  constexpr std::string_view kForm = "window(l,r,tl) or window(l,r,br)";
  ATTEST_TRY([[maybe_unused]] const Done opened, open("window"));
  bool is_closed = false;
  std::size_t after = 0;
  for (std::int64_t* const side : {&window.left, &window.right}) {
    ATTEST_TRY([[maybe_unused]] const Done value, read(*side));
    after = text_.position();
    ATTEST_TRY([[maybe_unused]] const Done next, comma_or_close("window", is_closed));
    if (is_closed) return refuse(after, kForm);
  }
  ATTEST_TRY([[maybe_unused]] const Done value, alignment(window.alignment));
  after = text_.position();
  ATTEST_TRY([[maybe_unused]] const Done next, comma_or_close("window", is_closed));
  if (!is_closed) return refuse(after, kForm);
  return Done{};
}

Status ValueReader::padding(std::vector<std::int64_t>& lengths) {
  ATTEST_TRY([[maybe_unused]] const Done opened, open("padding"));
  for (bool is_closed = text_.accept(')'); !is_closed;) {
    ATTEST_TRY([[maybe_unused]] const Done value, read(lengths.emplace_back()));
    ATTEST_TRY([[maybe_unused]] const Done next, comma_or_close("padding", is_closed));
  }
  return Done{};
}

Status ValueReader::read(Data& out) {
  const std::size_t start = text_.position();
  const std::string_view word = text_.word();
  int index = 0;
  while (index < kDataKinds && name(static_cast<DataKind>(index)) != word)
    ++index;
  if (index == kDataKinds) {
    std::string allowed;
    for (int i = 0; i < kDataKinds; ++i) {
      const auto kind = static_cast<DataKind>(i);
      allowed += fmt::format(
          "{}{}{}", i == 0 ? "" : ", ", name(kind), kind == DataKind::normal ? "(a)" : "");
    }
    return refuse(start, allowed);
  }
  out.kind = static_cast<DataKind>(index);
  if (out.kind != DataKind::normal || !text_.is_at('(')) return Done{};
  return argument(word, "one amplitude", out.amplitude);
}

std::string value_text(std::int64_t value) {
  return std::to_string(value);
}

std::string value_text(std::uint64_t value) {
  return fmt::format("{:#x}", value);
}

std::string value_text(bool value) {
  return value ? "1" : "0";
}

std::string value_text(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  ATTEST_CHECK(error == std::errc{});
  return {buffer, end};
}

std::string value_text(const std::optional<double>& value) {
  return value ? value_text(*value) : "";
}

std::string value_text(Dtype value) {
  return std::string(name(value));
}

std::string value_text(Layout value) {
  return value == Layout::bshd ? "bshd" : "bhsd";
}

std::string value_text(const Placement& value) {
  const std::string layout = value_text(value.layout);
  return value.gap == 0 ? layout : fmt::format("{}({})", layout, value.gap);
}

std::string value_text(ElementwiseKind value) {
  return std::string(name(value));
}

/// "(q=8,v=4)": those that are not 0.
std::string value_text(const std::array<std::int64_t, 4>& value) {
  std::string list;
  for (const Tensor tensor : kTensors) {
    const std::int64_t element = value[static_cast<std::size_t>(tensor)];
    if (element == 0) continue;
    list += fmt::format("{}{}={}", list.empty() ? "" : ",", name(tensor), element);
  }
  return "(" + list + ")";
}

std::string value_text(const Mask& mask) {
  std::string parts;
  const auto add = [&parts](std::string_view part) {
    if (!parts.empty()) parts += '&';
    parts += part;
  };
  if (mask.causal) add(fmt::format("causal-{}", suffix(*mask.causal)));
  if (mask.window) {
    add(fmt::format(
        "window({},{},{})", mask.window->left, mask.window->right, suffix(mask.window->alignment)));
  }
  if (mask.kv_lengths) add(fmt::format("padding({})", fmt::join(*mask.kv_lengths, ",")));
  if (mask.boolean) add("bool");
  if (mask.bias) add("bias");
  if (mask.alibi) add("alibi");
  return parts;
}

std::string value_text(const Data& data) {
  if (data.kind != DataKind::normal) return std::string(name(data.kind));
  return fmt::format("{}({})", name(data.kind), value_text(data.amplitude));
}

}  // namespace attest
