// A tensor on the host: logical shape, element strides, one allocation with its gaps and skew.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace attest {

/// Where element (batch, head, row, column) lies. Every stride is in elements and >= 0.
struct TensorLayout {
  Dtype dtype = Dtype::f32;
  std::array<std::int64_t, 4> shape{};    // [batch, heads, seq, dim], whatever the memory order
  std::array<std::int64_t, 4> strides{};  // same order, elements
  std::int64_t skew_bytes = 0;            // the base address is this far off its natural alignment

  [[nodiscard]] std::int64_t offset(std::int64_t b,
                                    std::int64_t h,
                                    std::int64_t s,
                                    std::int64_t d) const {
    return b * strides[0] + h * strides[1] + s * strides[2] + d * strides[3];
  }
  [[nodiscard]] std::int64_t elements() const { return shape[0] * shape[1] * shape[2] * shape[3]; }
  /// Elements from the first to one past the last that is addressed; 0 when the tensor is empty.
  [[nodiscard]] std::int64_t span_elements() const;
};

struct HostTensor {
  TensorLayout layout;
  std::vector<std::byte> bytes;  // span_elements() * size_bytes(dtype); skew is not stored

  [[nodiscard]] std::uint32_t bits(std::int64_t b,
                                   std::int64_t h,
                                   std::int64_t s,
                                   std::int64_t d) const {
    return load_bits(layout.dtype, bytes.data(), layout.offset(b, h, s, d));
  }
  [[nodiscard]] double value(std::int64_t b, std::int64_t h, std::int64_t s, std::int64_t d) const {
    return decode(layout.dtype, bits(b, h, s, d));
  }
  void set_bits(
      std::int64_t b, std::int64_t h, std::int64_t s, std::int64_t d, std::uint32_t value) {
    store_bits(layout.dtype, bytes.data(), layout.offset(b, h, s, d), value);
  }
};

/// Every byte 0xff, which is a NaN in every dtype here.
[[nodiscard]] HostTensor poisoned_tensor(const TensorLayout& layout);

}  // namespace attest
