// Generators of operations: draw one for a kernel, sizes round its tiles first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation.h"
#include "kernels/operation_spec.h"

#include <cstdint>
#include <vector>

namespace attest {

/// What an operation can be; a kernel usually takes one or some of them.
enum class OperationForm : std::uint8_t {
  gemm,
  mask_softmax,
  bias_split,
  scale,
  equals_zero,
  masked_fill,
};

/// The forms of which the kernel takes any draw of this dtype.
[[nodiscard]] std::vector<OperationForm> claimed_forms(const OperationSpec& kernel, Dtype dtype);

struct OperationRequest {
  const OperationSpec* kernel = nullptr;
  OperationForm form = OperationForm::gemm;
  Dtype dtype = Dtype::f16;
  std::int64_t work = 0;  // as Profile::work, divided by the property's runs
};

/// A valid operation, a function of the request and the seed alone. The kernel may still refuse it:
/// a few draws keep what it does not claim, so that a refusal is exercised too.
[[nodiscard]] Operation draw_operation(const OperationRequest& request, std::uint64_t seed);

/// What a case costs the executor, in the unit of attention's: a gemm's products of whole tiles /
/// 128, an element of the others 1/4.
[[nodiscard]] std::int64_t work(const OperationSpec& kernel, const Operation& operation);

}  // namespace attest
