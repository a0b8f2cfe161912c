// ApproxMode: which of the results that the manual allows a .approx function gives.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest::ptx {

/// Results of the .approx functions: correctly rounded, or moved within the documented error, to
/// its lower or its upper end or by a hash of the operands.
enum class ApproxMode : std::uint8_t { nearest, low, high, random };

}  // namespace attest::ptx
