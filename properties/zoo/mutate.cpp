// Operators over lines of PTX.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/mutate.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace attest {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool begins_with(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}

/// An instruction in its parts: "@%p1 ", "setp.ge.s32", " \t%p1, %r1, 7;".
struct Instruction {
  std::string guard;
  std::string opcode;
  std::string rest;
  [[nodiscard]] std::string text() const { return guard + opcode + rest; }
};

/// Nothing for labels, directives, braces and what goes on in the next line.
std::optional<Instruction> parse(std::string_view line) {
  std::string_view text = trimmed(line);
  if (text.empty() || text.back() != ';') return std::nullopt;
  Instruction out;
  if (text.front() == '@') {
    const std::size_t end = text.find_first_of(" \t");
    if (end == std::string_view::npos) return std::nullopt;
    out.guard = std::string(text.substr(0, end)) + " ";
    text = trimmed(text.substr(end));
  }
  if (text.front() < 'a' || text.front() > 'z') return std::nullopt;
  const std::size_t end = text.find_first_of(" \t;");
  out.opcode = text.substr(0, end);
  out.rest = text.substr(end);
  return out;
}

using Changes = std::vector<std::pair<std::string, std::string>>;  // what, and the new text

void change_barriers(const Instruction& from, Changes& out) {
  for (const char* const opcode : {"bar.", "barrier.", "cp.async.wait_"}) {
    if (begins_with(from.opcode, opcode)) out.emplace_back("barrier left out", "");
  }
}

void change_guards(const Instruction& from, Changes& out) {
  if (from.guard.empty()) return;
  if (from.opcode == "bra") out.emplace_back("branch never taken", "");
  Instruction to = from;
  to.guard.clear();
  out.emplace_back("guard removed", to.text());
}

/// The opcode with `.before.` as `.after.`, in each direction.
void exchange(const Instruction& from,
              const char* what,
              std::string_view before,
              std::string_view after,
              Changes& out) {
  for (const auto& [have, want] : {std::pair(before, after), std::pair(after, before)}) {
    const std::string part = "." + std::string(have) + ".";
    const std::size_t at = from.opcode.find(part);
    if (at == std::string::npos) continue;
    Instruction to = from;
    to.opcode.replace(at + 1, have.size(), want);
    out.emplace_back(what, to.text());
  }
}

void change_comparisons(const Instruction& from, Changes& out) {
  if (!begins_with(from.opcode, "setp.")) return;
  constexpr std::array<std::pair<const char*, const char*>, 6> kPairs = {
      {{"lt", "le"}, {"gt", "ge"}, {"eq", "ne"}, {"ltu", "leu"}, {"gtu", "geu"}, {"equ", "neu"}}};
  for (const auto& [one, other] : kPairs)
    exchange(from, "comparison off by one", one, other, out);
}

void change_operations(const Instruction& from, Changes& out) {
  constexpr std::array<std::pair<const char*, const char*>, 2> kPairs = {
      {{"min.", "max."}, {"add.", "sub."}}};
  for (const auto& [one, other] : kPairs) {
    for (const auto& [have, want] : {std::pair(one, other), std::pair(other, one)}) {
      if (!begins_with(from.opcode, have)) continue;
      Instruction to = from;
      to.opcode.replace(0, std::string_view(have).size(), want);
      out.emplace_back("operation exchanged", to.text());
    }
  }
}

/// Where the last operand stands in `rest`, and how long it is.
std::pair<std::size_t, std::size_t> last_operand(const std::string& rest) {
  const std::size_t comma = rest.rfind(',');
  if (comma == std::string::npos) return {0, 0};
  const std::size_t first = rest.find_first_not_of(" \t", comma + 1);
  const std::size_t end = rest.find_last_not_of("; \t");
  if (first == std::string::npos || end < first) return {0, 0};
  return {first, end - first + 1};
}

