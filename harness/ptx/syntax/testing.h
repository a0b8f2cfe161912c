// What the tests of this folder share: short ways to parse and to build expected trees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

namespace attest::ptx::testing {

inline const std::string kHeader = ".version 9.0\n.target sm_80\n.address_size 64\n";

/// The module, or a test failure that shows the error.
inline Module parse(const std::string& text) {
  Result<Module> module = parse_module(text, "test.ptx");
  if (!module) {
    ADD_FAILURE() << module.error().to_string() << "\nin " << text;
    return {};
  }
  Result<Module> again = parse_module(print(*module), "printed");
  EXPECT_TRUE(again && *again == *module) << print(*module);
  return std::move(module).value();
}

/// What follows the header.
inline Module parse_items(const std::string& text) {
  return parse(kHeader + text);
}

/// `where: message`, empty if the text is a module.
inline std::string error_of(const std::string& text) {
  const Result<Module> module = parse_module(text, "test.ptx");
  return module ? "" : module.error().to_string();
}

/// Statements of a function body, which starts at line 5.
inline std::string in_body(const std::string& text) {
  return kHeader + ".entry k() {\n" + text + "\n}\n";
}

inline std::vector<Statement> statements(const std::string& text) {
  const Module module = parse(in_body(text));
  if (module.functions.size() != 1 || !module.functions[0].body) return {};
  return module.functions[0].body->statements;
}

/// The only statement, as T.
template <class T>
T only(const std::string& text) {
  const std::vector<Statement> all = statements(text);
  if (all.size() != 1 || !std::holds_alternative<T>(all[0])) {
    ADD_FAILURE() << "not one statement of this kind: " << text;
    return {};
  }
  return std::get<T>(all[0]);
}

inline Operand named(std::string name, std::int64_t offset = 0) {
  Operand operand;
  operand.name = std::move(name);
  operand.offset = offset;
  return operand;
}

inline Operand not_named(std::string name) {
  Operand operand = named(std::move(name));
  operand.is_negated = true;
  return operand;
}

inline Operand constant(Operand::Kind kind, std::uint64_t bits) {
  Operand operand;
  operand.kind = kind;
  operand.bits = bits;
  return operand;
}

inline Operand integer(std::int64_t value) {
  return constant(Operand::Kind::integer, static_cast<std::uint64_t>(value));
}

inline Operand address(std::string name, std::int64_t offset, std::vector<Operand> elements = {}) {
  Operand operand = named(std::move(name), offset);
  operand.kind = Operand::Kind::address;
  operand.elements = std::move(elements);
  return operand;
}

inline Operand group(Operand::Kind kind, std::vector<Operand> elements) {
  Operand operand;
  operand.kind = kind;
  operand.elements = std::move(elements);
  return operand;
}

inline Operand vector(std::vector<Operand> elements) {
  return group(Operand::Kind::vector, std::move(elements));
}

inline Operand pair(Operand data, Operand predicate) {
  return group(Operand::Kind::pair, {std::move(data), std::move(predicate)});
}

inline Operand sink() {
  return constant(Operand::Kind::sink, 0);
}

}  // namespace attest::ptx::testing
