// Reads within the limit of the parser, then parses.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ptx_file.h"

#include "harness/cli/input_file.h"
#include "harness/ptx/syntax/limits.h"
#include "harness/ptx/syntax/parser.h"

#include <fmt/format.h>

namespace attest {

std::string PtxFile::headline() const {
  return fmt::format(
      "{}  PTX {}, target {}\n", path, module.version, fmt::join(module.targets, ", "));
}

Result<PtxFile> read_ptx(const std::string& path) {
  if (path.empty()) return Error{Code::bad_input, "needs a PTX file", "ptx"};
  PtxFile file;
  file.path = path;
  ATTEST_TRY(std::string text, read_input(path, "a PTX file", ptx::syntax::kMaxTextBytes));
  file.text = std::make_unique<const std::string>(std::move(text));
  ATTEST_TRY(file.module, ptx::parse_module(*file.text, path));
  return file;
}

}  // namespace attest
