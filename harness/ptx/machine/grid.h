// Grid: one launch on one host thread; CTAs as resumable objects, in an order that is a parameter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/launch.h"
#include "harness/base/launch_counts.h"
#include "harness/ptx/machine/ordering.h"
#include "harness/ptx/machine/program.h"
#include "harness/ptx/memory/global_memory.h"
#include "harness/ptx/memory/global_shadow.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

class Cta;
class Traffic;

struct LaunchOptions {
  std::uint64_t schedule = 0;  // seed of the order of warps and CTAs; 0: ascending, in long turns
  std::int64_t max_warp_instructions = 200'000'000;
  std::int64_t max_shared_bytes = 0;  // 0: what the target allows a block to opt in to
  std::int64_t max_resident_bytes = 1'073'741'824;  // registers and shared memory of all residents
  std::size_t max_printed_bytes = std::size_t{1} << 20;  // of printf; the rest is lost
  bool is_checked = true;       // shadow checks; bounds and alignment are always on
  bool keeps_sites = false;     // slow mode: a conflict knows the other party's line
  bool counts_traffic = false;  // LaunchCounts::traffic
};

/// Number of CTAs of its grid.
[[nodiscard]] std::uint64_t block_count(const Launch& launch);

class Grid {
 public:
  /// `launch.parameters` must already hold device addresses (relocations applied).
  Grid(const Program& program,
       const Launch& launch,
       GlobalMemory& memory,
       const LaunchOptions& options);
  ~Grid();
  Grid(const Grid&) = delete;
  Grid& operator=(const Grid&) = delete;

  /// Validates the launch as a driver does, then runs it. Empty when nothing was found.
  std::optional<Finding> run();
  [[nodiscard]] LaunchCounts counts() const;

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] const Launch& launch() const { return launch_; }
  [[nodiscard]] const LaunchOptions& options() const { return options_; }
  [[nodiscard]] GlobalMemory& memory() { return memory_; }
  [[nodiscard]] std::vector<std::uint32_t>& block_counts() { return block_counts_; }
  [[nodiscard]] std::int64_t shared_bytes() const {
    return program_.static_shared_bytes + launch_.dynamic_shared_bytes;
  }
  /// The allocation that this instruction used last; a hint.
  [[nodiscard]] const Allocation*& last_allocation(const Instr* i) {
    return last_allocations_[static_cast<std::size_t>(i - program_.code.data())];
  }
  /// What releases of this launch left in global memory.
  [[nodiscard]] Publications& publications() { return publications_; }
  /// Device address of a variable of the module.
  [[nodiscard]] std::uint64_t variable_address(int variable) const {
    return variable_addresses_[static_cast<std::size_t>(variable)];
  }
  /// Null unless the launch counts it.
  [[nodiscard]] Traffic* traffic() { return traffic_.get(); }
  [[nodiscard]] GlobalShadow& global_shadow() { return global_shadow_; }
  /// The nth block in ascending order.
  [[nodiscard]] Dim3 block_index(std::uint64_t nth) const;
  /// Warp instructions so far, whole turns of warps.
  [[nodiscard]] std::int64_t& clock() { return clock_; }
  /// What the kernel printed, up to LaunchOptions::max_printed_bytes.
  [[nodiscard]] const std::string& printed() const { return printed_; }
  void print(std::string_view text);
  /// Only the first finding of a launch is kept.
  void report(Finding finding);

  /// What grid.sync() works on, which %envreg1 and %envreg2 hold the address of; 0 unless the launch
  /// is cooperative.
  [[nodiscard]] std::uint64_t workspace() const { return workspace_; }
  /// An atomic changed a value.
  void note_change() { ++changes_; }
  /// Rises whenever memory may have changed.
  [[nodiscard]] std::uint64_t changes() const;
  /// After a turn of a CTA.
  void note_executed(std::int64_t warp_instructions);

 private:
  [[nodiscard]] std::optional<Finding> validate() const;
  [[nodiscard]] std::optional<Finding> place_variables();
  [[nodiscard]] std::optional<Finding> validate_residency() const;
  [[nodiscard]] Finding refusal(FindingKind kind, std::string message) const;
  [[nodiscard]] std::int64_t room() const;
  void fold_counts();

  const Program& program_;
  const Launch& launch_;
  GlobalMemory& memory_;
  LaunchOptions options_;
  std::optional<Finding> finding_;
  std::unique_ptr<Traffic> traffic_;
  std::int64_t clock_ = 0;
  std::string printed_;
  std::vector<std::uint32_t> block_counts_;  // since the last fold
  std::vector<std::int64_t> block_totals_;
  std::int64_t executed_ = 0;                // since the last fold
  std::vector<std::size_t> storing_blocks_;  // basic blocks that change memory
  std::uint64_t changes_ = 0;                // by atomics
  std::uint64_t workspace_ = 0;
  std::vector<const Allocation*> last_allocations_;
  Publications publications_;
  std::span<const std::uint64_t> variable_addresses_;  // kept by the memory
  GlobalShadow global_shadow_;
};

}  // namespace attest::ptx
