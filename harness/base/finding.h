// A fault of the kernel under test, as data: what, where, who, and the other party.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attest {

enum class FindingKind : std::uint8_t {
  out_of_bounds,
  misaligned,
  uninitialised_read,
  undefined_register,  // read before any write, where it can decide an address, a branch or memory
  shared_race,
  global_race,
  nc_write,             // a write to bytes that the same launch reads with ld.global.nc
  async_copy_unwaited,  // bytes of an asynchronous copy read or overwritten before its wait
  barrier_divergence,
  mbarrier_misuse,  // not initialised, or a count outside its limits
  invalid_launch,
  no_progress,  // step limit, deadlock
  memory_limit,
  guard_band,  // bytes outside an output were changed
  trap,
  assertion,  // assert() of the kernel
  crash,      // the process that ran the case died, twice
  timeout,    // it gave no answer in the time that a case has
};

/// "out_of_bounds", ...
[[nodiscard]] std::string_view name(FindingKind kind);

enum class Space : std::uint8_t { none, global, constant, shared, local, param, generic };
[[nodiscard]] std::string_view name(Space space);

enum class Access : std::uint8_t { none, read, write, atomic };  // atomic: reads and writes

/// One line of the kernel: in its source (line 0: unknown) and in its PTX text.
struct CodeSite {
  std::string file;
  int line = 0;
  int ptx_line = 0;
  friend bool operator==(const CodeSite&, const CodeSite&) = default;
};

/// One side of an access: who did it and where in the code.
struct Party {
  Dim3 block{0, 0, 0};
  Dim3 thread{0, 0, 0};
  CodeSite site;
  Access access = Access::none;
};

struct Finding {
  FindingKind kind = FindingKind::out_of_bounds;
  std::string kernel;  // entry name
  Party party;
  std::optional<Party> other;  // the second party of a race
  Space space = Space::none;
  std::uint64_t address = 0;
  std::int64_t size_bytes = 0;
  std::string allocation;  // nearest allocation, by buffer name; empty if none
  std::int64_t distance_bytes =
      0;                // how far past (positive) or before (negative) its ends; 0 inside
  std::string message;  // the rest of the sentence, when the fields do not say it
};

/// Several lines in compute-sanitizer's layout, without the "========= " prefix.
[[nodiscard]] std::string describe(const Finding& finding);

}  // namespace attest
