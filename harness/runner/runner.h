// Runner: work units over threads, answers handed on in order; it knows nothing of what a unit
// does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace attest {

/// Units 0 .. units-1. The callbacks other than `make_worker` and its workers never run at the same
/// time, and see what the worker of that unit wrote. All but `make_worker` and `stop` may be empty.
struct Work {
  using Worker = std::function<void(std::int64_t unit)>;

  std::int64_t units = 0;
  int jobs = 1;                                 // threads, at least 1
  std::function<Worker()> make_worker;          // called once on each thread
  std::function<void(std::int64_t)> started;    // before the unit runs
  std::function<void(std::int64_t)> finished;   // after it ran, as they come
  std::function<void(std::int64_t)> delivered;  // after it ran, in the order of the units
  std::function<bool()> stop;                   // true: no unit is begun any more
};

/// Runs the units; those that ran are 0 .. (returned)-1, whatever `jobs` and `stop` did.
/// Throws  what a callback or worker threw first, when the units in flight have ended.
std::int64_t run_units(const Work& work);

}  // namespace attest
