// From the argument list to the command, and errors to one line.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(Program, help_lists_every_command) {
  const Output help = run({"--help"});
  EXPECT_EQ(help.exit, Exit::held);
  for (const Command& command : all_commands()) {
    const bool is_listed = help.out.find("  " + command.name + " ") != std::string::npos;
    EXPECT_EQ(is_listed, !command.summary.empty()) << command.name;
    const Output own = run({command.name, "--help"});
    EXPECT_EQ(own.exit, Exit::held) << command.name;
    EXPECT_NE(own.out.find("attest " + command.name), std::string::npos) << own.out;
  }
}

TEST(Program, no_command_is_a_usage_error) {
  const Output none = run({});
  EXPECT_EQ(none.exit, Exit::bad_input);
  EXPECT_EQ(none.out, "");
  EXPECT_NE(none.err.find("usage:"), std::string::npos);
}

TEST(Program, an_unknown_command_names_the_close_ones) {
  const Output unknown = run({"chekc"});
  EXPECT_EQ(unknown.exit, Exit::bad_input);
  EXPECT_EQ(unknown.err, "attest: no command 'chekc'; close: check\n");
  EXPECT_EQ(unknown.out, "");
}

TEST(Program, our_own_bug_is_exit_70_and_one_line) {
  const TemporaryFolder folder;
  const Output output = run({"replay",
                             "attn(sq=4,dtype=f32)",
                             "--kernel",
                             "attention_f32",
                             "--property",
                             "agrees_with_reference"},
                            [] { return make_fake_executor(FakeAnswer::internal); });
  EXPECT_EQ(output.exit, Exit::internal);
  EXPECT_EQ(output.err, "attest: internal error, please report it: broken on purpose\n");
}

}  // namespace
}  // namespace attest
