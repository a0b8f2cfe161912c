// Coverage: which opcode strings a module uses, and how many of them the executor runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/syntax/ast.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {

/// One opcode string with its qualifiers, "ld.global.nc.v4.u32", and its instructions.
struct OpcodeCount {
  std::string opcode;
  std::int64_t instructions = 0;
  std::int64_t refused = 0;  // of those
  int line = 0;              // of the first refused one, else of the first
  std::string reason;        // why it is refused; empty when none is
};

struct Tally {
  std::int64_t supported = 0;
  std::int64_t total = 0;
};

struct Coverage {
  std::string entry;                 // empty for the whole module
  std::vector<OpcodeCount> opcodes;  // sorted by opcode; an entry's include what it calls
  std::vector<Unsupported> other;    // refused, and no instruction: declarations and the like
  [[nodiscard]] Tally opcode_tally() const;  // an opcode is supported when none of it is refused
  [[nodiscard]] Tally instruction_tally() const;
  [[nodiscard]] bool is_complete() const;
};

struct ModuleCoverage {
  std::vector<Coverage> entries;
  Coverage total;  // each function once, however many entries call it
};

/// `entries` is what inspect() says of the same module.
[[nodiscard]] ModuleCoverage coverage(const Module& module, const std::vector<EntryInfo>& entries);

}  // namespace attest::ptx
