// Extent of a strided tensor, and tensors that start as NaN.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/tensor.h"

#include "harness/base/check.h"

namespace attest {

std::int64_t TensorLayout::span_elements() const {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return 0;
    last += (shape[i] - 1) * strides[i];
  }
  return last + 1;
}

HostTensor poisoned_tensor(const TensorLayout& layout) {
  const std::int64_t bytes = layout.span_elements() * size_bytes(layout.dtype);
  ATTEST_CHECK(bytes >= 0);
  return HostTensor{layout,
                    std::vector<std::byte>(static_cast<std::size_t>(bytes), std::byte{0xff})};
}

}  // namespace attest
