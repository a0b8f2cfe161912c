// Allocation, bands and what was written where nothing may be written.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/guarded_buffer.h"

#include "harness/executor/job_checks.h"

#include <algorithm>

namespace attest::cuda {
namespace {

constexpr std::byte kGuard{0xff};
constexpr CUdeviceptr kAlignment = 256;

std::size_t unsigned_of(std::int64_t bytes) {
  return static_cast<std::size_t>(bytes);
}

}  // namespace

Result<GuardedBuffer> GuardedBuffer::create(const Driver& driver,
                                            const BufferSpec& spec,
                                            std::uint8_t dirt) {
  const auto guard = unsigned_of(kGuardBytes);
  const std::size_t all =
      2 * guard + kAlignment + unsigned_of(spec.skew_bytes) + unsigned_of(spec.size_bytes);
  ATTEST_TRY(DeviceMemory memory, allocate(driver, all));
  GuardedBuffer buffer(driver, spec, std::move(memory));
  const CUdeviceptr start = buffer.memory_.get();
  const CUdeviceptr aligned = (start + guard + kAlignment - 1) / kAlignment * kAlignment;
  buffer.base_ = aligned + static_cast<CUdeviceptr>(spec.skew_bytes);
  ATTEST_TRY([[maybe_unused]] const Done banded,
             fill(driver, start, std::to_integer<unsigned char>(kGuard), all));
  if (has_contents(spec.role)) {
    ATTEST_TRY([[maybe_unused]] const Done copied, copy_in(driver, buffer.base_, spec.contents));
  } else {
    ATTEST_TRY([[maybe_unused]] const Done filled,
               fill(driver, buffer.base_, dirt, unsigned_of(spec.size_bytes)));
  }
  return buffer;
}

Result<std::optional<Finding>> GuardedBuffer::changed(const std::string& kernel) const {
  const std::int64_t size = spec_->size_bytes;
  const bool is_input = spec_->role == BufferRole::input;
  // What lies from `first` on, relative to the base, must be `expected`; an input is looked at whole.
  const auto look = [&](std::int64_t first,
                        std::span<const std::byte> expected) -> Result<std::optional<Finding>> {
    std::vector<std::byte> got(expected.size());
    const CUdeviceptr from = base_ + static_cast<CUdeviceptr>(first);
    ATTEST_TRY([[maybe_unused]] const Done copied, copy_out(*driver_, got, from));
    const auto [wrong, ignored] = std::mismatch(got.begin(), got.end(), expected.begin());
    if (wrong == got.end()) return std::optional<Finding>();
    auto end = wrong;
    while (end != got.end() && *end != expected[static_cast<std::size_t>(end - got.begin())])
      ++end;
    const std::int64_t at = first + (wrong - got.begin());
    Finding f;
    f.kind = FindingKind::out_of_bounds;
    f.kernel = kernel;
    f.party.access = Access::write;
    f.space = Space::global;
    f.address = base_ + static_cast<CUdeviceptr>(at);
    f.size_bytes = end - wrong;
    f.allocation = spec_->name;
    f.distance_bytes = at < 0 ? at : std::max<std::int64_t>(0, at - size + 1);
    f.message = "bytes there were changed; the thread is not known";
    return std::optional(f);
  };
  const std::vector<std::byte> band(unsigned_of(kGuardBytes), kGuard);
  ATTEST_TRY(auto before, look(-kGuardBytes, band));
  if (before) return before;
  ATTEST_TRY(auto after, look(size, band));
  if (after || !is_input) return after;
  return look(0, spec_->contents);
}

Result<std::vector<std::byte>> GuardedBuffer::contents() const {
  std::vector<std::byte> bytes;
  if (!is_returned(spec_->role)) return bytes;
  bytes.resize(unsigned_of(spec_->size_bytes));
  ATTEST_TRY([[maybe_unused]] const Done copied, copy_out(*driver_, bytes, base_));
  return bytes;
}

}  // namespace attest::cuda
