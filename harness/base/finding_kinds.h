// Every FindingKind, to be walked over and named.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"

#include <array>

namespace attest {

inline constexpr std::array kFindingKinds = {FindingKind::out_of_bounds,
                                             FindingKind::misaligned,
                                             FindingKind::uninitialised_read,
                                             FindingKind::undefined_register,
                                             FindingKind::shared_race,
                                             FindingKind::global_race,
                                             FindingKind::nc_write,
                                             FindingKind::async_copy_unwaited,
                                             FindingKind::barrier_divergence,
                                             FindingKind::mbarrier_misuse,
                                             FindingKind::invalid_launch,
                                             FindingKind::no_progress,
                                             FindingKind::memory_limit,
                                             FindingKind::guard_band,
                                             FindingKind::trap,
                                             FindingKind::assertion,
                                             FindingKind::crash,
                                             FindingKind::timeout};

/// The worker that ran the case died or gave no answer: nothing was found in what it computed.
[[nodiscard]] constexpr bool is_of_worker(FindingKind kind) {
  return kind == FindingKind::crash || kind == FindingKind::timeout;
}

}  // namespace attest
