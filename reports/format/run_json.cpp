// Format run_json: the record itself, for machines.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "reports/format/format.h"

namespace attest {

Format format_run_json() {
  return {"run_json",
          "the run record, schema version 1; equal seeds give equal bytes apart from env",
          "run.json",
          [](const RunRecord& run, const RenderOptions&) { return to_run_json(run); }};
}

}  // namespace attest
