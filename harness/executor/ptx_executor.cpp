// Jobs on the interpreter: buffers, launches, the log, and a second run that explains a race.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"

#include "harness/base/check.h"
#include "harness/executor/job_checks.h"
#include "harness/executor/program_cache.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/memory/global_memory.h"

#include <algorithm>
#include <utility>

namespace attest {
namespace {

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
    // Else two answers of one executor would pass for agreement.
    if (job.mode.device != Device::ptx) {
      return Error{Code::unsupported, "the job is for another device than ptx", ""};
    }
    if (!job.calls.empty()) return Error{Code::unsupported, "cuBLAS needs a GPU", ""};
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
      check_contents(b);
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
      const bool is_kept = is_returned(job.buffers[n].role);
      execution.buffers.emplace_back(a.data, is_kept ? a.data + a.size_bytes : a.data);
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
    record.step = static_cast<std::int64_t>(execution->launches.size());
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
