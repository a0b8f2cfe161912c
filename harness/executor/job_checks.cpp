// Limits, addresses and contents of a job.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/job_checks.h"

#include "harness/base/check.h"

#include <cstring>
#include <string>

namespace attest {
namespace {

constexpr std::size_t kAddressBytes = 8;

}  // namespace

bool has_contents(BufferRole role) {
  return role == BufferRole::input || role == BufferRole::update;
}

bool is_returned(BufferRole role) {
  return role == BufferRole::output || role == BufferRole::update;
}

void check_contents(const BufferSpec& buffer) {
  ATTEST_CHECK(static_cast<std::int64_t>(buffer.contents.size()) ==
               (has_contents(buffer.role) ? buffer.size_bytes : 0));
}

std::vector<JobStep> steps_of(const Job& job) {
  std::vector<JobStep> steps;
  auto call = job.calls.begin();
  const auto add_calls = [&](std::size_t launches) {
    for (; call != job.calls.end(); ++call) {
      const bool waits = call->after_launches > static_cast<std::int64_t>(launches);
      if (waits && launches < job.launches.size()) return;
      steps.emplace_back(&*call);
    }
  };
  for (std::size_t n = 0; n < job.launches.size(); ++n) {
    add_calls(n);
    steps.emplace_back(&job.launches[n]);
  }
  add_calls(job.launches.size());
  return steps;
}

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

}  // namespace attest
