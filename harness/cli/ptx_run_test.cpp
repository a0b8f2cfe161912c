// attest ptx --run: results of a kernel, its faults, and one line for each mistake.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/npy.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace attest {
namespace {

/// y[i] += a * x[i] for the threads of block 0 below n.
constexpr const char* kSaxpy = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry saxpy(.param .u64 x, .param .u64 y, .param .f32 a, .param .u32 n) {
  .reg .pred %p; .reg .b32 %r<3>; .reg .f32 %f<4>; .reg .b64 %d<4>;
  ld.param.u64 %d0, [x];
  ld.param.u64 %d1, [y];
  ld.param.f32 %f0, [a];
  ld.param.u32 %r0, [n];
  mov.u32 %r1, %tid.x;
  setp.ge.u32 %p, %r1, %r0;
  @%p ret;
  mul.wide.u32 %d2, %r1, 4;
  add.s64 %d0, %d0, %d2;
  add.s64 %d1, %d1, %d2;
  ld.global.f32 %f1, [%d0];
  ld.global.f32 %f2, [%d1];
  fma.rn.f32 %f3, %f0, %f1, %f2;
  st.global.f32 [%d1], %f3;
  ret;
}
.visible .entry gather(.param .align 8 .b8 block[24], .param .align 2 .b8 half[2]) {
  .reg .b32 %r<3>; .reg .b64 %d<3>; .reg .b16 %h;
  ld.param.u64 %d0, [block];
  ld.param.u64 %d1, [block+8];
  ld.param.u32 %r0, [block+16];
  ld.param.u16 %h, [half];
  ld.global.u32 %r1, [%d0];
  add.u32 %r1, %r1, %r0;
  st.global.u32 [%d1], %r1;
  st.global.u16 [%d1+4], %h;
  ret;
}
.visible .entry forever() {
AGAIN:
  bra AGAIN;
}
.visible .entry shared_tile() {
  .shared .align 4 .b8 tile[64];
  ret;
}
)";

class PtxRun : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file(path_, kSaxpy)); }

  [[nodiscard]] Output run_entry(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {"ptx", path_, "--run"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments);
  }
  /// saxpy on one block of 32 threads, with these options behind.
  [[nodiscard]] Output run_saxpy(const std::vector<std::string>& parameters) const {
    std::vector<std::string> options = {"saxpy", "--grid", "1", "--block", "32"};
    options.insert(options.end(), parameters.begin(), parameters.end());
    return run_entry(options);
  }
  static void expect_has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "saxpy.ptx";
};

