// The kernel's parameters of `attest ptx --run`: specs, checked against what the entry declares.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/cli/npy.h"
#include "harness/cli/parameter_spec.h"
#include "harness/ptx/machine/program.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace attest {

struct RunBuffer {
  std::string name;
  const Element* element = nullptr;
  std::vector<std::int64_t> shape;
  bool is_writable = false;
  bool has_contents = false;
  std::int64_t size_bytes = 0;
  std::vector<std::byte> filled;  // contents that were drawn
  NpyArray npy;                   // or read

  [[nodiscard]] std::span<const std::byte> contents() const {
    return npy.file.empty() ? std::span<const std::byte>(filled) : npy.data();
  }
};

struct ParameterBlock {
  std::vector<RunBuffer> buffers;  // of --param in order, then of --buffer
  std::vector<std::byte> bytes;
  std::vector<Relocation> relocations;
};

struct BlockRequest {
  std::span<const ptx::Parameter> declared;
  std::int64_t parameter_bytes = 0;
  std::span<const ParameterSpec> parameters;  // of --param
  std::span<const ParameterSpec> buffers;     // of --buffer
  std::uint64_t seed = 0;
  std::int64_t max_bytes = 0;  // of all buffers; nothing is allocated or read beyond it
};

/// Errors  Code::bad_input, Code::limit, Code::io; where is "--param NAME".
Result<ParameterBlock> make_parameter_block(const BlockRequest& request);

}  // namespace attest
