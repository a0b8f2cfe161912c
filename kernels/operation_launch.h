// What the launches of the kernels that are not attention share: limits, parameter bytes, pointers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "kernels/operation_spec.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace attest {

// CUDA C++ Programming Guide, compute capabilities.
inline constexpr std::int64_t kMaxGridX = 2147483647;
inline constexpr std::int64_t kMaxGridYZ = 65535;
/// An index plus the rows or columns of a tile must fit into int.
inline constexpr std::int64_t kMaxExtent = std::int64_t{1} << 30;

/// A size by its key in the operation's line.
struct NamedSize {
  std::string_view key;
  std::int64_t value = 0;
  std::int64_t limit = kMaxExtent;
};

/// "dtype=f32", or "m=0 (1 to 1073741824)" for the first size outside of [1, limit].
[[nodiscard]] std::optional<std::string> refuse_dtype(const OperationSpec& spec, Dtype dtype);
[[nodiscard]] std::optional<std::string> refuse_sizes(std::initializer_list<NamedSize> sizes);
/// "b*h*m*n above 268435456": sizes of at least 1 whose product is the elements of a tensor.
[[nodiscard]] std::optional<std::string> refuse_product(std::string_view key,
                                                        std::span<const std::int64_t> sizes);
/// Outputs of n / split columns, 1 to kMaxSplit of them.
[[nodiscard]] std::optional<std::string> refuse_split(std::int64_t n, std::int64_t split);

[[nodiscard]] constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// The launch of `entry`; its parameter block is one struct by value, whose pointers are 0 and left
/// to relocations.
template <class Params>
[[nodiscard]] Launch operation_launch(const KernelImage& image,
                                      std::string entry,
                                      const Params& params) {
  Launch launch;
  launch.image = image;
  launch.entry = std::move(entry);
  launch.parameters.resize(sizeof params);
  std::memcpy(launch.parameters.data(), &params, sizeof params);
  return launch;
}

/// The pointer at byte `offset` of the parameter block is `buffer`.
void relocate(Launch& launch, std::size_t offset, OperationBuffer buffer);

}  // namespace attest
