// DivergenceRecord: the worst element of a disagreement, in the judge's words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace attest {

struct DivergenceRecord {
  std::string tier;
  std::string tensor;
  std::array<std::int64_t, 4> index{};
  double got = 0;
  double want = 0;
  double bound = 0;
  std::uint32_t got_bits = 0;
  std::uint32_t want_bits = 0;
  std::int64_t wrong = 0;
  std::int64_t total = 0;
  std::string pattern;
  std::string bound_terms;
};

}  // namespace attest
