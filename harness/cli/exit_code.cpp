// The order of exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/exit_code.h"

#include "reports/summary.h"

#include <algorithm>
#include <array>

namespace attest {
namespace {

constexpr std::array<Exit, 8> kPrecedence = {Exit::interrupted,
                                             Exit::internal,
                                             Exit::bad_input,
                                             Exit::falsified,
                                             Exit::workers_died,
                                             Exit::could_not_judge,
                                             Exit::nothing_judged,
                                             Exit::held};

Exit exit_of_conclusion(Conclusion conclusion) {
  switch (conclusion) {
    case Conclusion::held:
      return Exit::held;
    case Conclusion::falsified:
      return Exit::falsified;
    case Conclusion::could_not_judge:
      return Exit::could_not_judge;
    case Conclusion::nothing_judged:
      return Exit::nothing_judged;
  }
  fail_check("conclusion has an exit code", __FILE__, __LINE__);
}

}  // namespace

Exit first_of(std::initializer_list<Exit> exits) {
  for (const Exit exit : kPrecedence) {
    if (std::find(exits.begin(), exits.end(), exit) != exits.end()) return exit;
  }
  return Exit::held;
}

Exit exit_of(const RunRecord& run) {
  return first_of(
      {run.interrupted ? Exit::interrupted : Exit::held, exit_of_conclusion(conclude(run))});
}

}  // namespace attest
