// Oracle eigen: the reference itself.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"
#include "reference/attention.h"
#include "reference/oracle/oracle.h"

namespace attest {
namespace {

Result<Opinion> run(const Problem& problem) {
  ReferenceTerms terms = reference_attention(problem, draw_inputs(problem));
  return Opinion{"reference", std::move(terms.o), std::move(terms.lse)};
}

}  // namespace

Oracle oracle_eigen() {
  return {"eigen",
          "softmax attention in double, from the formula; gives the terms of the bound",
          [] { return true; },
          [](const Problem&) { return std::optional<std::string>(); },
          run};
}

}  // namespace attest
