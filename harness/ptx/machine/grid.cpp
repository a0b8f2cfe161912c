// Launch validation, and counts.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/grid.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/device.h"
#include "harness/ptx/machine/mxcsr.h"
#include "harness/ptx/machine/residents.h"
#include "harness/ptx/machine/traffic.h"

#include <algorithm>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::int64_t kMaxStaticShared = std::int64_t{48} << 10;
constexpr std::int64_t kMaxLocalBytes = std::int64_t{64} << 20;  // of a block
constexpr std::size_t kWorkspaceBytes = 64;
// Executions of one basic block are counted in 32 bits between two folds.
constexpr std::int64_t kFoldAfter = std::int64_t{1} << 31;

std::uint64_t product(const Dim3& d) {
  return std::uint64_t{d.x} * d.y * d.z;
}

std::string text(const Dim3& d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

}  // namespace

std::uint64_t block_count(const Launch& launch) {
  return product(launch.grid);
}

Grid::Grid(const Program& program,
           const Launch& launch,
           GlobalMemory& memory,
           const LaunchOptions& options)
    : program_(program),
      launch_(launch),
      memory_(memory),
      options_(options),
      global_shadow_(options.keeps_sites) {
  block_counts_.resize(program.blocks.size());
  block_totals_.resize(program.blocks.size());
  last_allocations_.resize(program.code.size());
  if (options.counts_traffic) traffic_ = std::make_unique<Traffic>(memory);
  for (std::size_t n = 0; n < program.blocks.size(); ++n) {
    if (program.blocks[n].has_store) storing_blocks_.push_back(n);
  }
}

Grid::~Grid() = default;

void Grid::print(std::string_view text) {
  printed_ += text.substr(0, options_.max_printed_bytes - printed_.size());
}

void Grid::report(Finding finding) {
  if (!finding_) finding_ = std::move(finding);
}

std::optional<Finding> Grid::validate() const {
  const Dim3& g = launch_.grid;
  const Dim3& b = launch_.block;
  const std::int64_t limit =
      std::max(device(program_.sm).block_shared_bytes, options_.max_shared_bytes);
  std::string why;
  if (product(g) == 0 || g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) {
    why = "grid " + text(g) + " is outside (1..2147483647, 1..65535, 1..65535)";
  } else if (b.x == 0 || b.y == 0 || b.z == 0 || b.x > 1024 || b.y > 1024 || b.z > 64 ||
             product(b) > 1024) {
    why =
        "block " + text(b) + " is outside (1..1024, 1..1024, 1..64) or has more than 1024 threads";
  } else if (program_.max_block[0] != 0 &&
             product(b) > static_cast<std::uint64_t>(program_.max_block[0] * program_.max_block[1] *
                                                     program_.max_block[2])) {
    why = "block " + text(b) + " has more threads than the kernel's .maxntid";
  } else if (program_.static_shared_bytes > kMaxStaticShared) {
    why = "static shared memory of " + std::to_string(program_.static_shared_bytes) +
          " bytes exceeds 49152";
  } else if (program_.local_bytes * static_cast<std::int64_t>(product(b)) > kMaxLocalBytes) {
    why = "local memory of " + std::to_string(program_.local_bytes) + " bytes for each of " +
          std::to_string(product(b)) + " threads exceeds " + std::to_string(kMaxLocalBytes);
  } else if (launch_.dynamic_shared_bytes < 0 ||
             launch_.dynamic_shared_bytes > limit - program_.static_shared_bytes) {
    why = "shared memory of " + std::to_string(shared_bytes()) + " bytes exceeds " +
          std::to_string(limit);
  } else if (static_cast<std::int64_t>(launch_.parameters.size()) != program_.parameter_bytes) {
    why = "parameter block of " + std::to_string(launch_.parameters.size()) +
          " bytes, the entry takes " + std::to_string(program_.parameter_bytes);
  } else {
    return std::nullopt;
  }
  return refusal(FindingKind::invalid_launch, std::move(why));
}

Finding Grid::refusal(FindingKind kind, std::string message) const {
  Finding finding;
  finding.kind = kind;
  finding.kernel = program_.entry;
  finding.message = std::move(message);
  return finding;
}

Dim3 Grid::block_index(std::uint64_t nth) const {
  const Dim3& g = launch_.grid;
  return {static_cast<std::uint32_t>(nth % g.x),
          static_cast<std::uint32_t>(nth / g.x % g.y),
          static_cast<std::uint32_t>(nth / g.x / g.y)};
}

