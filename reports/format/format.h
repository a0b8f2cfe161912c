// Format: one view of a run record, as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "harness/record/zoo_record.h"

#include <functional>
#include <string>
#include <vector>

namespace attest {

struct RenderOptions {
  bool has_colour = false;              // ANSI sequences; only the terminal view has any
  const RunRecord* baseline = nullptr;  // an earlier run, for what has changed since
  const ZooRecord* zoo = nullptr;       // which faults such a run would catch
  bool is_github = false;               // the output is read by GitHub Actions
};

struct Format {
  std::string name;         // "junit"
  std::string description;  // one line for `attest list`
  std::string file;         // its file in a report folder; empty: shown, not written
  std::function<std::string(const RunRecord&, const RenderOptions&)> render;
};

/// Every format, sorted by name (generated from reports/format/CMakeLists.txt).
[[nodiscard]] const std::vector<Format>& all_formats();

}  // namespace attest
