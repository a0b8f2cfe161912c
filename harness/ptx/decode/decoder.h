// Decoder: from the syntax tree of a module to flat programs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/decode/options.h"
#include "harness/ptx/machine/program.h"
#include "harness/ptx/syntax/ast.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// Errors  Code::unsupported, "<name>:line:column", for an instruction or declaration that is not
/// implemented, and for recursion;
///         Code::bad_input for an unknown name, a register of the wrong width, a missing label or
///         entry.
Result<std::shared_ptr<const Program>> decode(const Module& module,
                                              std::string_view name,
                                              std::string_view entry,
                                              const DecodeOptions& options = {});

/// One thing of a module that decode() would refuse.
struct Unsupported {
  int line = 0;
  int column = 0;
  std::string instruction;  // "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16"
  std::string reason;
};

struct EntryInfo {
  std::string name;
  std::vector<Parameter> parameters;
  std::int64_t static_shared_bytes = 0;
  std::int64_t instructions = 0;
  std::vector<Unsupported> unsupported;
  bool is_inspected = true;  // false: the module is too large for all of its entries
};

/// What `attest ptx FILE` shows: every entry, and all of what is unsupported in it. The time is
/// bounded: of a module with very many entries the last are listed, but not inspected.
std::vector<EntryInfo> inspect(const Module& module, std::string_view name);

}  // namespace attest::ptx
