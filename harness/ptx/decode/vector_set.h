// VectorSet: dot products measured on the tensor cores of one GPU, for one type of factors and sums.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

struct MeasuredGpu {
  std::string_view name;
  int sm = 0;
};
/// A type as the published folders call it, and as PTX does.
struct MeasuredType {
  std::string_view folder;
  std::string_view word;
};
/// d[i] is the dot product of a[i] and b[i], plus c[i].
struct VectorSet {
  std::string label;
  int sm = 0;
  std::string_view input;  // words of PTX
  std::string_view output;
  bool is_wgmma = false;
  std::vector<std::vector<std::uint32_t>> a;
  std::vector<std::vector<std::uint32_t>> b;
  std::vector<std::uint32_t> c;
  std::vector<std::uint32_t> d;
};

/// Nothing when the folder has no such results. Throws std::runtime_error for files that cannot be
/// read or do not belong together.
std::optional<VectorSet> read_vectors(const std::filesystem::path& root,
                                      const MeasuredGpu& gpu,
                                      const MeasuredType& in,
                                      const MeasuredType& out);

}  // namespace attest::ptx
