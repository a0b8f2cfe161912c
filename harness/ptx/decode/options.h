// DecodeOptions: what a GPU's name decides and what hardware leaves open, fixed when a program is
// decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace attest::ptx {

/// exact: the named GPU's tensor cores, bit for bit. fast: chains of f32 fma in ascending k.
enum class MmaMode : std::uint8_t { exact, fast };

/// Results of the .approx functions: correctly rounded, or moved within the documented error, to
/// its lower or its upper end or by a hash of the operands.
enum class ApproxMode : std::uint8_t { nearest, low, high, random };

struct DecodeOptions {
  std::string arch;  // "sm_90"; empty: the module's own target
  MmaMode mma = MmaMode::exact;
  ApproxMode approx = ApproxMode::nearest;
  bool contracts = false;  // a mul whose only reader is an add becomes a fused fma
  friend auto operator<=>(const DecodeOptions&, const DecodeOptions&) = default;
};

}  // namespace attest::ptx
