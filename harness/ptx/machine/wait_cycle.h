// WaitCycle: whether a warp that waits has come back to a state that it was in. While memory does
// not change, what a warp does depends on its own state only: it then waits for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest::ptx {

struct Warp;

class WaitCycle {
 public:
  /// The state at one more point of the wait. `epoch` is another number after each change of memory.
  /// True once a state of this epoch has repeated.
  bool observe(std::uint64_t epoch, std::uint64_t state);

 private:
  std::uint64_t epoch_ = 0;
  std::uint64_t saved_ = 0;
  std::uint32_t steps_ = 0;  // since it was saved
  std::uint32_t limit_ = 1;  // after so many the next state is saved instead: any period is found
  bool is_closed_ = false;
};

/// 64 bits of everything that decides what the warp does next: registers, predicates, lanes and
/// where they are.
[[nodiscard]] std::uint64_t state_of(const Warp& w);

}  // namespace attest::ptx