TEST_F(PtxRun, PrintsCountsAndResults) {
  const Output output = run_saxpy({"--param",
                                   "x=f32[32]:iota",
                                   "--param",
                                   "y=f32[32]:1:rw",
                                   "--param",
                                   "a=f32:0.5",
                                   "--param",
                                   "n=u32:3",
                                   "--print",
                                   "y:4"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  EXPECT_EQ(output.err, "");
  EXPECT_EQ(output.out, path_ + R"(  PTX 8.0, target sm_80
launch   saxpy grid (1,1,1) block (32,1,1), 0 bytes of shared memory
counts   15 warp instructions: 4 integer, 1 floating, 2 load_global, 4 load_constant, 1 store_global, 1 move, 2 control
flops    64, 0 of them in mma
global   36 bytes requested, 96 touched; 3 accesses of 3 sectors
  x        12 bytes read, 0 written, 32 touched
  y        12 bytes read, 12 written, 64 touched
shared   0 bytes requested; 0 accesses in 0 wavefronts, 0 ideally
local    0 bytes requested
y        f32[32] 1 1.5 2 1 ..
========= ERROR SUMMARY: 0 errors
)");
}

TEST_F(PtxRun, ShowsWhatTheKernelPrinted) {
  const std::string path = folder_ / "print.ptx";
  ASSERT_TRUE(write_file(path, R"(.version 8.0
.target sm_80
.address_size 64
.extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);
.global .align 1 .b8 text[9] = {104, 105, 32, 37, 100, 10, 27, 33};
.visible .entry say() {
  .local .align 8 .b8 args[8];
  .reg .b64 %d, %e, %f;
  .reg .b32 %t;
  mov.u32 %t, %tid.x;
  mov.u64 %d, args;
  cvta.local.u64 %e, %d;
  st.local.u32 [%d], %t;
  mov.u64 %f, text;
  { .param .b64 p0; st.param.b64 [p0], %f; .param .b64 p1; st.param.b64 [p1], %e;
    .param .b32 r0; call.uni (r0), vprintf, (p0, p1); }
  ret;
})"));
  const Output output = run({"ptx", path, "--run", "say", "--grid", "1", "--block", "2"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  expect_has(output.out, "printed  hi 0\nprinted  ?!hi 1\nprinted  ?!\n");
}

TEST_F(PtxRun, ReadsAndWritesNpy) {
  const std::array<float, 3> x = {1, 2, -3};
  const std::string in = folder_ / "x.npy";
  const std::string out = folder_ / "y.npy";
  ASSERT_TRUE(write_file(in, npy_file("f4", {3}, std::as_bytes(std::span(x)))));
  const Output output = run_saxpy({"--param",
                                   "x=@" + in,
                                   "--param",
                                   "y=@" + in + ":rw",
                                   "--param",
                                   "a=f32:2",
                                   "--param",
                                   "n=u32:3",
                                   "--save",
                                   "y=" + out});
  EXPECT_EQ(output.exit, Exit::held) << output.err << output.out;
  expect_has(output.out, "saved    " + out + ": f4 (3)\n");
  const auto saved = read_npy(out, 100);
  ASSERT_TRUE(saved) << saved.error().to_string();
  const std::array<float, 3> want = {3, 6, -9};
  EXPECT_EQ(saved->shape, (std::vector<std::int64_t>{3}));
  EXPECT_TRUE(std::ranges::equal(saved->data(), std::as_bytes(std::span(want))));
}

TEST_F(PtxRun, StructsByValueWithAddressesInThem) {
  const Output output = run_entry({"gather",
                                   "--grid",
                                   "1",
                                   "--block",
                                   "1",
                                   "--buffer",
                                   "in=u32[4]:iota",
                                   "--buffer",
                                   "out=u32[2]:0:rw",
                                   "--param",
                                   "cfg=zero",
                                   "--param",
                                   "cfg+0=&in+12",
                                   "--param",
                                   "cfg+8=&out",
                                   "--param",
                                   "cfg+16=u32:40",
                                   "--param",
                                   "h=f16:1",
                                   "--print",
                                   "out"});
  EXPECT_EQ(output.exit, Exit::held) << output.err << output.out;
  expect_has(output.out, "out      u32[2] 43 15360\n");
  const std::string file = folder_ / "cfg.bin";
  ASSERT_TRUE(write_file(file, std::string(16, '\0') + std::string("\7\0\0\0\0\0\0\0", 8)));
  const Output other = run_entry({"gather",
                                  "--grid",
                                  "1",
                                  "--block",
                                  "1",
                                  "--buffer",
                                  "in=u32[1]:5",
                                  "--buffer",
                                  "out=i16[4]:0:rw",
                                  "--param",
                                  "cfg=@" + file,
                                  "--param",
                                  "cfg+0=&in",
                                  "--param",
                                  "cfg+8=&out",
                                  "--param",
                                  "h=bytes:0x0180",
                                  "--print",
                                  "out"});
  EXPECT_EQ(other.exit, Exit::held) << other.err << other.out;
  expect_has(other.out, "out      i16[4] 12 0 -32767 0\n");
}

TEST_F(PtxRun, TheSeedDecidesRandomValues) {
  const auto draw = [&](const std::string& seed) {
    return run_saxpy({"--param",
                      "x=f32[4]:normal(1)",
                      "--param",
                      "y=f32[4]:normal(1):rw",
                      "--param",
                      "a=f32:0",
                      "--param",
                      "n=u32:4",
                      "--print",
                      "y",
                      "--seed",
                      seed})
        .out;
  };
  EXPECT_EQ(draw("7"), draw("7"));
  EXPECT_NE(draw("7"), draw("8"));
}

TEST_F(PtxRun, FaultsOfTheKernelAreFindings) {
  const std::vector<std::array<std::string, 3>> rows = {
      {"x=f32[3]:iota", "y=f32[4]:0:rw", "after the end of 'x'"},
      {"x=f32[4]:iota", "y=f32[4]", "Uninitialized __global__ read"},
      {"x=f32[4]:iota", "y=f32[4]:0", "Invalid __global__ write"},
      {"x=&y+2", "y=f32[5]:0:rw", "is misaligned"},
      {"x=null", "y=f32[5]:0:rw", "Address 0x0 is out of bounds"}};
  for (const auto& [x, y, wanted] : rows) {
    const Output output =
        run_saxpy({"--param", x, "--param", y, "--param", "a=f32:0.5", "--param", "n=u32:4"});
    EXPECT_EQ(output.exit, Exit::falsified) << output.err;
    expect_has(output.out, wanted);
    expect_has(output.out, "=========     by thread (");
    expect_has(output.out, "========= ERROR SUMMARY: 1 error\n");
  }
}

TEST_F(PtxRun, WithoutChecksOnlyBoundsAndAlignment) {
  const Output output = run_saxpy({"--param",
                                   "x=f32[4]:iota",
                                   "--param",
                                   "y=f32[4]",
                                   "--param",
                                   "a=f32:1",
                                   "--param",
                                   "n=u32:4",
                                   "--checks",
                                   "none"});
  EXPECT_EQ(output.exit, Exit::held) << output.out;
}

TEST_F(PtxRun, LaunchesThatADriverRefusesAreFindings) {
  const std::vector<std::vector<std::string>> rows = {
      {"shared_tile", "--grid", "0", "--block", "1"},
      {"shared_tile", "--grid", "2147483648", "--block", "1"},
      {"shared_tile", "--grid", "1,65536", "--block", "1"},
      {"shared_tile", "--grid", "4294967295,4294967295,4294967295", "--block", "1"},
      {"shared_tile", "--grid", "1", "--block", "1024,1024,64"},
      {"shared_tile", "--grid", "1", "--block", "4294967295,4294967295,4294967295"},
      {"shared_tile", "--grid", "1", "--block", "1", "--smem", "200000"},
      {"shared_tile", "--grid", "1", "--block", "1", "--smem", "4294967295"}};
  for (const auto& options : rows) {
    const Output output = run_entry(options);
    EXPECT_EQ(output.exit, Exit::falsified) << output.err;
    expect_has(output.out, "========= Invalid launch");
  }
}

TEST_F(PtxRun, StopsAtTheLimitOfInstructions) {
  const Output loop =
      run_entry({"forever", "--grid", "1", "--block", "64", "--max-instructions", "100000"});
  EXPECT_EQ(loop.exit, Exit::falsified);
  expect_has(loop.out, "did not end within 100000 warp instructions");
  const Output grid = run_entry({"shared_tile",
                                 "--grid",
                                 "2147483647,65535,65535",
                                 "--block",
                                 "1",
                                 "--max-instructions",
                                 "100000",
                                 "--schedule",
                                 "3"});
  EXPECT_EQ(grid.exit, Exit::falsified);
  expect_has(grid.out, "did not end within 100000 warp instructions");
}

TEST_F(PtxRun, MistakesAreOneLineAndExit2) {
  const std::string y = "y=f32[4]:0:rw";
  const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
      {{"saxpy"}, "--grid: is missing"},
      {{"saxpy", "--grid", "1"}, "--block: is missing"},
      {{"saxpy", "--grid", "1,1,1,1", "--block", "1"}, "--grid: '1,1,1,1' has more than three"},
      {{"saxpy", "--grid", "", "--block", "1"}, "--grid: '' is not a number from 0 to 4294967295"},
      {{"saxpy", "--grid", "4294967296", "--block", "1"}, "--grid: '4294967296' is not a number"},
      {{"saxpy", "--grid", "1", "--block", "1,x"}, "--block: 'x' is not a number"},
      {{"nosuch", "--grid", "1", "--block", "1"},
       "--run: no entry 'nosuch'; there are: saxpy, gather, forever, shared_tile"},
      {{"a", "--grid", "1", "--block", "1"},
       "--run: 'a' is more than one entry: saxpy, gather, shared_tile"},
      {{"saxpy", "--grid", "1", "--block", "1"},
       "--param: the entry has 4 parameters ('x' .u64, 'y' .u64, 'a' .f32, 'n' .u32), 0 are given"},
      {{"forever", "--grid", "1", "--block", "1", "--param", "n=i32:1"},
       "--param: the entry has 0 parameters (), 1 are given"},
      {{"forever", "--grid", "1", "--block", "1", "--smem", "4294967296"},
       "--smem: '4294967296' is not a number from 0 to 4294967295"},
      {{"forever", "--grid", "1", "--block", "1", "--smem", "-1"}, "--smem: '-1' is not a number"},
      {{"forever", "--grid", "1", "--block", "1", "--seed", "x"}, "--seed: 'x' is not a 64-bit"},
      {{"forever", "--grid", "1", "--block", "1", "--checks", "some"}, "--checks: 'some' is not"},
      {{"forever", "--grid", "1", "--block", "1", "--arch", "sm_1"}, "--arch"},
      {{"forever", "--grid", "1", "--block", "1", "--max-memory", "1G"}, "--max-memory: '1G'"},
      {{"forever", "--grid", "1", "--block", "1", "--max-instructions", "0"},
       "--max-instructions: '0' is not a number from 1"},
      {{"forever", "--grid", "1", "--block", "1", "--print", "y"},
       "--print: no written buffer 'y'"},
      {{"forever", "--grid", "1", "--block", "1", "--save", "y"}, "--save: 'y' is not NAME=FILE"},
      {{"forever", "--grid", "1", "--block", "1", "--buffer", "y=i8[4]:0", "--print", "y"},
       "--print: 'y' is read only; :rw lets it be written"},
      {{"forever", "--grid", "1", "--block", "1", "--buffer", "y=i8[4]", "--print", "y:0"},
       "--print: '0' is not a number from 1"},
      {{"forever", "--grid", "1", "--block", "1", "--buffer", "y=i8[4]", "--save", "y=/no/y.npy"},
       "/no/y.npy: cannot be written"},
      {{"forever", "--grid", "1", "--block", "1", "--buffer", "y=i8[4]", "--buffer", "y=i8[4]"},
       "--buffer y: two buffers have this name"},
      {{"forever", "--coverage"}, "--coverage: either this or --run"}};
  for (const auto& [options, wanted] : rows) {
    const Output output = run_entry(options);
    EXPECT_EQ(output.exit, Exit::bad_input) << wanted;
    EXPECT_EQ(output.out, "") << wanted;
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    expect_has(output.err, wanted);
  }
}

TEST_F(PtxRun, ParametersMustFitTheirDeclarations) {
  const std::string x = "x=f32[4]:0";
  const std::string y = "y=f32[4]:0:rw";
  const std::vector<std::pair<std::array<std::string, 4>, std::string>> rows = {
      {{x, y, "a=f64:1", "n=i32:1"},
       "--param a: f64 is no type of the parameter 'a' .f32; allowed: f32, tf32"},
      {{x, y, "a=i32:1", "n=i32:1"}, "--param a: i32 is no type of the parameter 'a' .f32"},
      {{x, y, "a=f32:1", "n=f32:1"},
       "--param n: f32 is no type of the parameter 'n' .u32; allowed: i32, u32"},
      {{x, y, "a=f32:1", "n=u64:1"}, "--param n: u64 is no type of the parameter 'n' .u32"},
      {{x, y, "a=f32:1", "n=null"},
       "--param n: an address is 8 bytes, the parameter 'n' .u32 has 4"},
      {{x, y, "a=f32[1]", "n=i32:1"},
       "--param a: an address is 8 bytes, the parameter 'a' .f32 has 4"},
      {{x, y, "a=f32:1", "n=bytes:0x01"},
       "--param n: the value is 1 bytes, the parameter 'n' .u32 has 4"},
      {{x, y, "a=f32:1", "n=@" + path_}, "is longer than 4 bytes"},
      {{x, "y=&z", "a=f32:1", "n=i32:1"}, "--param y: no buffer 'z'"},
      {{x, "x=f32[4]", "a=f32:1", "n=i32:1"}, "--param x: two buffers have this name"},
      {{"x=@/nowhere.npy", y, "a=f32:1", "n=i32:1"}, "--param x: /nowhere.npy: cannot be read"},
      {{"x=@/dev/zero.npy", y, "a=f32:1", "n=i32:1"}, "--param x: /dev/zero.npy"},
      {{"x=f32[4611686018427387904]", y, "a=f32:1", "n=i32:1"},
       "--param x: f32[4611686018427387904] does not fit: all buffers together have at most "
       "2147483648 bytes (--max-memory)"},
      {{"x=u8[68719476736]:0", y, "a=f32:1", "n=i32:1"}, "u8[68719476736] does not fit"},
      {{"x=u8[2147483640]", y, "a=f32:1", "n=i32:1"}, "--param y: f32[4] does not fit"}};
  for (const auto& [parameters, wanted] : rows) {
    std::vector<std::string> options;
    for (const std::string& each : parameters)
      options.insert(options.end(), {"--param", each});
    const Output output = run_saxpy(options);
    EXPECT_EQ(output.exit, Exit::bad_input) << wanted;
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    expect_has(output.err, wanted);
  }
}

TEST_F(PtxRun, PartsOfParameters) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"cfg+20=u64:1",
       "--param cfg: the value is 8 bytes, the parameter 'block' .b8[24] has 4 "
       "from byte 20"},
      {"cfg+24=u8:1", "the value is 1 bytes, the parameter 'block' .b8[24] has 0 from byte 24"},
      {"cfg+9223372036854775807=u8:1", "has 0 from byte 9223372036854775807"},
      {"other+0=u8:1", "--param other: no parameter of that name was given before it"}};
  for (const auto& [part, wanted] : rows) {
    const Output output = run_entry({"gather",
                                     "--grid",
                                     "1",
                                     "--block",
                                     "1",
                                     "--param",
                                     "cfg=zero",
                                     "--param",
                                     part,
                                     "--param",
                                     "h=f16:1"});
    EXPECT_EQ(output.exit, Exit::bad_input) << part;
    expect_has(output.err, wanted);
  }
}

