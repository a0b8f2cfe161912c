// Command list.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/selection.h"
#include "harness/cli/testing.h"
#include "reference/oracle/oracle.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(List, names_every_kernel_property_and_format) {
  const Output output = run({"list"});
  EXPECT_EQ(output.exit, Exit::held);
  for (const KernelSpec* kernel : every_kernel()) {
    EXPECT_NE(output.out.find("  " + kernel->name + " "), std::string::npos) << kernel->name;
  }
  for (const OperationSpec* kernel : every_operation_kernel()) {
    EXPECT_NE(output.out.find("  " + kernel->name + " "), std::string::npos) << kernel->name;
  }
  for (const Property& property : all_properties()) {
    EXPECT_NE(output.out.find("  " + property.name + " "), std::string::npos) << property.name;
  }
  for (const Oracle& oracle : all_oracles()) {
    const std::size_t at = output.out.find("  " + oracle.name + " ");
    ASSERT_NE(at, std::string::npos) << output.out;
    const std::string line = output.out.substr(at, output.out.find('\n', at) - at);
    EXPECT_NE(line.find("  " + oracle.sentence.substr(0, 20)), std::string::npos) << line;
  }
  EXPECT_NE(output.out.find("  race "), std::string::npos);
  EXPECT_NE(output.out.find("junit"), std::string::npos);
}

TEST(List, shows_one_section_alone) {
  const Output output = run({"list", "formats"});
  EXPECT_EQ(output.exit, Exit::held);
  EXPECT_EQ(output.out.find("formats\n"), 0U);
  EXPECT_EQ(output.out.find("cudnn"), std::string::npos);
  EXPECT_EQ(run({"list", "colours"}).exit, Exit::bad_input);
}

}  // namespace
}  // namespace attest
