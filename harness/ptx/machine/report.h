// Findings from inside a handler: who, where, and the text of the other side.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/memory/global_shadow.h"
#include "harness/ptx/memory/shared_memory.h"

#include <cstdint>
#include <string>

namespace attest::ptx {

/// Each reports a finding of `lane` of `w` at `i`, ends the launch, and returns null for the
/// handler to return.
const Instr* report(Warp& w, const Instr* i, int lane, FindingKind kind, std::string message);
/// An access of one lane, to where it looked.
struct SpaceAccess {
  Space space = Space::local;
  Access access = Access::read;
  std::uint64_t address = 0;
  std::int64_t size_bytes = 0;
};
/// To global memory, or to constant memory where the address is of that.
const Instr* report_global(
    Warp& w, const Instr* i, int lane, FindingKind kind, const SpaceAccess& access);
/// To local memory or to the kernel's parameters.
const Instr* report_access(
    Warp& w, const Instr* i, int lane, FindingKind kind, const SpaceAccess& access);
const Instr* report_shared_bounds(Warp& w,
                                  const Instr* i,
                                  int lane,
                                  FindingKind kind,
                                  Access access,
                                  std::uint32_t address,
                                  std::int64_t size_bytes);
const Instr* report_mbarrier(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::string message);
const Instr* report_conflict(Warp& w,
                             const Instr* i,
                             int lane,
                             Access access,
                             std::int64_t size_bytes,
                             const Conflict& conflict);
const Instr* report_conflict(Warp& w,
                             const Instr* i,
                             int lane,
                             Access access,
                             std::int64_t size_bytes,
                             const GlobalConflict& conflict);

}  // namespace attest::ptx
