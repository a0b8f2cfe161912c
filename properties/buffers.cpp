// Buffer specs, gaps between rows, and the target of a PTX text.
// SPDX-License-Identifier: Apache-2.0
#include "properties/buffers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace attest {

std::string target_of(std::string_view ptx) {
  constexpr std::string_view kDirective = ".target";
  const std::size_t at = ptx.find(kDirective);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = ptx.find_first_not_of(" \t", at + kDirective.size());
  if (begin == std::string_view::npos) return {};
  const std::size_t end = ptx.find_first_of(" \t\r\n,", begin);
  return std::string(
      ptx.substr(begin, end == std::string_view::npos ? std::string_view::npos : end - begin));
}

BufferSpec input_buffer(std::string name, std::span<const std::byte> contents, std::int64_t skew) {
  BufferSpec spec;
  spec.name = std::move(name);
  spec.size_bytes = static_cast<std::int64_t>(contents.size());
  spec.skew_bytes = skew;
  spec.contents = contents;
  return spec;
}

BufferSpec output_buffer(std::string name, std::int64_t size, std::int64_t skew) {
  BufferSpec spec;
  spec.name = std::move(name);
  spec.role = BufferRole::output;
  spec.size_bytes = size;
  spec.skew_bytes = skew;
  return spec;
}

std::optional<Finding> changed_gap(const std::string& tensor,
                                   const HostTensor& held,
                                   std::uint8_t dirt,
                                   std::string_view kernel) {
  const std::int64_t width = size_bytes(held.layout.dtype);
  std::vector<bool> is_element(held.bytes.size() / static_cast<std::size_t>(width));
  const auto& [batch, heads, seq, columns] = held.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t s = 0; s < seq; ++s) {
        const std::int64_t at = held.layout.offset(b, h, s, 0);
        std::fill_n(is_element.begin() + at, columns, true);
      }
    }
  }
  for (std::size_t i = 0; i < held.bytes.size(); ++i) {
    if (is_element[i / static_cast<std::size_t>(width)] || held.bytes[i] == std::byte{dirt})
      continue;
    Finding finding;
    finding.kind = FindingKind::guard_band;
    finding.kernel = kernel;
    finding.party.access = Access::write;
    finding.space = Space::global;
    finding.size_bytes = 1;
    finding.allocation = tensor;
    finding.message = "changed byte " + std::to_string(i) + ", which lies in a gap between rows";
    return finding;
  }
  return std::nullopt;
}

}  // namespace attest
