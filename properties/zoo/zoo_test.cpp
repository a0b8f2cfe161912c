// Every fault is a kernel of its own that differs from its base and says what must find it.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

const KernelSpec& base_of(const std::string& name) {
  const auto& kernels = all_kernels();
  return *std::find_if(
      kernels.begin(), kernels.end(), [&name](const KernelSpec& k) { return k.name == name; });
}

/// The PTX without what a patch moves or renames: instructions from the first entry on.
std::string instructions(std::string_view ptx, const std::string& entry) {
  const std::size_t start = ptx.find(".entry " + entry + "(");
  if (start == std::string_view::npos) return "";
  std::string text;
  std::string line;
  for (const char c : ptx.substr(start, ptx.find("\n}", start) - start)) {
    line += c;
    if (c != '\n') continue;
    if (line.find(".loc") == std::string::npos) text += line;
    line.clear();
  }
  return text;
}

TEST(Zoo, EveryFaultChangesTheInstructionsOfItsBase) {
  ASSERT_FALSE(all_zoo_faults().empty());
  for (const KernelSpec& kernel : zoo_kernels()) {
    const auto& faults = all_zoo_faults();
    const auto fault = std::find_if(faults.begin(), faults.end(), [&kernel](const ZooFault& f) {
      return "zoo/" + f.name == kernel.name;
    });
    ASSERT_NE(fault, faults.end()) << kernel.name;
    const KernelSpec& base = base_of(fault->kernel);
    for (const Dtype dtype : kernel.dtypes) {
      Problem p = parse_problem("attn(sq=65)").value();
      p.dtype = dtype;
      ASSERT_EQ(kernel.refusal(p), std::nullopt) << kernel.name;
      const Launch launch = kernel.plan(kernel.image, p).front();
      EXPECT_EQ(launch.image.name, kernel.name);
      const std::string faulty = instructions(launch.image.ptx, launch.entry);
      EXPECT_FALSE(faulty.empty()) << kernel.name;
      EXPECT_NE(faulty, instructions(base.image.ptx, launch.entry)) << kernel.name;
    }
  }
}

TEST(Zoo, ClaimsOnlyWhatWasCompiled) {
  for (const KernelSpec& kernel : zoo_kernels()) {
    EXPECT_EQ(kernel.head_dims, std::vector<std::int64_t>{64}) << kernel.name;
    Problem p = parse_problem("attn(sq=65,d=32)").value();
    p.dtype = kernel.dtypes.front();
    EXPECT_EQ(kernel.refusal(p), "d=32 (only 64)") << kernel.name;
    p.head_dim = p.head_dim_v = 48;
    EXPECT_EQ(kernel.refusal(p), "d=48 (only 32, 64, 128)") << kernel.name;
  }
}

TEST(Zoo, NamesFilesByRelativePaths) {
  for (const ZooFault& fault : all_zoo_faults()) {
    EXPECT_EQ(fault.image.ptx.find("\"/"), std::string_view::npos) << fault.name;
    const std::string source = "\"properties/zoo/" + fault.name + "/" + fault.kernel + ".cu\"";
    EXPECT_NE(fault.image.ptx.find(source), std::string_view::npos) << fault.name;
  }
}

TEST(Zoo, HasAFaultForEveryKindOfProperty) {
  std::set<std::string> properties;
  for (const ZooFault& fault : all_zoo_faults()) {
    EXPECT_FALSE(fault.models.empty()) << fault.name;
    EXPECT_TRUE(parse_problem(fault.example)) << fault.name;
    properties.insert(fault.property);
  }
  for (const char* property :
       {"agrees_with_reference", "batch_independent", "hidden_keys_are_inert", "repeats_bitwise"}) {
    EXPECT_TRUE(properties.count(property)) << property;
  }
}

}  // namespace
}  // namespace attest
