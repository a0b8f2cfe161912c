// Command ptx.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

constexpr const char* kText = R"(.version 8.0
.target sm_80
.address_size 64
.visible .entry copy(
  .param .u64 .ptr .global .align 4 destination,
  .param .u32 count
)
{
  .reg .b32 %r<3>;
  ld.param.u32 %r1, [count];
  made.up.u32 %r2, %r1;
  ret;
}
)";

TEST(Ptx, lists_entries_parameters_and_what_is_unsupported) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "copy.ptx", kText));
  const Output output = run({"ptx", folder / "copy.ptx"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  for (const char* wanted :
       {"PTX 8.0, target sm_80", "entry copy", "destination", "count", "11  made.up.u32"}) {
    EXPECT_NE(output.out.find(wanted), std::string::npos) << wanted << "\n" << output.out;
  }
}

TEST(Ptx, a_file_cut_anywhere_is_one_line_and_exit_2_or_a_module) {
  const TemporaryFolder folder;
  const std::string text = kText;
  for (std::size_t length = 0; length < text.size() - 2; length += 7) {
    ASSERT_TRUE(write_file(folder / "cut.ptx", text.substr(0, length)));
    const Output output = run({"ptx", folder / "cut.ptx"});
    const bool is_within_entry = length > text.find(".visible") + 8;
    if (is_within_entry) {
      EXPECT_EQ(output.exit, Exit::bad_input) << length;
      EXPECT_EQ(count_lines(output.err), 1) << length << output.err;
      EXPECT_NE(output.err.find("cut.ptx:"), std::string::npos) << output.err;
      EXPECT_EQ(output.out, "") << length;
    }
    EXPECT_NE(output.exit, Exit::internal) << length << output.err;
  }
}

TEST(Ptx, what_cannot_be_read_is_one_line_and_exit_2) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"ptx"}, {"ptx", "/nowhere.ptx"}, {"ptx", "/tmp"}}) {
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input) << arguments.back();
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
  }
}

}  // namespace
}  // namespace attest
