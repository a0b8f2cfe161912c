// launch: a launch is validated as a driver does.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/check/check.h"

namespace attest::ptx {

Check check_launch();
Check check_launch() {
  return {
      .name = "launch",
      .sentence =
          "Grid, block, shared memory and parameters of a launch are within the limits of the "
          "target and of "
          "the kernel's own directives.",
      .faults = {},
      .launches =
          {
              {"no blocks", {0, 1, 1}, {32, 1, 1}},
              {"grid.y beyond 65535", {1, 65536, 1}, {32, 1, 1}},
              {"1025 threads", {1, 1, 1}, {1025, 1, 1}},
              {"block.z beyond 64", {1, 1, 1}, {1, 1, 65}},
              {"more shared memory than a block may have", {1, 1, 1}, {32, 1, 1}, 166913},
          },
  };
}

}  // namespace attest::ptx
