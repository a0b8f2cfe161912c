// Exit codes of the program, and which one wins when several apply.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <initializer_list>

namespace attest {

enum class Exit : int {
  held = 0,
  falsified = 1,        // a disagree, or a fault found by an executor
  bad_input = 2,        // usage, bad input, a pattern that matches no name
  nothing_judged = 3,   // a valid selection with no judged case
  could_not_judge = 4,  // a case that could not be run, or a result that could not be written
  workers_died = 5,
  internal = 70,
  interrupted = 130,  // partial results were written
};

/// The first of 130, 70, 2, 1, 5, 4, 3, 0 that is among `exits`; held for none.
[[nodiscard]] Exit first_of(std::initializer_list<Exit> exits);

/// What a run or a replay ends with.
[[nodiscard]] Exit exit_of(const RunRecord& run);

/// What a run ends with that a full disk or its like has cut off: 1 where it has found something,
/// else 4.
[[nodiscard]] Exit exit_of_cut_off(RunRecord run);

}  // namespace attest
