// Numpy's .npy files, versions 1.0 and 2.0: plain numbers, little endian, C order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct NpyArray {
  std::string type;                 // "f4", "u2": kind and bytes of an element
  std::vector<std::int64_t> shape;  // empty: one element
  std::string file;                 // all of it
  std::size_t data_offset = 0;      // of the first element

  [[nodiscard]] std::span<const std::byte> data() const {
    return std::as_bytes(std::span(file)).subspan(data_offset);
  }
};

/// Errors  Code::bad_input, Code::unsupported for Fortran order, big endian, objects and the like,
///         Code::limit past `max_bytes` of elements. `name` is where. Nothing is allocated by what
///         the header says.
Result<NpyArray> parse_npy(std::string file, const std::string& name, std::int64_t max_bytes);
Result<NpyArray> read_npy(const std::string& path, std::int64_t max_bytes);

/// The file of `data`, version 1.0. `type` as in NpyArray.
[[nodiscard]] std::string npy_file(std::string_view type,
                                   const std::vector<std::int64_t>& shape,
                                   std::span<const std::byte> data);

}  // namespace attest
