// Launch validation, the order of CTAs, and counts.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/grid.h"

#include "harness/base/rng.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <algorithm>
#include <utility>

namespace attest::ptx {
namespace {

// A CTA runs this many warp instructions before a CTA that waits to become resident gets a turn.
constexpr std::int64_t kCtaSlice = 4'000'000;
constexpr std::size_t kMaxResident = 64;
constexpr std::uint64_t kMaxShuffledBlocks = 1 << 20;
constexpr std::int64_t kMaxStaticShared = 48 * 1024;
constexpr std::int64_t kMaxLocalBytes = std::int64_t{64} << 20;  // of a block

/// Shared memory that a block may use on this target. CUDA C++ Programming Guide, compute
/// capabilities, "maximum amount of shared memory per thread block".
std::int64_t max_shared_bytes(int sm) {
  if (sm < 75) return 96 * 1024;
  if (sm < 80) return 64 * 1024;
  if (sm == 86 || sm == 89 || sm >= 120) return 99 * 1024;
  return sm < 90 ? 163 * 1024 : 227 * 1024;
}

std::uint64_t product(const Dim3& d) {
  return std::uint64_t{d.x} * d.y * d.z;
}

std::string text(const Dim3& d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

}  // namespace

Grid::Grid(const Program& program,
           const Launch& launch,
           GlobalMemory& memory,
           const LaunchOptions& options)
    : program_(program), launch_(launch), memory_(memory), options_(options) {
  block_counts_.resize(program.blocks.size());
  block_totals_.resize(program.blocks.size());
  last_allocations_.resize(program.code.size());
}

Grid::~Grid() = default;

void Grid::report(Finding finding) {
  if (!finding_) finding_ = std::move(finding);
}

std::optional<Finding> Grid::validate() const {
  const Dim3& g = launch_.grid;
  const Dim3& b = launch_.block;
  const std::int64_t limit = std::max(max_shared_bytes(program_.sm), options_.max_shared_bytes);
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
  } else if (launch_.dynamic_shared_bytes < 0 || shared_bytes() > limit) {
    why = "shared memory of " + std::to_string(shared_bytes()) + " bytes exceeds " +
          std::to_string(limit);
  } else if (static_cast<std::int64_t>(launch_.parameters.size()) != program_.parameter_bytes) {
    why = "parameter block of " + std::to_string(launch_.parameters.size()) +
          " bytes, the entry takes " + std::to_string(program_.parameter_bytes);
  } else {
    return std::nullopt;
  }
  Finding finding;
  finding.kind = FindingKind::invalid_launch;
  finding.kernel = program_.entry;
  finding.message = why;
  return finding;
}

/// The nth block in order: ascending, or a permutation that the schedule's seed gives.
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
  Finding finding;
  finding.kind = FindingKind::memory_limit;
  finding.kernel = program_.entry;
  finding.message = "the .global and .const variables of '" + program_.source +
                    "' do not fit the memory that is left";
  return finding;
}

std::optional<Finding> Grid::run() {
  if (auto invalid = validate()) return invalid;
  if (auto limit = place_variables()) return limit;
  const std::uint64_t total = product(launch_.grid);
  std::vector<std::uint32_t> order;
  if (options_.schedule != 0 && total <= kMaxShuffledBlocks) {
    for (std::uint32_t n = 0; n < total; ++n)
      order.push_back(n);
    for (std::size_t n = order.size(); n > 1; --n) {
      std::swap(order[n - 1], order[random_bits(options_.schedule, total, n) % n]);
    }
  }
  const auto start = [&](Cta& cta, std::uint64_t nth) {
    const std::uint64_t linear = order.empty() ? nth : order[nth];
    cta.start(block_index(linear), linear);
  };

  // One CTA at a time, unless it waits for others: then more become resident and take turns.
  std::vector<std::unique_ptr<Cta>> resident;
  resident.push_back(std::make_unique<Cta>(*this));
  start(*resident[0], 0);
  std::uint64_t launched = 1;
  std::int64_t left = options_.max_warp_instructions;
  for (std::size_t turn = 0; !resident.empty();) {
    Cta& cta = *resident[turn];
    std::int64_t budget = std::min(kCtaSlice, left);
    const std::int64_t before = budget;
    const Cta::Outcome outcome = cta.run(&budget);
    left -= before - budget;
    fold_counts();
    if (outcome == Cta::Outcome::faulted) return finding_;
    const bool is_last = resident.size() == 1 && launched == total;
    if (left <= 0 && !(outcome == Cta::Outcome::finished && is_last)) {
      report_no_progress(cta);
      return finding_;
    }
    if (outcome == Cta::Outcome::finished) {
      if (launched < total) {
        start(cta, launched++);
      } else {
        resident.erase(resident.begin() + static_cast<std::ptrdiff_t>(turn));
        if (turn == resident.size()) turn = 0;
      }
      continue;
    }
    if (launched < total && resident.size() < kMaxResident) {
      resident.push_back(std::make_unique<Cta>(*this));
      start(*resident.back(), launched++);
    }
    turn = (turn + 1) % resident.size();
  }
  return std::nullopt;
}

void Grid::report_no_progress(Cta& cta) {
  const auto is_live = [](const Warp& w) { return w.state != WarpState::done; };
  const auto found = std::find_if(cta.warps().begin(), cta.warps().end(), is_live);
  Warp& w = found == cta.warps().end() ? cta.warps().front() : *found;
  ptx::report(w,
              w.resume,
              w.live == 0 ? 0 : __builtin_ctz(w.live),
              FindingKind::no_progress,
              "the launch did not end within " + std::to_string(options_.max_warp_instructions) +
                  " warp instructions");
}

void Grid::fold_counts() {
  for (std::size_t n = 0; n < block_counts_.size(); ++n) {
    block_totals_[n] += block_counts_[n];
    block_counts_[n] = 0;
  }
}

LaunchCounts Grid::counts() const {
  LaunchCounts counts;
  for (std::size_t n = 0; n < block_totals_.size(); ++n) {
    counts.warp_instructions += block_totals_[n] * program_.blocks[n].instructions;
    counts.mma_instructions += block_totals_[n] * program_.blocks[n].mma;
    counts.barriers += block_totals_[n] * program_.blocks[n].barriers;
  }
  return counts;
}

}  // namespace attest::ptx
