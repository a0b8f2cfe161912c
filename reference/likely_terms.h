// The sums of squares that the probabilistic bound is made of, row by row. Within the reference.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "harness/problem/terms.h"
#include "reference/attention_row.h"

#include <cstddef>

namespace attest {

[[nodiscard]] LikelyTerms empty_likely_terms(const Problem& problem);

/// The terms of row `at`, which has keys, once its weights and its part of terms.o are known.
void add_likely_row(const Problem& problem,
                    const KeysAndValues& kv,
                    const RowWork& work,
                    std::size_t at,
                    ReferenceTerms& terms);

}  // namespace attest