TEST_F(PtxRun, NpyTypesAreCheckedOrRenamed) {
  const std::string u2 = folder_ / "u2.npy";
  const std::string f4 = folder_ / "f4.npy";
  ASSERT_TRUE(write_file(u2, npy_file("u2", {4}, std::array<std::byte, 8>{})));
  ASSERT_TRUE(write_file(f4, npy_file("f4", {2}, std::array<std::byte, 8>{})));
  const std::string out = folder_ / "out.npy";
  const auto use = [&](const std::string& value) {
    return run_entry({"forever",
                      "--grid",
                      "0",
                      "--block",
                      "1",
                      "--buffer",
                      "b=" + value,
                      "--print",
                      "b",
                      "--save",
                      "b=" + out});
  };
  EXPECT_EQ(use("bf16@" + u2 + ":rw").exit, Exit::falsified);  // the grid is refused, not this
  EXPECT_EQ(use("f16@" + u2 + ":rw").exit, Exit::falsified);
  EXPECT_EQ(use("tf32@" + f4 + ":rw").exit, Exit::falsified);
  const Output wrong = use("bf16@" + f4 + ":rw");
  EXPECT_EQ(wrong.exit, Exit::bad_input);
  expect_has(wrong.err, "holds f4; bf16 is kept as u2");
  EXPECT_EQ(use("i16@" + u2 + ":rw").exit, Exit::falsified);
  EXPECT_EQ(use("e4m3@" + u2).exit, Exit::bad_input);
  const Output saved = use("bf16[2,2]:1:rw");
  expect_has(saved.out, "saved    " + out + ": u2 (2,2), the bits of bf16\n");
}

