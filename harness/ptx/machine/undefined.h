// Undefined registers at run time: what is known of every bit of the registers that may be read
// before they are written, in the instructions that touch them. Others cost nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/program.h"
#include "harness/ptx/machine/propagation.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {

/// A register and its shadow: a row, or a predicate, of the same shape; a bit that is set is
/// undefined.
struct Shadow {
  std::uint32_t value = 0;   // row or predicate index
  std::uint32_t shadow = 0;  // likewise
  std::uint8_t bits = 0;     // 1: a predicate
};

/// Where an undefined register is a fault.
struct Sink {
  Shadow at;
  std::uint64_t mask = ~0ull;  // bits that count
  std::string text;            // "address %rd4"
};

/// One instruction that touches registers with shadows.
struct FollowedInstr {
  Handler run = nullptr;  // its own
  Propagation propagation = Propagation::spreads;
  bool has_guard_shadow = false;
  Sink guard;
  std::vector<Sink> sinks;
  std::vector<Shadow> inputs;   // that have a shadow; of copies: those whose bits do not move
  std::vector<Shadow> outputs;  // that have a shadow
  std::vector<Shadow> rows_a, rows_b;  // of fragments: inputs of A and of B
  std::vector<Shadow> entered;  // of a call: registers of the function, undefined from here on
  Instr on_shadows;             // of copies and exchanges: the instruction, its rows replaced
  std::vector<std::uint32_t> more;
  std::vector<Shadow> saved;  // of exchanges: rows that steer it -> rows that keep them
};

struct UndefinedPlan {
  std::vector<FollowedInstr> followed;
  std::vector<std::uint32_t> at;  // code index -> index in `followed`
  std::vector<Shadow> registers;  // of the entry, undefined when it starts
};

/// Handler in front of an instruction's own one: reports what is undefined at a sink.
const Instr* follow_undefined(Warp& w, const Instr* i);

/// Makes the entry's registers undefined that the plan follows.
void start_undefined(Warp& w);

}  // namespace attest::ptx
