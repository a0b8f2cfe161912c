// Every fault is a kernel of its own that differs from its base and says what must find it.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/zoo.h"

#include "harness/problem/any_problem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&name](const Entry& e) { return e.name == name; });
  return at == entries.end() ? nullptr : &*at;
}

/// The PTX without what a patch moves or renames: instructions of this entry.
std::string instructions(std::string_view ptx, const std::string& entry) {
  const std::size_t start = ptx.find(".entry " + entry + "(");
  if (start == std::string_view::npos) return "";
  const std::size_t end = std::min(ptx.find(".visible .entry", start), ptx.find("\t.file", start));
  std::string text;
  std::string line;
  for (const char c : ptx.substr(start, end - start)) {
    line += c;
    if (c != '\n') continue;
    if (line.find(".loc") == std::string::npos) text += line;
    line.clear();
  }
  return text;
}

void expect_change(const Launch& launch, std::string_view base) {
  const std::string faulty = instructions(launch.image.ptx, launch.entry);
  EXPECT_FALSE(faulty.empty()) << launch.image.name;
  EXPECT_TRUE(faulty != instructions(base, launch.entry)) << launch.image.name;  // long texts
}

/// In every dtype of the kernel, for the fault's example.
void expect_changes(const ZooFault& fault, const KernelSpec& base, const KernelSpec& faulty) {
  Problem problem = std::get<Problem>(parse_any(fault.example).value());
  for (const Dtype dtype : faulty.dtypes) {
    problem.dtype = dtype;
    ASSERT_EQ(faulty.refusal(problem), std::nullopt) << fault.name;
    expect_change(faulty.plan(faulty.image, problem).front(), base.image.ptx);
  }
}

void expect_changes(const ZooFault& fault, const OperationSpec& base, const OperationSpec& faulty) {
  for (const Dtype dtype : faulty.dtypes) {
    AnyProblem problem = parse_any(fault.example).value();
    std::visit([dtype](auto& p) { p.dtype = dtype; }, problem);
    const Operation operation = as_operation(problem).value();
    ASSERT_EQ(faulty.refusal(operation), std::nullopt) << fault.name;
    expect_change(faulty.plan(faulty.image, operation), base.image.ptx);
  }
}

/// In every launch that has the patched image; there is one.
void expect_changes(const ZooFault& fault, const Pipeline& base, const Pipeline& faulty) {
  const LayerProblem layer = parse_layer(fault.example).value();
  const PipelinePlan right = base.plan(layer).value();
  const PipelinePlan wrong = faulty.plan(layer).value();
  ASSERT_EQ(wrong.stages.size(), right.stages.size());
  int patched = 0;
  for (std::size_t n = 0; n < wrong.stages.size(); ++n) {
    if (wrong.stages[n].launch.image.name != faulty.name) continue;
    ++patched;
    expect_change(wrong.stages[n].launch, right.stages[n].launch.image.ptx);
  }
  EXPECT_EQ(patched, 1) << fault.name;
}

TEST(Zoo, EveryFaultChangesTheInstructionsOfItsBase) {
  ASSERT_FALSE(all_zoo_faults().empty());
  const std::vector<KernelSpec> kernels = zoo_kernels();
  const std::vector<OperationSpec> operations = zoo_operations();
  const std::vector<Pipeline> pipelines = zoo_pipelines();
  EXPECT_EQ(kernels.size() + operations.size() + pipelines.size(), all_zoo_faults().size());
  for (const ZooFault& fault : all_zoo_faults()) {
    const std::string name = "zoo/" + fault.name;
    EXPECT_EQ(fault.image.name, name);
    if (const auto* const kernel = find(kernels, name)) {
      expect_changes(fault, *find(all_kernels(), fault.kernel), *kernel);
    } else if (const auto* const operation = find(operations, name)) {
      expect_changes(fault, *find(all_operation_specs(), fault.kernel), *operation);
    } else {
      const auto* const pipeline = find(pipelines, name);
      ASSERT_NE(pipeline, nullptr) << name;
      expect_changes(fault, *find(all_pipelines(), fault.property), *pipeline);
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

TEST(Zoo, ClaimsOnlyTheProductsThatWereCompiled) {
  for (const OperationSpec& kernel : zoo_operations()) {
    Gemm gemm{.m = 8, .n = 8, .k = 8, .transpose_b = true, .dtype = kernel.dtypes.front()};
    if (find(all_zoo_faults(), kernel.name.substr(4))->kernel.rfind("gemm", 0) != 0) continue;
    EXPECT_EQ(kernel.refusal(gemm), std::nullopt) << kernel.name;
    gemm.transpose_b = false;
    const std::string entry = kernel.plan(kernel.image, gemm).entry;
    EXPECT_EQ(kernel.refusal(gemm), entry + " (not compiled)") << kernel.name;
  }
}

TEST(Zoo, PipelinesSayWhichEntryWasNotCompiled) {
  for (const Pipeline& pipeline : zoo_pipelines()) {
    const auto plan = pipeline.plan(parse_layer("layer(s=9,d=256)").value());
    ASSERT_FALSE(plan.has_value()) << pipeline.name;
    EXPECT_NE(plan.error().message.find("_f16_d512 is not compiled"), std::string::npos)
        << plan.error().message;
  }
}

TEST(Zoo, NamesFilesByRelativePaths) {
  for (const ZooFault& fault : all_zoo_faults()) {
    EXPECT_EQ(fault.image.ptx.find("\"/"), std::string_view::npos) << fault.name;
    EXPECT_EQ(fault.source.rfind("properties/zoo/" + fault.name + "/", 0), 0U) << fault.source;
    EXPECT_NE(fault.image.ptx.find('"' + fault.source + '"'), std::string_view::npos) << fault.name;
  }
}

TEST(Zoo, HasAFaultForEveryKindOfProperty) {
  std::set<std::string> properties;
  std::set<int> facts;
  std::int64_t faults = 0;
  for (const ZooFault& fault : all_zoo_faults()) {
    EXPECT_FALSE(fault.models.empty()) << fault.name;
    EXPECT_TRUE(parse_any(fault.example)) << fault.name;
    EXPECT_EQ(fault.property.empty(), !fault.equivalent.empty()) << fault.name;
    properties.insert(fault.property);
    facts.insert(fault.facts.begin(), fault.facts.end());
    faults += fault.equivalent.empty() ? 1 : 0;
  }
  EXPECT_GE(faults, 40);
  EXPECT_GE(facts.size(), 30U);
  for (const char* property :
       {"agrees_with_reference", "batch_independent", "hidden_keys_are_inert", "repeats_bitwise"}) {
    EXPECT_TRUE(properties.count(property)) << property;
  }
}

}  // namespace
}  // namespace attest
