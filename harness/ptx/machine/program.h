// Program: one kernel, decoded flat; what the machine executes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/launch_counts.h"
#include "harness/ptx/memory/module_variables.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace attest::ptx {

struct Warp;
struct Instr;

/// Executes one instruction for the whole warp and returns the next, or null when the warp stops
/// (Warp::state says why).
using Handler = const Instr* (*)(Warp&, const Instr*);

/// A pre-decoded instruction. Register operands are byte offsets into Warp::rows: 128-byte rows of
/// 32 lanes for 16 and 32 bit registers, 256-byte rows for 64 bit ones. Immediates and special
/// registers are rows too. Predicate operands are indices into Warp::predicates.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): imm2 lies where target does
struct alignas(64) Instr {
  Handler run = nullptr;
  std::array<std::uint32_t, 6> op{};    // operands in the order of the form, destination first
  std::uint32_t guard = 0;              // predicate index; 0 is always true
  std::uint32_t guard_flip = 0;         // 0, or all ones for @!p
  std::int64_t imm = 0;                 // address offset, or what the form's builder put here
  const std::uint32_t* more = nullptr;  // vector operands, flattened in order
  union {
    const Instr* target = nullptr;  // of a branch
    std::int64_t imm2;              // offset of a second address
  };
};

/// A basic block: straight-line instructions behind one leader.
struct BlockInfo {
  std::int64_t instructions = 0;
  ClassCounts classes;     // of those
  std::int64_t flops = 0;  // LaunchCounts::flops of those
  std::int64_t mma_flops = 0;
  bool has_store = false;  // changes memory whenever a lane executes it
  /// Code index of its first instruction that can see what others wrote while it waits: an atomic, a
  /// volatile or ordered load, a sleep; -1: none.
  std::int64_t poll = -1;
};

struct SpecialRegister;
struct UndefinedPlan;

/// A special register that the program reads, and its row.
struct SpecialRow {
  const SpecialRegister* is = nullptr;
  std::uint32_t row = 0;
};

/// A variable of shared or of local memory.
struct PlacedVariable {
  std::string name;
  std::int64_t offset = 0;
  std::int64_t size_bytes = 0;  // of a dynamic (extern []) variable: to the end of shared memory
};

struct Parameter {
  std::string name;
  std::string type;  // ".b8[176]", ".u64"
  std::int64_t offset = 0;
  std::int64_t size_bytes = 0;
};

struct Program {
  std::string entry;
  std::string source;               // name of the PTX text
  std::vector<Instr> code;          // leaders included; functions before their callers
  std::size_t first = 0;            // code index of the entry's first instruction
  std::vector<CodeSite> sites;      // one per code element
  std::vector<std::uint32_t> more;  // storage behind Instr::more
  std::vector<BlockInfo> blocks;
  std::int64_t row_bytes = 0;  // size of a warp's rows
  std::uint32_t predicate_count = 1;
  struct Constant {
    std::uint32_t row = 0;
    bool is_wide = false;
    std::uint64_t bits = 0;
    int variable = -1;  // of the module: its address is added; -1: none
  };
  std::vector<Constant> constants;
  std::vector<SpecialRow> specials;
  std::shared_ptr<const UndefinedPlan> undefined;  // null: no register is read before it is written
  std::int64_t static_shared_bytes = 0;
  std::vector<PlacedVariable> shared;
  std::int64_t local_bytes = 0;  // per thread
  std::vector<PlacedVariable> local;
  std::shared_ptr<const ModuleVariables> variables;  // never null once decoded
  std::vector<Parameter> parameters;
  std::int64_t parameter_bytes = 0;
  std::array<std::int64_t, 3> max_block{0, 0, 0};  // .maxntid / .reqntid; 0: not stated
  int sm = 80;                                     // of .target

  [[nodiscard]] const CodeSite& site(const Instr* i) const {
    return sites[static_cast<std::size_t>(i - code.data())];
  }
};

}  // namespace attest::ptx
