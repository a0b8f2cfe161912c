// What kernels print, and their assertions.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace attest::ptx {
namespace {

struct Ran {
  std::string printed;
  std::optional<Finding> finding;
};

Ran run(const std::string& body, std::uint32_t threads, const LaunchOptions& options = {}) {
  const std::string text =
      ".version 9.0\n.target sm_80\n.address_size 64\n"
      ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);\n"
      ".extern .func __assertfail(.param .b64 m, .param .b64 f, .param .b32 l, .param .b64 n, "
      ".param .b64 c);\n"
      ".global .align 1 .b8 format[12] = {37, 100, 32, 37, 115, 32, 37, 46, 49, 102, 10};\n"
      ".global .align 1 .b8 word[3] = {111, 107};\n"
      ".visible .entry e() {\n.local .align 8 .b8 args[24];\n.reg .b32 %tid, %r; .reg .b64 "
      "%args, %f, %d; .reg .pred %p;\n"
      "mov.u32 %tid, %tid.x; mov.u64 %d, args; cvta.local.u64 %args, %d;\n" +
      body + "\nret;\n}\n";
  const auto module = parse_module(text, "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  EXPECT_TRUE(program.has_value()) << program.error().to_string();
  if (!program) return {};
  GlobalMemory memory;
  Launch launch;
  launch.block = {threads, 1, 1};
  Grid grid(**program, launch, memory, options);
  Ran ran;
  ran.finding = grid.run();
  ran.printed = grid.printed();
  return ran;
}

/// printf("%d %s %.1f\n", tid, "ok", 2.5); %r is its result.
const std::string kPrint =
    "st.local.u32 [%d], %tid; mov.u64 %f, word; st.local.u64 [%d+8], %f; mov.u64 %f, "
    "0x4004000000000000; st.local.u64 [%d+16], %f; mov.u64 %f, format;\n"
    "{ .param .b64 p0; st.param.b64 [p0+0], %f; .param .b64 p1; st.param.b64 [p1+0], %args;\n"
    ".param .b32 r0; call.uni (r0), vprintf, (p0, p1); ld.param.b32 %r, [r0+0]; }\n";

TEST(SystemCalls, PrintInTheOrderOfExecution) {
  const Ran ran = run(kPrint, 3);
  ASSERT_FALSE(ran.finding) << describe(*ran.finding);
  EXPECT_EQ(ran.printed, "0 ok 2.5\n1 ok 2.5\n2 ok 2.5\n");
}

TEST(SystemCalls, PrintReturnsHowManyArgumentsItTook) {
  const Ran ran = run(kPrint + "setp.ne.s32 %p, %r, 3; @%p trap;", 32);
  EXPECT_FALSE(ran.finding) << describe(*ran.finding);
  const Ran none =
      run("{ .param .b64 p0; st.param.b64 [p0], 0; .param .b64 p1; st.param.b64 [p1], "
          "%args; .param .b32 r0; call (r0), vprintf, (p0, p1); ld.param.b32 %r, [r0]; }\n"
          "setp.ne.s32 %p, %r, -1; @%p trap;",
          1);
  EXPECT_FALSE(none.finding) << describe(*none.finding);
}

TEST(SystemCalls, PrintedTextHasALimit) {
  LaunchOptions options;
  options.max_printed_bytes = 20;
  EXPECT_EQ(run(kPrint, 32, options).printed, "0 ok 2.5\n1 ok 2.5\n2 ");
}

TEST(SystemCalls, PrintingFromNowhereIsFound) {
  const Ran ran =
      run("{ .param .b64 p0; st.param.b64 [p0], 4096; .param .b64 p1; st.param.b64 "
          "[p1], %args; .param .b32 r0; call (r0), vprintf, (p0, p1); }",
          1);
  ASSERT_TRUE(ran.finding);
  EXPECT_EQ(ran.finding->kind, FindingKind::out_of_bounds);
}

TEST(SystemCalls, AnAssertionNamesItsPlace) {
  const Ran ran =
      run("setp.lt.u32 %p, %tid, 5; @%p bra OUT; mov.u64 %f, word;\n"
          "{ .param .b64 p0; st.param.b64 [p0], %f; .param .b64 p1; st.param.b64 [p1], %f; .param "
          ".b32 p2; st.param.b32 [p2], 12; .param .b64 p3; st.param.b64 [p3], %f; .param .b64 p4; "
          "st.param.b64 [p4], 1;\ncall.uni __assertfail, (p0, p1, p2, p3, p4); }\nOUT:",
          8);
  ASSERT_TRUE(ran.finding);
  EXPECT_EQ(ran.finding->kind, FindingKind::assertion);
  EXPECT_EQ(ran.finding->message, "ok:12: ok: 'ok' does not hold");
  EXPECT_EQ(ran.finding->party.thread.x, 5U);
  EXPECT_EQ(ran.finding->party.site.ptx_line, 14);
}

std::string refusal(const std::string& body) {
  const auto module = parse_module(
      ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry e() {\n" + body + "\n}\n",
      "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  return program ? "" : program.error().to_string();
}

TEST(SystemCalls, OthersAreRefusedByName) {
  EXPECT_EQ(refusal(".param .b64 p; .param .b64 r;\ncall (r), malloc, (p);"),
            "t:6:1: function 'malloc' is not implemented");
  EXPECT_EQ(refusal(".param .b64 p;\ncall vprintf, (p);"),
            "t:6:1: 'vprintf' takes 2 values, found 1");
  EXPECT_EQ(refusal(".param .b64 p; .param .b32 q;\ncall vprintf, (p, q);"),
            "t:6:19: expected a .param variable of 8 bytes, found 'q'");
}

}  // namespace
}  // namespace attest::ptx
