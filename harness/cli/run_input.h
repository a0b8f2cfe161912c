// Runs read from outside: a report folder, a journal or a run.json.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/record/record.h"

#include <string>

namespace attest {

/// The run of a report folder (its events.ndjson, else its run.json), or of either file.
/// Errors  Code::io, Code::bad_input with file and place, Code::unsupported for a newer schema,
///         Code::limit above 1 GiB.
Result<RunRecord> read_run(const std::string& path);

}  // namespace attest
