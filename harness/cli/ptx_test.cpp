// Command ptx.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/json_text.h"

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

TEST(Ptx, coverage_is_supported_of_total_and_the_first_line_of_what_is_missing) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "copy.ptx", kText));
  const Output output = run({"ptx", folder / "copy.ptx", "--coverage"});
  EXPECT_EQ(output.exit, Exit::falsified) << output.err;
  EXPECT_EQ(output.out, folder / "copy.ptx" + R"(  PTX 8.0, target sm_80

supported / total
  entry  opcodes  instructions
  copy     2 / 3         2 / 3
  total    2 / 3         2 / 3

  missing      instructions  first line  why
  made.up.u32             1          11  instruction 'made.up.u32' is not implemented
)");
}

TEST(Ptx, coverage_of_what_is_supported_holds) {
  const TemporaryFolder folder;
  std::string text = kText;
  text.replace(text.find("made.up.u32 %r2, %r1"), 20, "mov.u32 %r2, %r1");
  ASSERT_TRUE(write_file(folder / "copy.ptx", text));
  const Output output = run({"ptx", folder / "copy.ptx", "--coverage"});
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  EXPECT_NE(output.out.find("total    3 / 3         3 / 3\n"), std::string::npos) << output.out;
  EXPECT_EQ(output.out.find("missing"), std::string::npos) << output.out;
}

TEST(Ptx, coverage_as_json) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "copy.ptx", kText));
  const Output output = run({"ptx", folder / "copy.ptx", "--coverage", "--json", "-"});
  EXPECT_EQ(output.exit, Exit::falsified) << output.err;
  const auto json = parse_json(output.out, "json");
  ASSERT_TRUE(json) << output.out;
  EXPECT_EQ((*json)["schema"], 1);
  EXPECT_EQ((*json)["targets"], Json({"sm_80"}));
  Json entry = (*json)["entries"][0];
  EXPECT_EQ(entry["name"], "copy");
  EXPECT_EQ(to_line(entry["opcodes"]), R"({"supported":2,"total":3})");
  EXPECT_EQ(to_line(entry["instructions"]), R"({"supported":2,"total":3})");
  EXPECT_EQ(to_line(entry["missing"]),
            R"([{"opcode":"made.up.u32","instructions":1,"line":11,)"
            R"("reason":"instruction 'made.up.u32' is not implemented"}])");
  entry["name"] = "";
  EXPECT_EQ((*json)["total"], entry);

  const std::string path = folder / "coverage.json";
  const Output both = run({"ptx", folder / "copy.ptx", "--coverage", "--json", path});
  EXPECT_NE(both.out.find("supported / total"), std::string::npos);
  EXPECT_EQ(read_file(path), output.out);
}

TEST(Ptx, what_cannot_be_read_is_one_line_and_exit_2) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"ptx"},
                                                    {"ptx", "/nowhere.ptx"},
                                                    {"ptx", "/tmp"},
                                                    {"ptx", "/dev/zero"},
                                                    {"ptx", "/nowhere.ptx", "--json", "x"}}) {
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input) << arguments.back();
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
  }
}

}  // namespace
}  // namespace attest
