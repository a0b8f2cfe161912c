// Names and sentences of CUresult values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <optional>
#include <string_view>

namespace attest::driver {

/// "CUDA_ERROR_INVALID_VALUE"; null for a number that cuda.h does not have.
[[nodiscard]] const char* result_name(CUresult result);
/// One sentence in lower case; null as above.
[[nodiscard]] const char* result_text(CUresult result);
/// Of a name or of a decimal number that cuda.h has.
[[nodiscard]] std::optional<CUresult> result_named(std::string_view text);

}  // namespace attest::driver
