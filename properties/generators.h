// Generators: draw one Problem for a kernel and a property, boundary shapes first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "kernels/kernel_spec.h"
#include "properties/axes.h"
#include "properties/property.h"

#include <cstdint>
#include <vector>

namespace attest {

struct DrawRequest {
  const KernelSpec* kernel = nullptr;
  const Property* property = nullptr;
  Dtype dtype = Dtype::f16;
  std::int64_t work = 0;              // as Profile::work
  const AxisValue* wanted = nullptr;  // must hold, unless the property's focus takes it away
  const AxisValue* also = nullptr;    // likewise, forced after it
};

/// A valid problem, a function of the request and the seed alone. The kernel may still refuse it: a
/// few draws keep strides that it does not claim, so that a refusal is exercised too.
[[nodiscard]] Problem draw_problem(const DrawRequest& request, std::uint64_t seed);

/// What a case costs the executor: score pairs of whole tiles * head_dim/64 * runs.
[[nodiscard]] std::int64_t work(const KernelSpec& kernel,
                                const Property& property,
                                const Problem& p);

}  // namespace attest
