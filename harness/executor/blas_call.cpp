// Row-major operands as a column-major library sees them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/blas_call.h"

#include "harness/problem/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace attest {
namespace {

/// The matrices [batch, heads] of one operand, row-major.
struct Operand {
  OperationBuffer buffer = OperationBuffer::a;
  TensorLayout layout;

  [[nodiscard]] std::int64_t row_stride() const { return layout.strides[2]; }
  /// The stride between all matrices, heads first; -1 when there is none.
  [[nodiscard]] std::int64_t common_stride() const {
    const auto [batch, heads, rows, columns] = layout.shape;
    if (batch == 1) return layout.strides[1];
    if (heads == 1) return layout.strides[0];
    return layout.strides[0] == heads * layout.strides[1] ? layout.strides[1] : -1;
  }
};

Operand operand(const Gemm& gemm, OperationBuffer buffer) {
  return {buffer, buffer_layout(Operation(gemm), buffer)};
}

/// A row of a row-major matrix is a column of the column-major one that lies there.
BlasMatrix seen_by_columns(const Operand& operand,
                           bool is_transposed,
                           std::int64_t offset,
                           std::int64_t stride) {
  const std::int64_t columns = operand.layout.shape[3];  // their length
  // A library refuses a leading dimension below the length, also where there is one column.
  return {static_cast<int>(operand.buffer),
          offset,
          std::max({operand.row_stride(), columns, std::int64_t{1}}),
          stride,
          is_transposed};
}

Status check(const Gemm& gemm) {
  if (gemm.has_mask) return Error{Code::unsupported, "BLAS has no mask", to_string(gemm)};
  if (gemm.split != 1) {
    return Error{Code::unsupported, "BLAS writes one tensor, not a split one", to_string(gemm)};
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  for (const std::int64_t size : {gemm.m,
                                  gemm.n,
                                  gemm.k,
                                  gemm.batch * gemm.heads,
                                  operand(gemm, OperationBuffer::a).row_stride(),
                                  operand(gemm, OperationBuffer::b).row_stride(),
                                  operand(gemm, OperationBuffer::c).row_stride()}) {
    if (size > kMost) {
      return Error{Code::unsupported,
                   fmt::format("{} is more than BLAS takes, {}", size, kMost),
                   to_string(gemm)};
    }
  }
  return Done{};
}

}  // namespace

Result<std::vector<BlasCall>> gemm_arguments(const Gemm& gemm) {
  ATTEST_TRY([[maybe_unused]] const Done taken, check(gemm));
  const Operand a = operand(gemm, OperationBuffer::a);
  const Operand b = operand(gemm, OperationBuffer::b);
  const Operand c = operand(gemm, OperationBuffer::c);
  const bool is_one_call =
      a.common_stride() >= 0 && b.common_stride() >= 0 && c.common_stride() >= 0;
  std::vector<BlasCall> calls;
  for (std::int64_t batch = 0; batch < (is_one_call ? 1 : gemm.batch); ++batch) {
    const auto matrix = [&](const Operand& from, bool is_transposed) {
      return seen_by_columns(from,
                             is_transposed,
                             batch * from.layout.strides[0],
                             is_one_call ? from.common_stride() : from.layout.strides[1]);
    };
    BlasCall call;
    call.m = gemm.n;
    call.n = gemm.m;
    call.k = gemm.k;
    call.alpha = gemm.alpha;
    call.left = matrix(b, gemm.transpose_b);
    call.right = matrix(a, gemm.transpose_a);
    call.result = matrix(c, false);
    call.count = is_one_call ? gemm.batch * gemm.heads : gemm.heads;
    if (gemm.has_bias) call.bias = BlasBias{static_cast<int>(OperationBuffer::bias), 0};
    call.dtype = gemm.dtype;
    calls.push_back(call);
  }
  return calls;
}

}  // namespace attest
