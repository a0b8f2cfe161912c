// Limits and pointers of the launches of kernels that are not attention.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_launch.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {

std::optional<std::string> refuse_dtype(const OperationSpec& spec, Dtype dtype) {
  if (std::find(spec.dtypes.begin(), spec.dtypes.end(), dtype) != spec.dtypes.end()) {
    return std::nullopt;
  }
  return fmt::format("dtype={}", name(dtype));
}

std::optional<std::string> refuse_sizes(std::initializer_list<NamedSize> sizes) {
  for (const NamedSize& size : sizes) {
    if (size.value < 1 || size.value > size.limit) {
      return fmt::format("{}={} (1 to {})", size.key, size.value, size.limit);
    }
  }
  return std::nullopt;
}

std::optional<std::string> refuse_product(std::string_view key,
                                          std::span<const std::int64_t> sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) {
    if (size > kMaxElements / product) return fmt::format("{} above {}", key, kMaxElements);
    product *= size;
  }
  return std::nullopt;
}

std::optional<std::string> refuse_split(std::int64_t n, std::int64_t split) {
  if (const auto reason = refuse_sizes({{"split", split, kMaxSplit}})) return reason;
  if (n % split != 0) return fmt::format("n={} not a multiple of split={}", n, split);
  return std::nullopt;
}

void relocate(Launch& launch, std::size_t offset, OperationBuffer buffer) {
  launch.relocations.push_back({static_cast<std::int64_t>(offset), static_cast<int>(buffer), 0});
}

}  // namespace attest
