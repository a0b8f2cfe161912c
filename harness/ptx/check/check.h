// Check: what a class of findings means, and small kernels with exactly that fault planted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/launch.h"

#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// Where the address of a report must be.
struct Place {
  enum class Base : std::uint8_t { none, out, in, raw, zero, shared };
  Base base = Base::none;  // none: the finding has no address
  std::int64_t offset = 0;
};
using enum Place::Base;

/// A kernel body with one fault. The line that must be reported carries the comment `//!`; `clean`
/// is the same body without the fault, on which nothing may be found.
/// In the body: %tid and %cta (u32, of x), %out (u64, global buffer of 4 KiB, each byte 1, writable),
/// %in (u64, global buffer of 256 bytes, each byte 1, read-only), %raw (u64, global buffer of 256
/// bytes, never written), %zero (u64, global buffer of 256 bytes, zeros, writable), %r0..%r9 (b32),
/// %d0..%d9 (b64), %f0..%f9 (f32), %p0..%p3; `s` is 1 KiB of shared memory.
struct PlantedFault {
  std::string_view name;
  std::string_view body;
  std::string_view clean;
  FindingKind kind = FindingKind::out_of_bounds;
  Dim3 thread{0, 0, 0};  // of the report, when warps and blocks run in ascending order
  std::uint32_t block_threads = 64;
  bool has_other_side = false;  // the other party's line carries `//?`
  Place at = {};
  std::uint32_t blocks = 1;
  Dim3 block{0, 0, 0};
  std::string_view before = {};   // what both begin with
  bool depends_on_order = false;  // threads synchronise: found under some schedules, not under all
};

/// A launch that a driver refuses; the body is empty.
struct PlantedLaunch {
  std::string_view name;
  Dim3 grid;
  Dim3 block;
  std::int64_t dynamic_shared_bytes = 0;
};

struct Check {
  std::string_view name;
  std::string_view sentence;  // the rule, for a person
  std::vector<PlantedFault> faults;
  std::vector<PlantedLaunch> launches = {};
};

/// The name, for test output.
// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
inline void PrintTo(const Check& check, std::ostream* out) {
  *out << check.name;
}

/// Every check, sorted by name (generated from harness/ptx/check/CMakeLists.txt).
[[nodiscard]] const std::vector<Check>& all_checks();

}  // namespace attest::ptx
