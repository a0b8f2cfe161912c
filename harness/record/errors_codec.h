// ErrorSums and Diagnosis to and from JSON values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/diagnosis.h"
#include "harness/record/error_sums.h"
#include "harness/record/json_text.h"

namespace attest {

[[nodiscard]] Json to_json(const ErrorSums& errors);
[[nodiscard]] Json to_json(const Diagnosis& diagnosis);

/// Inverses; throw as those of codec.h.
[[nodiscard]] ErrorSums errors_from_json(const Json& json);
[[nodiscard]] Diagnosis diagnosis_from_json(const Json& json);

}  // namespace attest
