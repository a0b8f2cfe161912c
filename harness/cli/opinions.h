// Opinions: what every oracle says where a kernel is wrong, and who stands alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "properties/subject.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

/// One value, and whose it is. Nothing where there is none, with the reason.
struct OpinionAt {
  std::string who;
  std::optional<double> value;
  std::string reason;
};

/// Who is nearer to the kernel than to the reference: "the kernel stands alone", "eigen stands alone",
/// "unfused, cudnn side with eigen", or that there is no third.
[[nodiscard]] std::string who_stands_alone(double kernel,
                                           double eigen,
                                           const std::vector<OpinionAt>& others);

/// Lines for a card: asks the subject about the failing problem once more, and all oracles about the
/// element of O that is furthest beyond its bound. None where it agrees, or has a finding.
[[nodiscard]] std::vector<std::string> opinions(const CaseResult& failure, const Subject& subject);

/// The same in words, of eigen and unfused alone; empty where there is nothing to say.
[[nodiscard]] std::string unfused_opinion(const CaseResult& failure, const Subject& subject);

}  // namespace attest