/// Gives the module's variables their addresses, unless an earlier launch did.
std::optional<Finding> Grid::place_variables() {
  if (program_.variables == nullptr || program_.variables->variables.empty()) return std::nullopt;
  const auto addresses = memory_.instantiate(*program_.variables);
  if (addresses) {
    variable_addresses_ = *addresses;
    return std::nullopt;
  }
  return refusal(FindingKind::memory_limit,
                 "the .global and .const variables of '" + program_.source +
                     "' do not fit the memory that is left");
}

/// A cooperative grid is resident as a whole, or refused.
std::optional<Finding> Grid::validate_residency() const {
  const std::uint64_t total = block_count(launch_);
  const std::int64_t bytes = Cta::bytes(*this);
  const auto limit =
      static_cast<std::uint64_t>(std::max<std::int64_t>(options_.max_resident_bytes, 0));
  if (static_cast<std::uint64_t>(bytes) > limit) {
    return refusal(FindingKind::memory_limit,
                   "a block needs " + std::to_string(bytes) + " bytes of memory, more than " +
                       std::to_string(limit));
  }
  if (!launch_.is_cooperative) return std::nullopt;
  const Device& d = device(program_.sm);
  const std::int64_t fit =
      resident_blocks(d, static_cast<std::int64_t>(product(launch_.block)), shared_bytes());
  if (total > static_cast<std::uint64_t>(fit)) {
    return refusal(FindingKind::invalid_launch,
                   "a cooperative grid of " + std::to_string(total) +
                       " blocks: " + std::to_string(fit) + " are resident at once on the " +
                       std::to_string(d.multiprocessors) + " multiprocessors of " +
                       std::string(d.product));
  }
  if (total > limit / static_cast<std::uint64_t>(bytes)) {
    return refusal(FindingKind::memory_limit,
                   "a cooperative grid of " + std::to_string(total) + " blocks of " +
                       std::to_string(bytes) + " bytes needs more than " + std::to_string(limit));
  }
  return std::nullopt;
}

/// CTAs that are resident at once: what the device holds and memory allows.
std::int64_t Grid::room() const {
  const std::int64_t fit = resident_blocks(
      device(program_.sm), static_cast<std::int64_t>(product(launch_.block)), shared_bytes());
  return std::clamp<std::int64_t>(
      options_.max_resident_bytes / Cta::bytes(*this), 1, std::max<std::int64_t>(fit, 1));
}

std::optional<Finding> Grid::run() {
  const DefaultMxcsr mxcsr;
  if (auto invalid = validate()) return invalid;
  if (auto invalid = validate_residency()) return invalid;
  if (auto limit = place_variables()) return limit;
  if (launch_.is_cooperative) {
    const std::vector<std::byte> zeros(kWorkspaceBytes);
    workspace_ = memory_.allocate(
        "the workspace of grid.sync()", static_cast<std::int64_t>(zeros.size()), 0, zeros, true);
  }
  Residents(*this, room()).run();
  fold_counts();
  return finding_;
}

std::uint64_t Grid::changes() const {
  std::uint64_t changes = changes_;
  for (const std::size_t n : storing_blocks_)
    changes += static_cast<std::uint64_t>(block_totals_[n]) + block_counts_[n];
  return changes;
}

void Grid::note_executed(std::int64_t warp_instructions) {
  executed_ += warp_instructions;
  if (executed_ >= kFoldAfter) fold_counts();
}

void Grid::fold_counts() {
  for (std::size_t n = 0; n < block_counts_.size(); ++n) {
    block_totals_[n] += block_counts_[n];
    block_counts_[n] = 0;
  }
  executed_ = 0;
}

LaunchCounts Grid::counts() const {
  LaunchCounts counts;
  for (std::size_t n = 0; n < block_totals_.size(); ++n) {
    const BlockInfo& b = program_.blocks[n];
    counts.warp_instructions += block_totals_[n] * b.instructions;
    counts.flops += block_totals_[n] * b.flops;
    counts.mma_flops += block_totals_[n] * b.mma_flops;
    for (std::size_t c = 0; c < kInsnClasses; ++c)
      counts.classes.of[c] += block_totals_[n] * b.classes.of[c];
  }
  counts.has_traffic = traffic_ != nullptr;
  if (traffic_ != nullptr) counts.traffic = traffic_->counts();
  return counts;
}

}  // namespace attest::ptx
