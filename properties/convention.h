// Conventions that libraries differ in: under which of them an answer is right that ours calls wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "properties/subject.h"

#include <string>
#include <vector>

namespace attest {

/// "causal-tl: the diagonal begins at the first key" and the like, in the order in which they are tried.
[[nodiscard]] std::vector<std::string> all_conventions();

/// The first convention under which the subject's answers lie within the bound, for the failing problem
/// and for a few of other shapes with the same mask; empty: none. The reference is run again with it.
/// `failure` disagrees; a finding is no convention.
[[nodiscard]] std::string convention_of(const CaseResult& failure, const Subject& subject);

}  // namespace attest
