// Functions: .entry and .func, their directives and bodies.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/grammar.h"

#include <algorithm>
#include <array>
#include <climits>

namespace attest::ptx::syntax {
namespace {

struct DirectiveForm {
  std::string_view name;
  int least = 0;  // numbers that follow it
  int most = 0;
};

/// Source  PTX ISA 9.0, sections 11.4 (Performance-tuning) and 11.7 (Cluster dimension directives).
constexpr std::array kDirectives = {DirectiveForm{".maxntid", 1, 3},
                                    DirectiveForm{".reqntid", 1, 3},
                                    DirectiveForm{".minnctapersm", 1, 1},
                                    DirectiveForm{".maxnctapersm", 1, 1},
                                    DirectiveForm{".maxnreg", 1, 1},
                                    DirectiveForm{".noreturn", 0, 0},
                                    DirectiveForm{".explicitcluster", 0, 0},
                                    DirectiveForm{".reqnctapercluster", 1, 3},
                                    DirectiveForm{".maxclusterrank", 1, 1},
                                    DirectiveForm{".blocksareclusters", 0, 0},
                                    DirectiveForm{".abi_preserve", 1, 1},
                                    DirectiveForm{".abi_preserve_control", 1, 1}};

bool parse_directive(TokenStream& tokens, Function& function) {
  if (tokens.is_dotted(".pragma")) return parse_pragmas(tokens, function.pragmas);
  const std::string_view text = tokens.current().text;
  const auto* form = std::find_if(kDirectives.begin(),
                                  kDirectives.end(),
                                  [&](const DirectiveForm& each) { return each.name == text; });
  if (form == kDirectives.end()) return tokens.fail("a directive of functions, '{' or ';'");
  tokens.take();
  auto& [name, numbers] = function.directives.emplace_back();
  name = form->name.substr(1);
  for (int at = 0; at < form->most; ++at) {
    if (at >= form->least && !tokens.is(',')) break;
    if (at > 0 && !tokens.expect(',')) return false;
    if (!tokens.expect_integer(0, INT_MAX, numbers.emplace_back())) return false;
  }
  return true;
}

}  // namespace

bool parse_pragmas(TokenStream& tokens, std::vector<Pragma>& pragmas) {
  if (!tokens.expect_dotted(".pragma")) return false;
  do {
    if (!tokens.expect_string("a string", pragmas.emplace_back().text)) return false;
  } while (tokens.accept(','));
  return tokens.expect(';');
}

bool parse_function(TokenStream& tokens, const std::string& linkage, Function& function) {
  function.linkage = linkage;
  function.position = tokens.current().position;
  function.is_entry = tokens.accept_dotted(".entry");
  if (!function.is_entry) {
    if (!tokens.expect_dotted(".func") || !parse_parameters(tokens, function.returns)) return false;
  }
  if (!tokens.expect_name("a function name", function.name) ||
      !parse_parameters(tokens, function.parameters)) {
    return false;
  }
  while (tokens.is(TokenKind::dotted)) {
    if (!parse_directive(tokens, function)) return false;
  }
  if (tokens.accept(';')) return true;
  if (!tokens.accept('{')) return tokens.fail("'{' or ';'");
  return parse_block(tokens, 1, function.body.emplace());
}

}  // namespace attest::ptx::syntax