void change_integers(const Instruction& from, Changes& out) {
  constexpr std::array kOpcodes = {"add.",
                                   "sub.",
                                   "mad.",
                                   "mul.",
                                   "and.",
                                   "or.",
                                   "xor.",
                                   "shl.",
                                   "shr.",
                                   "min.",
                                   "max.",
                                   "setp."};
  bool is_counted = false;
  for (const char* const opcode : kOpcodes)
    is_counted = is_counted || begins_with(from.opcode, opcode);
  const auto [first, size] = last_operand(from.rest);
  if (!is_counted || size == 0) return;
  std::int64_t value = 0;
  const char* const begin = from.rest.data() + first;
  const auto [end, error] = std::from_chars(begin, begin + size, value);
  if (error != std::errc() || end != begin + size) return;
  Instruction to = from;
  to.rest.replace(first, size, std::to_string(value + 1));
  out.emplace_back("constant off by one", to.text());
}

/// The first "0fXXXXXXXX" of an instruction.
void change_floats(const Instruction& from, Changes& out) {
  constexpr std::size_t kDigits = 8;
  constexpr std::uint32_t kMinusInfinity = 0xff800000;
  constexpr std::uint32_t kLowest = 0xff7fffff;
  const std::size_t at = from.rest.find("0f");
  if (at == std::string::npos || at + 2 + kDigits > from.rest.size()) return;
  std::uint32_t bits = 0;
  const char* const digits = from.rest.data() + at + 2;
  const auto [end, error] = std::from_chars(digits, digits + kDigits, bits, 16);
  if (error != std::errc() || end != digits + kDigits) return;
  Instruction to = from;
  const auto replace = [&](const char* what, std::uint32_t value) {
    to.rest.replace(at + 2, kDigits, fmt::format("{:08X}", value));
    out.emplace_back(what, to.text());
  };
  if (bits == kMinusInfinity) replace("infinity finite", kLowest);
  const bool is_number = (bits & 0x7fffffffU) != 0 && (bits & 0x7f800000U) != 0x7f800000U;
  if (is_number) replace("constant inexact", bits ^ 0x800U);
}

Changes changes_of(const Instruction& from) {
  Changes out;
  change_barriers(from, out);
  change_guards(from, out);
  change_comparisons(from, out);
  change_integers(from, out);
  change_floats(from, out);
  change_operations(from, out);
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

/// Number and text that follow a word: `.file 1 "x.cu"`, `.loc 1 97 5`.
std::pair<int, std::string_view> numbered(std::string_view line, std::string_view word) {
  std::string_view rest = trimmed(trimmed(line).substr(word.size()));
  int number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return {0, {}};
  return {number, trimmed(rest.substr(static_cast<std::size_t>(end - rest.data())))};
}

std::map<int, std::string> files_of(const std::vector<std::string_view>& lines) {
  std::map<int, std::string> out;
  for (const std::string_view line : lines) {
    if (!begins_with(trimmed(line), ".file")) continue;
    const auto [number, text] = numbered(line, ".file");
    const std::size_t end = text.rfind('"');
    if (text.empty() || text.front() != '"' || end == 0) continue;
    out[number] = text.substr(1, end - 1);
  }
  return out;
}

}  // namespace

std::vector<Mutation> mutations_of(std::string_view ptx, const std::string& entry) {
  const std::vector<std::string_view> lines = lines_of(ptx);
  const std::map<int, std::string> files = files_of(lines);
  std::vector<Mutation> out;
  bool is_inside = false;
  std::string source;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string_view text = trimmed(lines[n]);
    if (text.find(".entry " + entry + "(") != std::string_view::npos) is_inside = true;
    if (!is_inside) continue;
    if (lines[n] == "}") break;
    if (begins_with(text, ".loc")) {
      const auto [file, rest] = numbered(text, ".loc");
      const auto name = files.find(file);
      const std::string_view line = rest.substr(0, rest.find_first_of(" \t"));
      source = name == files.end() ? "" : fmt::format("{}:{}", name->second, line);
      continue;
    }
    const auto instruction = parse(lines[n]);
    if (!instruction) continue;
    for (auto& [what, after] : changes_of(*instruction))
      out.push_back({what, static_cast<int>(n + 1), std::string(text), std::move(after), source});
  }
  return out;
}

std::string mutated(std::string_view ptx, const Mutation& mutation) {
  std::string out;
  out.reserve(ptx.size() + mutation.after.size() + 1);
  int number = 0;
  for (const std::string_view line : lines_of(ptx)) {
    ++number;
    out += number == mutation.ptx_line ? std::string_view(mutation.after) : line;
    out += '\n';
  }
  return out;
}

}  // namespace attest
