// What every executor asks of a job before it runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace attest {

/// Finding memory_limit when the buffers together need more than Limits::memory_bytes.
[[nodiscard]] std::optional<Finding> over_memory_limit(const Job& job);

/// What a job does, in order; a call waits for as many launches as it says, or for all.
using JobStep = std::variant<const Launch*, const BlasCall*>;
[[nodiscard]] std::vector<JobStep> steps_of(const Job& job);

/// The launch with device addresses in its parameter block; `bases` by buffer.
/// Errors  Code::bad_input for a relocation outside the block or of no buffer.
Result<Launch> with_addresses(const Launch& launch, const std::vector<std::uint64_t>& bases);

/// The bytes of a buffer that a job must bring, checked: ATTEST_CHECK of BufferSpec's contract.
void check_contents(const BufferSpec& buffer);
[[nodiscard]] bool has_contents(BufferRole role);
[[nodiscard]] bool is_returned(BufferRole role);

}  // namespace attest
