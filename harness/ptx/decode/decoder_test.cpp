// What the decoder refuses, with its line; scopes, parameters, shared memory and basic blocks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"

#include "harness/ptx/machine/warp.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace attest::ptx {
namespace {

/// The body starts on line 6.
std::string module_text(const std::string& body, const std::string& before = "") {
  return ".version 9.0\n.target sm_80\n.address_size 64\n" + before +
         "\n.visible .entry e(.param .u32 n, .param .align 8 .b8 block[24], .param .u8 c) {\n" +
         body + "\nret;\n}\n";
}

Result<std::shared_ptr<const Program>> decode_text(const std::string& text) {
  const auto module = parse_module(text, "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  return decode(*module, "t", "e");
}

std::string error_of(const std::string& body) {
  const auto program = decode_text(module_text(body));
  return program ? "" : program.error().to_string();
}

TEST(Decoder, RefusesWithTheLine) {
  EXPECT_EQ(error_of("frobnicate.b32 %r1, %r2;"),
            "t:6:1: instruction 'frobnicate.b32' is not implemented");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\n\nadd.s128 %r1, %r2, %r0;"),
            "t:8:1: form 'add.s128' is not implemented");
}

TEST(Decoder, NamesWhatIsWrongWithAnOperand) {
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nadd.s32 %r1, %r2, %r3;"),
            "t:7:19: 'add.s32': '%r3' is not declared");
  EXPECT_EQ(error_of(".reg .b32 %r<3>; .reg .b64 %d;\nadd.s32 %r1, %r2, %d;"),
            "t:7:19: 'add.s32': '%d' is not a register of 32 bits");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nadd.s32 %r1, %r2;"),
            "t:7:1: 'add.s32': expected 3 operands, found 2");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nadd.s32 %r1, %r2, %r0, %r0;"),
            "t:7:24: 'add.s32': expected 3 operands, found 4");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\n@%r1 bra L; L:"),
            "t:7:1: expected a predicate, found '%r1'");
  EXPECT_EQ(error_of("bra NOWHERE;"), "t:6:1: no label 'NOWHERE' is in scope");
  EXPECT_EQ(error_of(".reg .b32 %r;\nmov.u32 %r, %pm0.x;"),
            "t:7:13: 'mov.u32': special register '%pm0.x' is not implemented");
}

TEST(Decoder, SaysWhatItExpectedAndWhatItFound) {
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nadd.s32 %r1, [%r2], 3;"),
            "t:7:14: 'add.s32': expected a register or a constant, found '[%r2]'");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nld.global.u32 %r1, %r2;"),
            "t:7:20: 'ld.global.u32': expected an address in brackets, found '%r2'");
  EXPECT_EQ(error_of(".reg .b32 %r<3>; .reg .b64 %d;\nmov.b64 %d, {%r1, %r2, %r0};"),
            "t:7:13: 'mov.b64': expected a vector of 2, found '{%r1, %r2, %r0}'");
  EXPECT_EQ(error_of(".reg .b32 %r<3>;\nmov.u32 3, %r1;"),
            "t:7:9: 'mov.u32': expected a register to write, found '3'");
  EXPECT_EQ(error_of(".reg .b32 %r<3>; .reg .pred %p;\nsetp.eq.s32 %r1, %r2, %r0;"),
            "t:7:13: 'setp.eq.s32': expected a predicate, found '%r1'");
  EXPECT_EQ(error_of("bra 7;"), "t:6:5: 'bra': expected a label, found '7'");
}

TEST(Decoder, RefusesAnEntryThatIsNotThere) {
  const auto module = parse_module(module_text(""), "t");
  ASSERT_TRUE(module.has_value());
  const auto program = decode(*module, "t", "other");
  ASSERT_FALSE(program.has_value());
  EXPECT_EQ(program.error().to_string(), "t: no entry 'other'");
}

TEST(Decoder, NamesAreSeenInTheirBlockOnly) {
  EXPECT_EQ(error_of("{ .reg .b32 x; mov.u32 x, 1; }\n{ .reg .b64 x; mov.u64 x, 1; }"), "");
  EXPECT_EQ(error_of("{ .reg .b32 x; }\nmov.u32 x, 1;"),
            "t:7:9: 'mov.u32': expected a register to write, found 'x'");
  EXPECT_EQ(error_of("{ bra DONE; DONE: }\n{ bra DONE; DONE: }"), "");
}

