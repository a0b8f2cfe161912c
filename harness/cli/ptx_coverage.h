// The views of `attest ptx --coverage`: text for people, JSON for programs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/coverage.h"

#include <string>

namespace attest {

struct CoverageView {
  std::string file;
  const ptx::Module& module;
  ptx::ModuleCoverage coverage;
};

[[nodiscard]] std::string coverage_text(const CoverageView& view);
/// {"schema":1, "file", "version", "targets":[..], "entries":[ENTRY..], "total":ENTRY}, where ENTRY
/// is {"name", "opcodes":{"supported","total"}, "instructions":{"supported","total"},
/// "missing":[{"opcode","instructions","line","reason"}..]} and the total's name is "". What is
/// missing and no instruction, such as a declaration, has "instructions": 0.
[[nodiscard]] std::string coverage_json(const CoverageView& view);

}  // namespace attest
