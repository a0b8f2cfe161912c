// Tests on what nvcc writes: print and parse again, cut anywhere, break anywhere.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/testing.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace attest::ptx {
namespace {

std::string read(const std::string& name) {
  std::ifstream file(ATTEST_SYNTAX_PTX_DIR "/" + name + ".ptx", std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Counts {
  int instructions = 0;
  int labels = 0;
  int blocks = 0;
};

void count(const Block& block, Counts& counts) {
  for (const Statement& statement : block.statements) {
    counts.instructions += std::holds_alternative<Instruction>(statement) ? 1 : 0;
    counts.labels += std::holds_alternative<Label>(statement) ? 1 : 0;
    if (const auto* inner = std::get_if<Block>(&statement)) {
      ++counts.blocks;
      count(*inner, counts);
    }
  }
}

Counts count(const Module& module) {
  Counts counts;
  for (const Function& function : module.functions) {
    if (function.body) count(*function.body, counts);
  }
  return counts;
}

bool has_function(const Module& module, std::string_view part) {
  return std::any_of(module.functions.begin(), module.functions.end(), [&](const Function& each) {
    return each.name.find(part) != std::string::npos;
  });
}

class RoundTrip : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Nvcc, RoundTrip, ::testing::Values("calls", "calls_debug", "asm_scopes"));

TEST_P(RoundTrip, PrintedTextParsesToTheSameModule) {
  const Module module = testing::parse(read(GetParam()));
  const auto again = parse_module(print(module), "printed");
  ASSERT_TRUE(again);
  EXPECT_EQ(print(*again), print(module));
}

/// Every statement ends in ';', so the semicolons outside of strings bound what the tree holds.
TEST_P(RoundTrip, LosesNoStatement) {
  const std::string text = read(GetParam());
  const std::string printed = print(testing::parse(text));
  for (const char c : {';', '@', '[', '|'}) {
    std::string code;  // without comments, pragmas and debug sections, which are kept verbatim
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      code += line.substr(0, line.find("//"));
      at = end + 1;
    }
    EXPECT_EQ(std::count(code.begin(), code.end(), c),
              std::count(printed.begin(), printed.end(), c))
        << c;
  }
}

TEST(RoundTripContents, Calls) {
  const Module module = testing::parse(read("calls"));
  EXPECT_TRUE(has_function(module, "vprintf"));
  EXPECT_TRUE(has_function(module, "__assertfail"));
  EXPECT_TRUE(has_function(module, "scaled"));
  const Counts counts = count(module);
  EXPECT_GE(counts.instructions, 60);
  EXPECT_GE(counts.blocks, 4);
}

TEST(RoundTripContents, Debug) {
  const std::string text = read("calls_debug");
  const Module module = testing::parse(text);
  int labels = 0;  // lines that end in a colon, before the debug sections
  for (std::size_t at = text.find(":\n"); at < text.find(".section");
       at = text.find(":\n", at + 1)) {
    ++labels;
  }
  EXPECT_EQ(count(module).labels, labels);
  EXPECT_GT(labels, 0);
  EXPECT_EQ(module.targets.back(), "debug");
  EXPECT_GE(module.sections.size(), 3U);
}

TEST(RoundTripContents, AsmScopes) {
  const Module module = testing::parse(read("asm_scopes"));
  const Counts counts = count(module);
  EXPECT_GE(counts.blocks, 4);
  const std::string printed = print(module);
  for (const char* line : {"elect.sync t1|p, 4294967295;",
                           "setp.ne.and.u32 q, ",
                           ", 15, !p;",
                           "@P1 bra DONE;",
                           "ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {",
                           "+-16];",
                           ".reg .b16 low, high;"}) {
    EXPECT_NE(printed.find(line), std::string::npos) << line;
  }
}

/// 1 for a small module: every byte. Odd, so that it meets every byte of the list below.
std::size_t stride(const std::string& text) {
  return text.size() < 10000 ? 1 : 9;
}

/// A prefix is an Error with a place, or a module when it ends outside of every brace.
TEST_P(RoundTrip, EveryPrefixIsAnErrorOrAModule) {
  const std::string text = read(GetParam());
  int modules = 0;
  for (std::size_t size = 0; size < text.size(); size += stride(text)) {
    const std::string prefix = text.substr(0, size);  // a copy, so that reads past its end are seen
    const auto module = parse_module(prefix, "cut");
    if (!module) {
      ASSERT_EQ(module.error().where.substr(0, 4), "cut:") << size;
      continue;
    }
    ++modules;
    ASSERT_EQ(std::count(prefix.begin(), prefix.end(), '{'),
              std::count(prefix.begin(), prefix.end(), '}'))
        << size;
  }
  EXPECT_GT(modules, 0);
}

/// One byte is replaced: what still parses must survive printing.
TEST_P(RoundTrip, EveryBrokenByteIsAnErrorOrAModule) {
  constexpr std::string_view kBytes = "{}[]();:,.0x\"@!_|+-/*%\n\\=<";
  std::string text = read(GetParam());
  int errors = 0;
  for (std::size_t at = 0; at < text.size(); at += stride(text)) {
    const char kept = text[at];
    text[at] = kBytes[at % kBytes.size()];
    const auto module = parse_module(text, "broken");
    text[at] = kept;
    if (!module) {
      ++errors;
      continue;
    }
    const auto again = parse_module(print(*module), "printed");
    ASSERT_TRUE(again) << at << ": " << again.error().to_string();
    ASSERT_TRUE(*again == *module) << at;
  }
  EXPECT_GT(errors, 0);
}

}  // namespace
}  // namespace attest::ptx
