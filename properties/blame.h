// Blame: which stage of a kernel a failure comes from, found by asking the kernel easier questions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "properties/subject.h"

namespace attest {

/// Runs the subject on problems made from the failing one and says which of its stages (scores, mask,
/// softmax, P*V, merge, store) is the first that departs from the reference; never by reading it.
/// Some twenty runs, none larger than the case. Of attention only; `failure` failed.
[[nodiscard]] Diagnosis blame(const CaseResult& failure, const Subject& subject);

/// The same, and the convention under which the subject is right, if any.
[[nodiscard]] Diagnosis diagnose(const CaseResult& failure, const Subject& subject);

}  // namespace attest
