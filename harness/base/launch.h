// What is launched: a kernel image, an entry, its geometry and its parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct Dim3 {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;
  friend bool operator==(const Dim3&, const Dim3&) = default;
};

/// One compiled module: the PTX text that goes to every executor. Both views live as long as the
/// program (embedded text) or as long as the caller keeps them.
struct KernelImage {
  std::string_view name;  // "attention_f32"
  std::string_view ptx;
};

/// A parameter word that holds a device address: buffer `buffer` plus `byte_offset`, written as a
/// 64-bit little-endian word at `parameter_offset` of the parameter block.
struct Relocation {
  std::int64_t parameter_offset = 0;
  int buffer = 0;
  std::int64_t byte_offset = 0;
};

struct Launch {
  KernelImage image;
  std::string entry;
  Dim3 grid;
  Dim3 block;
  std::int64_t dynamic_shared_bytes = 0;
  bool is_cooperative = false;        // all blocks resident at once, so that grid.sync() may wait
  std::vector<std::byte> parameters;  // the .param block, laid out and aligned as PTX does
  std::vector<Relocation> relocations;
};

}  // namespace attest
