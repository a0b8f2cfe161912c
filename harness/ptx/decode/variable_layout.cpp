// Sizes and alignments of variables.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/variable_layout.h"

#include <algorithm>
#include <charconv>

namespace attest::ptx {

int type_bits(std::string_view type) {
  if (type == "pred") return 1;
  if (type.ends_with("x2")) return 2 * type_bits(type.substr(0, type.size() - 2));
  if (type.ends_with("ref")) return 64;  // of a texture, surface or sampler
  if (type.starts_with("bf")) type.remove_prefix(1);
  if (type.empty()) return 0;
  int bits = 0;
  std::from_chars(type.data() + 1, type.data() + type.size(), bits);
  return bits;
}

std::int64_t element_bytes(const VariableDeclaration& v) {
  return std::max(1, type_bits(v.type) / 8);
}

std::int64_t size_of(const VariableDeclaration& v, bool* is_open) {
  std::int64_t size = element_bytes(v) * v.vector_width;
  *is_open = false;
  for (const auto& dimension : v.dimensions) {
    if (!dimension) {
      *is_open = true;
      return 0;
    }
    if (*dimension < 0 || (*dimension > 0 && size > (std::int64_t{1} << 40) / *dimension))
      return -1;
    size *= *dimension;
  }
  return size;
}

std::int64_t alignment_of(const VariableDeclaration& v) {
  return v.alignment > 0 ? v.alignment : element_bytes(v) * v.vector_width;
}

std::int64_t align_up(std::int64_t value, std::int64_t to) {
  return (value + to - 1) / to * to;
}

}  // namespace attest::ptx