TEST_F(PtxRun, OptionsOfARunNeedOne) {
  const Output output = run({"ptx", path_, "--grid", "1"});
  EXPECT_EQ(output.exit, Exit::bad_input);
  expect_has(output.err, "--grid: goes with --run");
}

TEST_F(PtxRun, AFileWithoutAnEntryHasNothingToRun) {
  ASSERT_TRUE(write_file(path_, ".version 8.0\n.target sm_80\n.address_size 64\n"));
  const Output output = run_entry({"x", "--grid", "1", "--block", "1"});
  EXPECT_EQ(output.exit, Exit::nothing_judged);
  EXPECT_EQ(output.err, "attest: " + path_ + ": has no entry to run\n");
}

TEST_F(PtxRun, WhatIsUnsupportedIsRefusedWithItsLine) {
  ASSERT_TRUE(write_file(
      path_,
      ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry x() {\nmade.up;\n}\n"));
  const Output output = run_entry({"x", "--grid", "1", "--block", "1"});
  EXPECT_EQ(output.exit, Exit::bad_input);
  expect_has(output.err, path_ + ":5");
}

/// Texts one after another may have the same address: each is itself.
TEST_F(PtxRun, TheLastTextIsForgotten) {
  for (const char digit : {'3', '4', '5'}) {
    std::string text = kSaxpy;
    const std::size_t at = text.find("mov.u32 %r1, %tid.x;");
    text.replace(at, 20, std::string("mov.u32 %r1, ") + digit + ";     ");
    ASSERT_TRUE(write_file(path_, text));
    const Output output = run_saxpy({"--param",
                                     "x=f32[8]:iota",
                                     "--param",
                                     "y=f32[8]:0:rw",
                                     "--param",
                                     "a=f32:1",
                                     "--param",
                                     "n=u32:8",
                                     "--print",
                                     "y",
                                     "--checks",
                                     "none"});
    const auto index = static_cast<std::size_t>(digit - '0');
    std::string want = " 0 0 0 0 0 0 0 0\n";
    want[1 + 2 * index] = digit;
    expect_has(output.out, want);
  }
}

}  // namespace
}  // namespace attest
