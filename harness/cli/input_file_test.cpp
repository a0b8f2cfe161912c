// Limits of input files.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/input_file.h"

#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(InputFile, is_read_whole_up_to_the_limit) {
  const TemporaryFolder folder;
  const std::string text = std::string("a\0b", 3) + std::string(3'000'000, 'x');
  ASSERT_TRUE(write_file(folder / "file", text));
  const auto size = static_cast<std::int64_t>(text.size());
  const auto whole = read_input(folder / "file", "a file", size);
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_TRUE(*whole == text);
  const auto cut = read_input(folder / "file", "a file", size - 1);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::limit);
  EXPECT_EQ(cut.error().to_string(), folder / "file" + ": is longer than 3000002 bytes");
}

TEST(InputFile, a_device_without_an_end_stops_at_the_limit) {
  const auto zeros = read_input("/dev/zero", "a file", 5'000'000);
  ASSERT_FALSE(zeros);
  EXPECT_EQ(zeros.error().to_string(), "/dev/zero: is longer than 5000000 bytes");
}

TEST(InputFile, what_cannot_be_read_says_why) {
  const TemporaryFolder folder;
  const auto missing = read_input(folder / "none", "a file", 10);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().to_string(),
            folder / "none" + ": cannot be read: No such file or directory");
  const auto directory = read_input(folder.path(), "a PTX file", 10);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().to_string(), folder.path() + ": is a folder, not a PTX file");
}

}  // namespace
}  // namespace attest
