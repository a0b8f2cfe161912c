// Undefined registers, statically: which may be read before they are written, and which
// instructions must follow them at run time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form_matcher.h"
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/machine/program.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace attest::ptx {

/// Where control goes behind an instruction, besides on.
enum class Flow : std::uint8_t { next, branch, table, end };

/// What the decoder knows of one code element.
struct Element {
  bool is_leader = false;
  Propagation propagation = Propagation::spreads;
  unsigned controls = 0;  // op slots of registers that steer what copies or exchanges
  std::vector<OperandUse> uses;
  Flow flow = Flow::next;
  int data_bits = 64;        // of its type: a store of fewer bits than the register has
  bool is_in_frame = false;  // of parameters of calls: padding is passed too
  int callee = -1;           // body number, of a call
};

/// The code of one function, leaders included; control enters at `begin`.
struct Body {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Every register is undefined where its function begins. Where one may be so at a read, its
/// shadow is followed: wraps those instructions' handlers and sets Program::undefined. `elements`
/// goes with Program::code, whose pointers are set.
void follow_undefined_registers(const std::vector<Element>& elements,
                                const std::vector<Body>& bodies,
                                Symbols* symbols,
                                Program* program);

}  // namespace attest::ptx
