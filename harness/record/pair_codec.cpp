// Pairs of axis values to and from JSON.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"

namespace attest {

Json to_json(const PairRecord& pairs) {
  return {{"kernel", pairs.kernel},
          {"dtype", name(pairs.dtype)},
          {"possible", pairs.possible},
          {"met", pairs.met},
          {"empty", pairs.empty}};
}

PairRecord pairs_from_json(const Json& json) {
  PairRecord pairs;
  pairs.kernel = field<std::string>(json, "kernel");
  auto dtype = parse_dtype(field<std::string>(json, "dtype"));
  if (!dtype) throw DecodeError(dtype.error().to_string());
  pairs.dtype = *dtype;
  pairs.possible = field<std::int64_t>(json, "possible");
  pairs.met = field<std::int64_t>(json, "met");
  pairs.empty = field<std::vector<std::string>>(json, "empty");
  return pairs;
}

}  // namespace attest
