// run.json: the published form of a run, schema version 1 (schema/run-1.json).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/record/record.h"

#include <string>
#include <string_view>

namespace attest {

/// One case a line. Everything that may differ between two runs with one seed is under `env`.
[[nodiscard]] std::string to_run_json(const RunRecord& run);

/// Inverse of to_run_json; sums are recomputed, unknown fields ignored. `name` is for errors.
/// Errors  Code::bad_input for text that is not JSON or lacks a field, Code::unsupported for a
///         newer schema.
Result<RunRecord> parse_run_json(std::string_view text, const std::string& name);

}  // namespace attest
