// Simd: which build of the handlers runs; the bits do not depend on it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// scalar: the plain handlers, nothing vectorised. avx2: x86-64-v3. avx512: x86-64-v4.
enum class Simd : std::uint8_t { scalar, avx2, avx512 };

/// "scalar", "avx2", "avx512".
[[nodiscard]] std::string_view name(Simd simd);

/// What this processor can run, the slowest first.
[[nodiscard]] const std::vector<Simd>& usable_simds();

/// `wanted` empty: the fastest that this processor can run.
/// Errors  Code::bad_input for an unknown name, and for one that the processor lacks.
Result<Simd> choose_simd(std::string_view wanted);

/// choose_simd of the environment variable ATTEST_SIMD, asked once.
[[nodiscard]] const Result<Simd>& simd_of_environment();

/// The same; the fastest one where the variable is wrong (the command line says so and stops).
[[nodiscard]] Simd active_simd();

}  // namespace attest::ptx
