// OperationSpec: what a kernel that is not attention claims, how it is launched, its arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/operation.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct OperationSpec {
  std::string name;        // "gemm_mma"
  KernelImage image;       // PTX text, embedded at build
  std::string_view ptxas;  // what `ptxas -v` said about it then; empty: not known

  std::vector<Dtype> dtypes;
  std::int64_t tile_m = 1;  // rows and columns of one block: where shapes get interesting
  std::int64_t tile_n = 1;
  std::int64_t tile_k = 1;

  /// Why the kernel does not take this operation, or nothing when it does. One short phrase.
  std::function<std::optional<std::string>(const Operation&)> refusal;
  /// The launch. Only called when refusal() is empty. Its relocations name OperationBuffer.
  std::function<Launch(const KernelImage&, const Operation&)> plan;
  std::function<Arithmetic(const Operation&)> arithmetic;
};

/// Every correct kernel of an operation, sorted by name (generated from kernels/CMakeLists.txt).
[[nodiscard]] const std::vector<OperationSpec>& all_operation_specs();

}  // namespace attest
