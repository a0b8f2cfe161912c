// How what is undefined in the operands of an instruction goes on into its results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest::ptx {

/// `halves` is what the decoder makes of `spreads` for a packed type, and `spreads` what it makes of
/// `copies` when the result saturates.
enum class Propagation : std::uint8_t {
  spreads,      // any undefined bit of a lane's inputs makes all of its outputs undefined
  halves,       // likewise, for each half of a packed pair
  copies,       // bits move within a lane: the handler itself, on shadows, says where to
  exchanges,    // bits move between lanes, likewise
  bitwise,      // bit n of the output comes from bits n of the inputs
  bitwise_and,  // as bitwise, where a defined 0 decides
  bitwise_or,   // as bitwise, where a defined 1 decides
  gathers,      // an undefined input of any executing lane makes the outputs of all undefined
  fragments,    // mma.m16n8 and m8n8: rows of A and columns of B
  decides,      // inputs say where to go on
};

}  // namespace attest::ptx
