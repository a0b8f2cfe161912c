// For tests of the judge: scalar models of correct fused kernels, and the terms written out
// plainly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/arithmetic.h"
#include "harness/problem/data.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"

#include <cstdint>

namespace attest {

/// Which way the exp of the model leans by its declared error; the argument 0 gives 1 always.
enum class ExpError : std::uint8_t { none, up, down, by_sign_of_v };

struct FlashModel {
  Arithmetic arithmetic;
  std::int64_t block = 0;  // tensor core: products per block; 0 is a chain of f32 fma
  int fraction = 0;        // tensor core: bits kept below the largest exponent of a block
  ExpError exp_error = ExpError::none;
  bool drops_last_key = false;  // the fault: P*V leaves out key seq_kv - 1
};

/// Masks that both functions know: causal and padding, in conjunction.
[[nodiscard]] Outputs run_flash_model(const FlashModel& model,
                                      const Problem& problem,
                                      const Inputs& inputs);
/// ReferenceTerms from their definitions, in double, with the C library's exp and log.
[[nodiscard]] ReferenceTerms plain_terms(const Problem& problem, const Inputs& inputs);

}  // namespace attest
