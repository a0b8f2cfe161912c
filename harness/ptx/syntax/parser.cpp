// The module: version, target, files, variables, functions, sections.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/parser.h"

#include "harness/ptx/syntax/grammar.h"
#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/token_stream.h"

#include <array>
#include <climits>

namespace attest::ptx {
namespace syntax {
namespace {

/// "9.0"
bool is_version(std::string_view text) {
  const std::size_t dot = text.find('.');
  constexpr std::string_view kDigits = "0123456789";
  return dot != std::string_view::npos && dot > 0 && dot + 1 < text.size() &&
         text.find_first_not_of(kDigits) == dot &&
         text.find_first_not_of(kDigits, dot + 1) == std::string_view::npos;
}

bool parse_header(TokenStream& tokens, Module& module) {
  if (!tokens.expect_dotted(".version")) return false;
  if (!tokens.is(TokenKind::number) || !is_version(tokens.current().text)) {
    return tokens.fail("a version such as 9.0");
  }
  module.version = tokens.take().text;
  if (!tokens.expect_dotted(".target")) return false;
  do {
    if (!tokens.expect_name("a target such as sm_80", module.targets.emplace_back())) return false;
  } while (tokens.accept(','));
  if (!tokens.accept_dotted(".address_size")) return true;
  const Position position = tokens.current().position;
  if (!tokens.expect_int(32, 64, module.address_size)) return false;
  return module.address_size == 64 ||
         tokens.fail_at(position, Code::unsupported, "address size other than 64");
}

/// `.file 1 "path", timestamp, size`
bool parse_file(TokenStream& tokens, File& file) {
  if (!tokens.expect_dotted(".file") || !tokens.expect_int(0, INT_MAX, file.number) ||
      !tokens.expect_string("a path in quotes", file.path)) {
    return false;
  }
  if (!tokens.is(',')) return true;
  const char* begin = tokens.current().text.data();
  std::int64_t unused = 0;
  for (int part = 0; part < 2; ++part) {
    if (!tokens.expect(',') || !tokens.expect_integer(0, INT64_MAX, unused)) return false;
  }
  file.rest = tokens.since(begin);
  return true;
}

bool parse_section(TokenStream& tokens, Section& section) {
  if (!tokens.expect_dotted(".section")) return false;
  if (!tokens.is(TokenKind::dotted)) return tokens.fail("a section name such as .debug_str");
  section.name = tokens.take().text;
  if (!tokens.is('{')) return tokens.fail("'{'");
  const char* begin = tokens.take().text.data() + 1;
  while (!tokens.is('}')) {
    if (tokens.is(TokenKind::end) || tokens.is(TokenKind::invalid) || tokens.is('{')) {
      return tokens.fail("'}'");
    }
    tokens.take();
  }
  const auto size = static_cast<std::size_t>(tokens.current().text.data() - begin);
  section.text.assign(begin, size);
  return tokens.expect('}');
}

/// `.alias name, target;`
bool parse_alias(TokenStream& tokens, Alias& alias) {
  alias.position = tokens.current().position;
  return tokens.expect_dotted(".alias") && tokens.expect_name("a function name", alias.name) &&
         tokens.expect(',') && tokens.expect_name("a function name", alias.target) &&
         tokens.expect(';');
}

std::string accept_linkage(TokenStream& tokens) {
  constexpr std::array<std::string_view, 4> kLinkages = {".visible", ".extern", ".weak", ".common"};
  for (const std::string_view linkage : kLinkages) {
    if (tokens.accept_dotted(linkage)) return std::string(linkage.substr(1));
  }
  return "";
}

bool parse_item(TokenStream& tokens, Module& module) {
  if (tokens.is_dotted(".file")) return parse_file(tokens, module.files.emplace_back());
  if (tokens.is_dotted(".section")) return parse_section(tokens, module.sections.emplace_back());
  if (tokens.is_dotted(".pragma")) return parse_pragmas(tokens, module.pragmas);
  if (tokens.is_dotted(".alias")) return parse_alias(tokens, module.aliases.emplace_back());
  const std::string linkage = accept_linkage(tokens);
  if (tokens.is_dotted(".entry") || tokens.is_dotted(".func")) {
    return parse_function(tokens, linkage, module.functions.emplace_back());
  }
  if (is_variable_space(tokens.current().text) && !tokens.is_dotted(".param")) {
    return parse_variables(tokens, linkage, module.variables);
  }
  return tokens.fail(linkage.empty() ? "a declaration of the module" : "a function or a variable");
}

}  // namespace
}  // namespace syntax

Result<Module> parse_module(std::string_view text, std::string_view name) {
  if (text.size() > syntax::kMaxTextBytes) {
    return Error{.code = Code::limit,
                 .message = "text of " + std::to_string(text.size()) + " bytes, limit " +
                            std::to_string(syntax::kMaxTextBytes),
                 .where = std::string(name)};
  }
  syntax::TokenStream tokens(text, name);
  Module module;
  if (!syntax::parse_header(tokens, module)) return tokens.error();
  while (!tokens.is(syntax::TokenKind::end)) {
    if (!syntax::parse_item(tokens, module)) return tokens.error();
  }
  if (tokens.has_failed()) return tokens.error();
  return module;
}

}  // namespace attest::ptx
