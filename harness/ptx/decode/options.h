// DecodeOptions: what a GPU's name decides and what hardware leaves open, fixed when a program is
// decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/approx_mode.h"
#include "harness/ptx/machine/simd.h"

#include <compare>
#include <cstdint>
#include <string>

namespace attest::ptx {

/// exact: the named GPU's tensor cores, bit for bit. fast: chains of f32 fma in ascending k.
enum class MmaMode : std::uint8_t { exact, fast };

struct DecodeOptions {
  std::string arch;  // "sm_90"; empty: the module's own target
  MmaMode mma = MmaMode::exact;
  ApproxMode approx = ApproxMode::nearest;
  bool contracts = false;  // a mul whose only reader is an add becomes a fused fma
  Simd simd = active_simd();
  friend auto operator<=>(const DecodeOptions&, const DecodeOptions&) = default;
};

}  // namespace attest::ptx
