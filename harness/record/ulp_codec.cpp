// Errors in units in the last place to and from JSON; zeros at the end of the classes are left out.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"

namespace attest {
namespace {

Json counts_to_json(const UlpCounts& counts) {
  std::size_t used = kUlpClasses;
  while (used > 0 && counts[used - 1] == 0)
    --used;
  Json json = Json::array();
  for (std::size_t n = 0; n < used; ++n)
    json.push_back(counts[n]);
  return json;
}

UlpCounts counts_field(const Json& json, const char* key) {
  const auto list =
      list_field(json, key, [](const Json& count) { return value_of<std::int64_t>(count); });
  if (list.size() > kUlpClasses) {
    throw DecodeError(std::string(key) + ": " + std::to_string(list.size()) + " classes, at most " +
                      std::to_string(kUlpClasses));
  }
  UlpCounts counts{};
  for (std::size_t n = 0; n < list.size(); ++n)
    counts[n] = list[n];
  return counts;
}

}  // namespace

Json to_json(const UlpRecord& ulps) {
  return {{"kernel", counts_to_json(ulps.kernel)}, {"unfused", counts_to_json(ulps.unfused)}};
}

UlpRecord ulps_from_json(const Json& json) {
  UlpRecord ulps;
  ulps.kernel = counts_field(json, "kernel");
  ulps.unfused = counts_field(json, "unfused");
  return ulps;
}

}  // namespace attest
