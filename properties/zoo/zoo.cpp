// Specs of the faulty kernels, from those of the kernels that they were made of; and pipelines.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/zoo.h"

#include "harness/base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace attest {
namespace {

/// Null where the register has no such name.
template <class Entry>
const Entry* find(const std::vector<Entry>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&name](const Entry& e) { return e.name == name; });
  return at == entries.end() ? nullptr : &*at;
}

bool has_entry(const Launch& launch) {
  return launch.image.ptx.find(fmt::format(".entry {}(", launch.entry)) != std::string_view::npos;
}

/// Whether the image has the entries that the base would launch for this head size.
bool is_compiled(const KernelSpec& base, const KernelImage& image, std::int64_t head_dim) {
  Problem problem;
  problem.seq_q = problem.seq_kv = 1;
  problem.head_dim = problem.head_dim_v = head_dim;
  for (const Dtype dtype : base.dtypes) {
    problem.dtype = dtype;
    for (const Launch& launch : base.plan(image, problem)) {
      if (!has_entry(launch)) return false;
    }
  }
  return true;
}

KernelSpec faulty(const KernelSpec& base, const ZooFault& fault) {
  KernelSpec spec = base;
  spec.name = std::string(fault.image.name);
  spec.image = fault.image;
  spec.ptxas = {};
  spec.head_dims.clear();
  std::copy_if(base.head_dims.begin(),
               base.head_dims.end(),
               std::back_inserter(spec.head_dims),
               [&](std::int64_t head_dim) { return is_compiled(base, fault.image, head_dim); });
  spec.refusal = [base_refusal = base.refusal, head_dims = spec.head_dims](
                     const Problem& problem) -> std::optional<std::string> {
    if (auto reason = base_refusal(problem)) return reason;
    const auto at = std::find(head_dims.begin(), head_dims.end(), problem.head_dim);
    if (at != head_dims.end()) return std::nullopt;
    return fmt::format("d={} (only {})", problem.head_dim, fmt::join(head_dims, ", "));
  };
  return spec;
}

OperationSpec faulty(const OperationSpec& base, const ZooFault& fault) {
  OperationSpec spec = base;
  spec.name = std::string(fault.image.name);
  spec.image = fault.image;
  spec.ptxas = {};
  spec.refusal = [base,
                  image = fault.image](const Operation& operation) -> std::optional<std::string> {
    if (auto reason = base.refusal(operation)) return reason;
    const Launch launch = base.plan(image, operation);
    if (has_entry(launch)) return std::nullopt;
    return launch.entry + " (not compiled)";
  };
  return spec;
}

/// Every launch of the kernel takes the patched image.
Pipeline faulty(const Pipeline& base, const ZooFault& fault) {
  Pipeline pipeline = base;
  pipeline.name = std::string(fault.image.name);
  pipeline.plan = [base_plan = base.plan, kernel = fault.kernel, image = fault.image](
                      const LayerProblem& layer) -> Result<PipelinePlan> {
    ATTEST_TRY(PipelinePlan plan, base_plan(layer));
    for (Stage& stage : plan.stages) {
      if (stage.launch.image.name != kernel) continue;
      stage.launch.image = image;
      stage.ptxas = {};
      if (has_entry(stage.launch)) continue;
      return Error{Code::unsupported, stage.launch.entry + " is not compiled", ""};
    }
    return plan;
  };
  return pipeline;
}

/// Of the faults in kernels that the register has.
template <class Spec>
std::vector<Spec> faulty_ones(const std::vector<Spec>& correct) {
  std::vector<Spec> specs;
  for (const ZooFault& fault : all_zoo_faults()) {
    if (const Spec* const base = find(correct, fault.kernel)) specs.push_back(faulty(*base, fault));
  }
  return specs;
}

}  // namespace

std::vector<KernelSpec> zoo_kernels() {
  return faulty_ones(all_kernels());
}

std::vector<OperationSpec> zoo_operations() {
  return faulty_ones(all_operation_specs());
}

std::vector<Pipeline> zoo_pipelines() {
  std::vector<Pipeline> pipelines;
  for (const ZooFault& fault : all_zoo_faults()) {
    if (find(all_kernels(), fault.kernel) != nullptr) continue;
    if (find(all_operation_specs(), fault.kernel) != nullptr) continue;
    const Pipeline* const base = find(all_pipelines(), fault.property);
    ATTEST_CHECK(base != nullptr);
    pipelines.push_back(faulty(*base, fault));
  }
  return pipelines;
}

std::vector<std::string> zoo_kernel_of_each_class() {
  std::vector<std::string> names;
  std::set<FaultClass> seen;
  for (const ZooFault& fault : all_zoo_faults()) {
    if (find(all_kernels(), fault.kernel) == nullptr || !fault.equivalent.empty()) continue;
    if (seen.insert(fault.fault_class).second) names.push_back("zoo/" + fault.name);
  }
  return names;
}

}  // namespace attest
