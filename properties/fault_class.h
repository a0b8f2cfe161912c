// FaultClass: what part of a kernel is wrong, as a fault has it and as a detector names it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace attest {

enum class FaultClass : std::uint8_t {
  scores,           // q*k, its scale, the base of its exponential
  mask,             // which keys are in the sum, and with which score
  softmax,          // maximum, exponentials, row sum, rescaling
  empty_rows,       // rows and tiles without a key
  accumulation,     // P*V, and what P and O are rounded to on the way
  lse,              // the second output
  output,           // what becomes of a result before it is stored: bias, alpha, clamps
  addressing,       // bytes of the right tensor, and of another row, head or batch
  state,            // what a call leaves for the next one
  memory,           // bytes of no tensor, or not aligned
  initialisation,   // bytes that nobody has written
  race,             // bytes that somebody else writes at the time
  synchronisation,  // barriers and loops that some threads do not leave
};
inline constexpr std::array kFaultClasses = {FaultClass::scores,
                                             FaultClass::mask,
                                             FaultClass::softmax,
                                             FaultClass::empty_rows,
                                             FaultClass::accumulation,
                                             FaultClass::lse,
                                             FaultClass::output,
                                             FaultClass::addressing,
                                             FaultClass::state,
                                             FaultClass::memory,
                                             FaultClass::initialisation,
                                             FaultClass::race,
                                             FaultClass::synchronisation};

/// "empty rows", ...
[[nodiscard]] std::string_view name(FaultClass fault_class);

}  // namespace attest