TEST(Decoder, LaysOutParametersAsPtxDoes) {
  const auto program = decode_text(module_text(""));
  ASSERT_TRUE(program.has_value()) << program.error().to_string();
  const auto& parameters = (*program)->parameters;
  ASSERT_EQ(parameters.size(), 3u);
  EXPECT_EQ(parameters[0].offset, 0);
  EXPECT_EQ(parameters[1].offset, 8);
  EXPECT_EQ(parameters[2].offset, 32);
  EXPECT_EQ((*program)->parameter_bytes, 33);
}

TEST(Decoder, CountsOnlyTheSharedVariablesThatTheEntryUses) {
  const auto program = decode_text(
      module_text(".reg .b32 %r;\n.shared .b8 own[20];\nmov.u32 %r, mine;\nmov.u32 %r, dyn;",
                  ".shared .align 16 .b8 mine[64]; .shared .b8 others[4096]; "
                  ".extern .shared .align 16 .b8 dyn[];"));
  ASSERT_TRUE(program.has_value()) << program.error().to_string();
  EXPECT_EQ((*program)->static_shared_bytes, 96) << "own at 0, mine at 32, dyn at 96";
}

TEST(Decoder, LaysOutLocalVariablesOfAllScopes) {
  const auto program = decode_text(
      module_text(".local .b8 a[3]; { .local .align 16 .b8 b[20]; } { .local .b64 b; }"));
  ASSERT_TRUE(program.has_value()) << program.error().to_string();
  ASSERT_EQ((*program)->local.size(), 3u);
  EXPECT_EQ((*program)->local[1].offset, 16);
  EXPECT_EQ((*program)->local[2].offset, 40);
  EXPECT_EQ((*program)->local_bytes, 48);
  EXPECT_EQ(error_of(".local .b8 a[524289];"),
            "t:6:1: the local variables up to 'a' need more than 524288 bytes a thread");
}

TEST(Decoder, RefusesVariablesOfOtherModules) {
  const auto error = [](const std::string& body) {
    const auto program =
        decode_text(module_text(body, ".extern .global .u32 there; .const .u32 here;"));
    return program ? "" : program.error().to_string();
  };
  EXPECT_EQ(error(".reg .b64 %d; mov.u64 %d, here;"), "");
  EXPECT_EQ(error(".reg .b64 %d; mov.u64 %d, there;"),
            "t:6:27: 'mov.u64': 'there' is .extern and the module does not define it");
  EXPECT_EQ(error(".reg .b32 %r; ld.global.u32 %r, [there];"),
            "t:6:33: 'ld.global.u32': 'there' is .extern and the module does not define it");
  EXPECT_EQ(error(".reg .b32 %r; mov.u32 %r, here;"),
            "t:6:27: 'mov.u32': the address of 'here' needs 64 bits");
}

TEST(Decoder, SplitsBasicBlocksAtLabelsAndBranches) {
  const auto program =
      decode_text(module_text(".reg .pred %p; .reg .b32 %r;\nmov.u32 %r, 0;\nTOP: add.u32 %r, %r, "
                              "1;\n@%p bra TOP;\nmov.u32 %r, 2;"));
  ASSERT_TRUE(program.has_value()) << program.error().to_string();
  std::vector<std::int64_t> sizes;
  for (const BlockInfo& b : (*program)->blocks)
    sizes.push_back(b.instructions);
  // The last two: the ret that every body ends with, and what would follow it.
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{1, 2, 2, 1, 0}));
  const auto branch =
      std::find_if((*program)->code.begin(), (*program)->code.end(), [](const Instr& i) {
        return i.target != nullptr && i.guard != 0;
      });
  ASSERT_NE(branch, (*program)->code.end());
  EXPECT_EQ(branch->target->run, enter_block);
  EXPECT_EQ((*program)->site(branch->target + 1).ptx_line, 8);
}

TEST(Decoder, InspectListsAllThatIsUnsupported) {
  const auto module =
      parse_module(module_text(".reg .b32 %r;\nfoo.x %r;\nmov.u32 %r, 1;\nbar2.y %r;"), "t");
  ASSERT_TRUE(module.has_value());
  const auto entries = inspect(*module, "t");
  ASSERT_EQ(entries.size(), 1u);
  ASSERT_EQ(entries[0].unsupported.size(), 2u);
  EXPECT_EQ(entries[0].unsupported[0].instruction, "foo.x");
  EXPECT_EQ(entries[0].unsupported[1].line, 9);
  EXPECT_EQ(entries[0].unsupported[1].column, 1);
  EXPECT_EQ(entries[0].parameters.size(), 3u);
}

}  // namespace
}  // namespace attest::ptx
