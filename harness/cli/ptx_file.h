// PtxFile: a PTX text that was read and parsed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/base/result.h"
#include "harness/ptx/syntax/ast.h"

#include <memory>
#include <string>

namespace attest {

struct PtxFile {
  std::string path;
  std::unique_ptr<const std::string> text;  // stays where it is when this moves
  ptx::Module module;

  /// Views of this.
  [[nodiscard]] KernelImage image() const { return {path, *text}; }
  /// "a.ptx  PTX 9.0, target sm_80\n"
  [[nodiscard]] std::string headline() const;
};

/// Errors  Code::io, and those of parse_module().
Result<PtxFile> read_ptx(const std::string& path);

}  // namespace attest
