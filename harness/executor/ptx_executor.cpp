// Jobs on the interpreter: buffers, launches, the log, and a second run that explains a race.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"

#include "harness/base/check.h"
#include "harness/executor/program_cache.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/memory/global_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace attest {
namespace {

constexpr std::size_t kAddressBytes = 8;

/// The launch with device addresses in its parameter block.
Result<Launch> with_addresses(const Launch& launch, const std::vector<std::uint64_t>& bases) {
  Launch bound = launch;
  for (const Relocation& r : launch.relocations) {
    const bool fits =
        r.parameter_offset >= 0 &&
        static_cast<std::size_t>(r.parameter_offset) + kAddressBytes <= bound.parameters.size();
    if (!fits || r.buffer < 0 || static_cast<std::size_t>(r.buffer) >= bases.size()) {
      return Error{Code::bad_input,
                   "a relocation is outside the parameter block or names no buffer",
                   launch.entry};
    }
    const std::uint64_t address =
        bases[static_cast<std::size_t>(r.buffer)] + static_cast<std::uint64_t>(r.byte_offset);
    std::memcpy(bound.parameters.data() + r.parameter_offset, &address, kAddressBytes);
  }
  return bound;
}

std::optional<Finding> over_memory_limit(const Job& job) {
  std::int64_t total = 0;
  for (const BufferSpec& b : job.buffers) {
    total += b.size_bytes;
    if (b.size_bytes <= job.limits.memory_bytes && total <= job.limits.memory_bytes) continue;
    Finding f;
    f.kind = FindingKind::memory_limit;
    f.allocation = b.name;
    f.message = "the buffers up to '" + b.name + "' need more than " +
                std::to_string(job.limits.memory_bytes) + " bytes";
    return f;
  }
  return std::nullopt;
}

ptx::ApproxMode approx_mode(Approx approx) {
  switch (approx) {
    case Approx::cr:
      return ptx::ApproxMode::nearest;
    case Approx::low:
      return ptx::ApproxMode::low;
    case Approx::high:
      return ptx::ApproxMode::high;
    case Approx::random:
      return ptx::ApproxMode::random;
  }
  fail_check("the approx mode is known", __FILE__, __LINE__);
}

ptx::DecodeOptions decode_options(const Mode& mode) {
  ptx::DecodeOptions options;
  options.arch = mode.arch;
  options.mma = mode.mma == MmaBits::fast ? ptx::MmaMode::fast : ptx::MmaMode::exact;
  options.approx = approx_mode(mode.approx);
  options.contracts = mode.contract == Contract::on;
  return options;
}

/// A race is found without knowing where the other side was; a slower run of the same job knows.
bool needs_sites(const Execution& execution) {
  return std::any_of(execution.findings.begin(), execution.findings.end(), [](const Finding& f) {
    return f.other && f.other->site == CodeSite{};
  });
}

class PtxExecutor final : public Executor {
 public:
  Result<Execution> run(const Job& job) override {
    ATTEST_TRY(Execution execution, run_once(job, false));
    if (!needs_sites(execution)) return execution;
    ATTEST_TRY(Execution explained, run_once(job, true));
    return explained.findings.empty() ? std::move(execution) : std::move(explained);
  }

 private:
  static Result<Execution> run_once(const Job& job, bool keeps_sites) {
    Execution execution;
    if (auto finding = over_memory_limit(job)) {
      execution.findings.push_back(std::move(*finding));
      return execution;
    }
    ptx::GlobalMemory memory(job.limits.memory_bytes);
    std::vector<std::uint64_t> bases;
    for (const BufferSpec& b : job.buffers) {
      const bool has_contents = b.role == BufferRole::input || b.role == BufferRole::update;
      ATTEST_CHECK(static_cast<std::int64_t>(b.contents.size()) ==
                   (has_contents ? b.size_bytes : 0));
      const bool is_writable = b.role != BufferRole::input;
      bases.push_back(memory.allocate(
          b.name, b.size_bytes, b.skew_bytes, b.contents, is_writable, std::byte{job.dirt}));
    }
    for (const Launch& launch : job.launches) {
      ATTEST_TRY(const bool goes_on,
                 run_launch(job, launch, bases, keeps_sites, memory, &execution));
      if (!goes_on) break;
    }
    for (std::size_t n = 0; n < job.buffers.size(); ++n) {
      const ptx::Allocation& a = memory.allocations()[n];
      const BufferRole role = job.buffers[n].role;
      const bool is_output = role == BufferRole::output || role == BufferRole::update;
      execution.buffers.emplace_back(a.data, is_output ? a.data + a.size_bytes : a.data);
    }
    return execution;
  }

  /// False when a finding ended the job.
  static Result<bool> run_launch(const Job& job,
                                 const Launch& launch,
                                 const std::vector<std::uint64_t>& bases,
                                 bool keeps_sites,
                                 ptx::GlobalMemory& memory,
                                 Execution* execution) {
    ATTEST_TRY(
        const auto program,
        ProgramCache::instance().program(launch.image, launch.entry, decode_options(job.mode)));
    ATTEST_TRY(const Launch bound, with_addresses(launch, bases));
    ptx::LaunchOptions options;
    options.schedule = job.mode.schedule;
    options.max_warp_instructions = job.limits.warp_instructions;
    options.is_checked = job.checks;
    options.keeps_sites = keeps_sites;
    options.counts_traffic = job.counts_traffic;
    options.max_resident_bytes = job.limits.memory_bytes;
    ptx::Grid grid(*program, bound, memory, options);
    auto finding = grid.run();
    LaunchRecord record;
    record.kernel = launch.entry;
    record.grid = launch.grid;
    record.block = launch.block;
    record.shared_bytes = grid.shared_bytes();
    record.counts = grid.counts();
    if (job.counts_traffic) record.counts.traffic.buffers.resize(job.buffers.size());
    record.printed = grid.printed();
    execution->launches.push_back(record);
    if (!finding) return true;
    execution->findings.push_back(std::move(*finding));
    return false;
  }
};

}  // namespace

std::unique_ptr<Executor> make_ptx_executor() {
  return std::make_unique<PtxExecutor>();
}

Result<std::string> effective_arch(const KernelImage& image, const Mode& mode) {
  if (!mode.arch.empty()) return mode.arch;
  return ProgramCache::instance().target(image);
}

}  // namespace attest
