// Specs of the faulty kernels, from those of the kernels that they were made of.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/zoo.h"

#include "harness/base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace attest {
namespace {

const KernelSpec& base_of(const ZooFault& fault) {
  const auto& kernels = all_kernels();
  const auto at = std::find_if(kernels.begin(), kernels.end(), [&fault](const KernelSpec& k) {
    return k.name == fault.kernel;
  });
  ATTEST_CHECK(at != kernels.end());
  return *at;
}

/// Whether the image has the entries that the base would launch for this head size.
bool is_compiled(const KernelSpec& base, const KernelImage& image, std::int64_t head_dim) {
  Problem problem;
  problem.seq_q = problem.seq_kv = 1;
  problem.head_dim = problem.head_dim_v = head_dim;
  for (const Dtype dtype : base.dtypes) {
    problem.dtype = dtype;
    for (const Launch& launch : base.plan(image, problem)) {
      const std::string entry = fmt::format(".entry {}(", launch.entry);
      if (image.ptx.find(entry) == std::string_view::npos) return false;
    }
  }
  return true;
}

KernelSpec faulty(const ZooFault& fault) {
  const KernelSpec& base = base_of(fault);
  KernelSpec spec = base;
  spec.name = std::string(fault.image.name);
  spec.image = fault.image;
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

}  // namespace

std::vector<KernelSpec> zoo_kernels() {
  std::vector<KernelSpec> specs;
  for (const ZooFault& fault : all_zoo_faults())
    specs.push_back(faulty(fault));
  return specs;
}

}  // namespace attest
