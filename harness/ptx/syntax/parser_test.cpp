// Tests of modules: header, variables, functions, files, sections, limits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/testing.h"

namespace attest::ptx {
namespace {

using testing::constant;
using testing::error_of;
using testing::integer;
using testing::kHeader;
using testing::named;
using testing::parse;
using testing::parse_items;
using Dimensions = std::vector<std::optional<std::int64_t>>;
using Strings = std::vector<std::string>;

VariableDeclaration variable(const std::string& text) {
  const Module module = parse_items(text);
  if (module.variables.size() == 1) return module.variables[0];
  ADD_FAILURE() << "not one variable: " << text;
  return {};
}

Function function(const std::string& text) {
  const Module module = parse_items(text);
  if (module.functions.size() == 1) return module.functions[0];
  ADD_FAILURE() << "not one function: " << text;
  return {};
}

TEST(Module, Header) {
  const Module module = parse("//\n.version 8.7\n.target sm_90a, debug\n.address_size 64\n");
  EXPECT_EQ(module.version, "8.7");
  EXPECT_EQ(module.targets, (Strings{"sm_90a", "debug"}));
  EXPECT_EQ(module.address_size, 64);
}

TEST(Variables, SharedArrays) {
  const auto dynamic = variable(".extern .shared .align 16 .b8 tile[];");
  EXPECT_EQ(dynamic.linkage, "extern");
  EXPECT_EQ(dynamic.space, "shared");
  EXPECT_EQ(dynamic.alignment, 16);
  EXPECT_EQ(dynamic.type, "b8");
  EXPECT_EQ(dynamic.name, "tile");
  EXPECT_EQ(dynamic.dimensions, (Dimensions{std::nullopt}));
  EXPECT_EQ(variable(".weak .shared .v2 .f32 a[4][0x5];").dimensions, (Dimensions{4, 5}));
  EXPECT_EQ(variable(".shared .v2 .f32 a[4];").vector_width, 2);
}

TEST(Variables, Initialisers) {
  EXPECT_EQ(variable(".visible .global .align 4 .u32 counter = -3;").initialiser,
            (std::vector<Operand>{integer(-3)}));
  EXPECT_EQ(variable(".global .align 1 .b8 $str[3] = {97, 98};").initialiser,
            (std::vector<Operand>{integer(97), integer(98)}));
  EXPECT_EQ(variable(".const .f32 t[] = {0f3F800000, 1.5};").initialiser,
            (std::vector<Operand>{constant(Operand::Kind::float32, 0x3F800000),
                                  constant(Operand::Kind::float64, 0x3FF8000000000000)}));
}

TEST(Variables, InitialisersWithSymbols) {
  const auto pointers = variable(".global .u64 p[3] = {f, generic(s)+12, s+4};").initialiser;
  ASSERT_EQ(pointers.size(), 3U);
  EXPECT_EQ(pointers[0], named("f"));
  EXPECT_EQ(pointers[1].name, "s");
  EXPECT_EQ(pointers[1].offset, 12);
  EXPECT_TRUE(pointers[1].is_generic);
  EXPECT_EQ(pointers[2], named("s", 4));
  const auto bytes = variable(".global .u8 b[3] = {1, 0XFF(generic(s)), 0xFF00(s+2)};").initialiser;
  ASSERT_EQ(bytes.size(), 3U);
  EXPECT_EQ(bytes[0].mask, 0U);
  EXPECT_EQ(bytes[1].mask, 0xFFU);
  EXPECT_EQ(bytes[1].name, "s");
  EXPECT_TRUE(bytes[1].is_generic);
  EXPECT_EQ(bytes[2].mask, 0xFF00U);
  EXPECT_EQ(bytes[2].offset, 2);
  EXPECT_FALSE(bytes[2].is_generic);
}

TEST(Variables, ManagedAndLists) {
  EXPECT_EQ(variable(".visible .global .attribute(.managed) .align 4 .u32 m;").attribute,
            ".managed");
  const Module two = parse_items(".global .u32 a, b[2];");
  ASSERT_EQ(two.variables.size(), 2U);
  EXPECT_EQ(two.variables[1].dimensions, (Dimensions{2}));
}

TEST(Functions, Entry) {
  const auto entry = function(
      ".visible .entry _Z1kPf(\n\t.param .u64 .ptr .global .align 16 a,\n"
      "\t.param .align 8 .b8 b[24]\n)\n.maxntid 128, 2, 1\n.minnctapersm 2\n"
      ".pragma \"nounroll\";\n.explicitcluster\n{ ret; }");
  EXPECT_EQ(entry.linkage, "visible");
  EXPECT_TRUE(entry.is_entry);
  EXPECT_EQ(entry.name, "_Z1kPf");
  ASSERT_EQ(entry.parameters.size(), 2U);
  EXPECT_EQ(entry.parameters[0].type, "u64");
  ASSERT_TRUE(entry.parameters[0].pointer);
  EXPECT_EQ(*entry.parameters[0].pointer, (PointerHint{.space = "global", .alignment = 16}));
  EXPECT_EQ(entry.parameters[0].alignment, 0);
  EXPECT_EQ(entry.parameters[1].alignment, 8);
  EXPECT_FALSE(entry.parameters[1].pointer);
  ASSERT_EQ(entry.directives.size(), 3U);
  EXPECT_EQ(entry.directives[0].first, "maxntid");
  EXPECT_EQ(entry.directives[0].second, (std::vector<std::int64_t>{128, 2, 1}));
  EXPECT_EQ(entry.directives[1].second, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(entry.directives[2].first, "explicitcluster");
  ASSERT_EQ(entry.pragmas.size(), 1U);
  ASSERT_TRUE(entry.body);
  EXPECT_EQ(entry.body->statements.size(), 1U);
}

TEST(Functions, Func) {
  const auto declared = function(
      ".extern .func  (.param .b32 func_retval0) vprintf\n(\n.param .b64 a,\n.param .b64 b\n)\n;");
  EXPECT_EQ(declared.linkage, "extern");
  EXPECT_FALSE(declared.is_entry);
  EXPECT_EQ(declared.returns.size(), 1U);
  EXPECT_EQ(declared.parameters.size(), 2U);
  EXPECT_FALSE(declared.body);
  const auto plain = function(".func f .noreturn { }");
  EXPECT_TRUE(plain.returns.empty());
  EXPECT_TRUE(plain.parameters.empty());
  EXPECT_EQ(plain.directives.size(), 1U);
  EXPECT_TRUE(plain.body);
  EXPECT_TRUE(function(".entry k { ret; }").parameters.empty());
}

TEST(Module, PrintsFunctionDeclarationsBeforeTheVariablesThatNameThem) {
  const Module module = parse_items(".func f;\n.global .u64 p = f;\n.func f { ret; }\n");
  const std::string text = print(module);
  EXPECT_LT(text.find(".func f();"), text.find(".global .u64 p = f;"));
  EXPECT_LT(text.find(".global .u64 p = f;"), text.find(".func f()\n{"));
}

TEST(Module, FilesPragmasAndSections) {
  const Module module = parse_items(
      ".pragma \"p\";\n.file 1 \"/a/b \\\"c\\\".cu\", 1700000000, 42\n.file 2 \"d\"\n"
      ".section .debug_str\n{\n$L__info_string0:\n.b8 95,90 // }\n\n}\n.section .debug_macinfo { "
      "}\n"
      ".entry k() { ret; }");
  ASSERT_EQ(module.files.size(), 2U);
  EXPECT_EQ(module.files[0].path, "/a/b \\\"c\\\".cu");
  EXPECT_EQ(module.files[0].rest, ", 1700000000, 42");
  EXPECT_EQ(module.files[1], (File{.number = 2, .path = "d", .rest = ""}));
  ASSERT_EQ(module.sections.size(), 2U);
  EXPECT_EQ(module.sections[0].name, ".debug_str");
  EXPECT_EQ(module.sections[0].text, "\n$L__info_string0:\n.b8 95,90 // }\n\n");
  EXPECT_EQ(module.sections[1].text, " ");
  EXPECT_EQ(module.pragmas.size(), 1U);
  EXPECT_EQ(module.functions.size(), 1U);
}

TEST(Module, HeaderErrors) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "1:1: found the end of the text, expected '.version'"},
      {".target sm_80", "1:1: found '.target', expected '.version'"},
      {".version 9", "1:10: found '9', expected a version such as 9.0"},
      {".version 9.0", "1:13: found the end of the text, expected '.target'"},
      {".version 9.0\n.target 80", "2:9: found '80', expected a target such as sm_80"},
      {".version 9.0 .target sm_80 .address_size 32", "1:42: address size other than 64"},
      {"\x7f"
       "ELF",
       "1:1: character that PTX does not use at '\\x7f', expected '.version'"},
      {"/*", "1:1: comment without end at '/', expected '.version'"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_EQ(error_of(text), "test.ptx:" + message);
}

TEST(Module, ItemErrors) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ret;", "4:1: found 'ret', expected a declaration of the module"},
      {".visible .reg .b32 r;", "4:10: found '.reg', expected a function or a variable"},
      {".alias f g;", "4:10: found 'g', expected ','"},
      {".tex .u64 t;", "4:1: found '.tex', expected a declaration of the module"},
      {".global .align 3 .b8 a;", "4:16: found alignment 3, expected a power of 2"},
      {".global .b8;", "4:12: found ';', expected a name"},
      {".global .b9 a;", "4:9: found '.b9', expected a type"},
      {".global .b8 a[2][];", "4:18: found ']', expected a dimension: only the first may be open"},
      {".global .b8 a[2;", "4:16: found ';', expected ']'"},
      {".global .b8 a[2] = {1, 2, 3};", "4:20: found 3 initial values, expected at most 2"},
      {".global .b8 a[2] = {1 2};", "4:23: found '2', expected '}'"},
      {".global .b8 a[2][2] = {{1, 2}, {3, 4}};", "4:24: nested initialiser"},
      {".global .b8 a = 0(s);",
       "4:18: found '(', expected an integer mask other than 0 before '('"},
      {".global .attribute(.other) .b8 a;", "4:20: found '.other', expected '.managed'"},
      {".global .u64 a = generic(4);", "4:26: found '4', expected a symbol"},
      {".entry 4() {}", "4:8: found '4', expected a function name"},
      {".entry k(.param .u64 a {}", "4:24: found '{', expected ')'"},
      {".entry k() .maxntid 1, 2, 3, 4 {}", "4:28: found ',', expected '{' or ';'"},
      {".entry k() .other {}",
       "4:12: found '.other', expected a directive of functions, '{' or ';'"},
      {".entry k() ret;", "4:12: found 'ret', expected '{' or ';'"},
      {".section debug {}", "4:10: found 'debug', expected a section name such as .debug_str"},
      {".section .x { { } }", "4:15: found '{', expected '}'"},
      {".file 1 path", "4:9: found 'path', expected a path in quotes"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(error_of(kHeader + text), "test.ptx:" + message) << text;
  }
}

Code code_of(const std::string& text) {
  const auto module = parse_module(kHeader + text, "test.ptx");
  return module ? Code::io : module.error().code;
}

TEST(Module, ErrorCodes) {
  EXPECT_EQ(code_of("ret;"), Code::bad_input);
  EXPECT_EQ(code_of(".global .b8 a[1][1] = {{1}};"), Code::unsupported);
  EXPECT_EQ(code_of(".global .b8 a[1099511627776];"), Code::io);
  EXPECT_EQ(code_of(".global .b8 a[1099511627776][2];"), Code::limit);
  EXPECT_EQ(code_of(".global .b16 a[1099511627776];"), Code::limit);
  EXPECT_EQ(code_of(".global .v4 .b8 a[549755813888];"), Code::limit);
  EXPECT_EQ(code_of(".global .b8 a[1099511627776][1099511627776][1099511627776];"), Code::limit);
  EXPECT_EQ(code_of(".global .b8 a[0][1099511627776][1099511627776];"), Code::io);
}

TEST(Module, LimitOfTokens) {
  std::string text = ".section .x {";
  for (std::size_t at = 0; at < syntax::kMaxTokens; ++at)
    text += "a ";
  EXPECT_EQ(code_of(text + "}"), Code::limit);
}

}  // namespace
}  // namespace attest::ptx
