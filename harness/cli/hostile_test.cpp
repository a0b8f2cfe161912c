// Files and options that ask for more than there is: one line or one finding, within the limits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

namespace attest {
namespace {

constexpr const char* kHead = ".version 9.0\n.target sm_80\n.address_size 64\n";

struct Hostile {
  const char* name;
  std::string text;  // after the head
  Exit exit;         // of a run
  std::string wanted;
};

/// Its name alone: the text may be a megabyte.
// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const Hostile& hostile, std::ostream* out) {
  *out << hostile.name;
}

std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t n = 0; n < count; ++n)
    all += text;
  return all;
}

const std::vector<Hostile>& files() {
  static const std::vector<Hostile> all = {
      {"braces",
       ".visible .entry e() {" + std::string(10'000'000, '{'),
       Exit::bad_input,
       "blocks nested deeper than 64"},
      {"registers",
       ".visible .entry e() { .reg .b32 %r<2000000000>; }",
       Exit::bad_input,
       "'2000000000', expected an integer from 0 to 4194304"},
      {"rows",
       ".visible .entry e() { .reg .b32 %r<4000000>; }",
       Exit::bad_input,
       "more registers than"},
      {"predicates",
       ".visible .entry e() { .reg .pred %p<4000000>; }",
       Exit::bad_input,
       "more registers than"},
      {"local",
       ".visible .entry e() { .local .b8 a[1099511627776]; ret; }",
       Exit::bad_input,
       "the local variables up to 'a' need more than"},
      {"local_of_a_block",
       ".visible .entry e() { .local .b8 a[500000]; .reg .b64 %d; "
       "mov.u64 %d, a; st.local.u8 [%d], 1; ret; }",
       Exit::falsified,
       "local memory of 500000 bytes for each of 1024 threads exceeds"},
      {"global",
       ".global .b8 a[1099511627776];\n.visible .entry e() { .reg .b64 %d; "
       "mov.u64 %d, a; ret; }",
       Exit::bad_input,
       "the variables up to 'a' have more than"},
      {"size_that_overflows",
       ".global .b64 a[1099511627776][1099511627776];",
       Exit::bad_input,
       "'a' is larger than 1099511627776 bytes"},
      {"parameter",
       ".visible .entry e(.param .b8 p[1099511627776]) { ret; }",
       Exit::bad_input,
       "parameter 'p' is larger than 32764 bytes"},
      {"parameters",
       ".visible .entry e(.param .b8 a[32764], .param .align 1048576 .b8 b[1]) { ret; }",
       Exit::bad_input,
       "the parameters up to 'b' are larger than 32764 bytes"},
      {"recursion",
       ".func f() { call f; ret; }\n.visible .entry e() { call f; ret; }",
       Exit::bad_input,
       "recursion is not implemented"},
      {"vector",
       ".visible .entry e() { .reg .b32 r; mov.b64 {" + times(200'000, "r,") + "r}, r; ret; }",
       Exit::bad_input,
       "expected a vector of 2"},
      {"loop",
       ".visible .entry e() { L: bra L; }",
       Exit::falsified,
       "did not end within 100000 warp instructions"}};
  return all;
}

class HostileFile : public ::testing::TestWithParam<Hostile> {};

INSTANTIATE_TEST_SUITE_P(Ptx, HostileFile, ::testing::ValuesIn(files()), [](const auto& file) {
  return std::string(file.param.name);
});

TEST_P(HostileFile, EndsWithOneLineOrOneFinding) {
  const TemporaryFolder folder;
  const std::string path = folder / "h.ptx";
  ASSERT_TRUE(write_file(path, kHead + GetParam().text));
  const Output output = run({"ptx",
                             path,
                             "--run",
                             "e",
                             "--grid",
                             "2",
                             "--block",
                             "1024",
                             "--max-instructions",
                             "100000"});
  EXPECT_EQ(output.exit, GetParam().exit) << output.err << output.out;
  const std::string& told = output.exit == Exit::bad_input ? output.err : output.out;
  EXPECT_NE(told.find(GetParam().wanted), std::string::npos) << told;
  EXPECT_LE(count_lines(output.err), 1);
  EXPECT_LT(output.err.size(), 2100u);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"ptx", path}, {"ptx", path, "--coverage"}}) {
    const Output described = run(words);
    EXPECT_NE(described.exit, Exit::internal) << described.err;
    EXPECT_LE(count_lines(described.err), 1);
  }
}

TEST(Hostile, AFileLongerThanTheLimitIsNotRead) {
  const TemporaryFolder folder;
  const std::string path = folder / "h.ptx";
  ASSERT_TRUE(write_file(path, kHead));
  std::filesystem::resize_file(path, std::uintmax_t{1} << 30);  // sparse
  const Output output = run({"ptx", path});
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_EQ(output.err, "attest: " + path + ": is longer than 268435456 bytes\n");
}

/// Each entry looks at every variable: the work for all of them is bounded.
TEST(Hostile, ManyEntriesAndVariablesAreListedWithinATime) {
  const TemporaryFolder folder;
  const std::string path = folder / "h.ptx";
  std::string text = kHead;
  for (int n = 0; n < 10'000; ++n) {
    text += ".shared .b8 v" + std::to_string(n) + ";\n";
    text += ".visible .entry e" + std::to_string(n) + "() { ret; }\n";
  }
  ASSERT_TRUE(write_file(path, text));
  const Output output = run({"ptx", path, "--coverage"});
  EXPECT_EQ(output.exit, Exit::falsified) << output.err;
  EXPECT_NE(output.out.find("too many entries"), std::string::npos);
}

}  // namespace
}  // namespace attest
