// The hash that tells whether two runs, or two shards of one, were to judge the same.
// SPDX-License-Identifier: Apache-2.0
#include "properties/plan.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): the name that xxhash looks for
#include <memory>
#include <set>
#include <xxhash.h>

namespace attest {
namespace {

class Hash {
 public:
  Hash() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }

  /// The size too: where one text ends is part of what is hashed.
  void add(std::string_view text) {
    const std::uint64_t size = text.size();
    XXH3_128bits_update(state_.get(), &size, sizeof size);
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }
  [[nodiscard]] std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

}  // namespace

std::string digest(const Plan& plan) {
  Hash hash;
  std::set<std::string_view> known;
  for (const PlannedCase& planned : plan.cases) {
    hash.add(replay_line(planned.which));
    if (!planned.known.empty()) hash.add("known: " + planned.known);
    const KernelImage& image =
        planned.kernel != nullptr ? planned.kernel->image : planned.operation->image;
    if (known.insert(image.name).second) hash.add(image.ptx);
  }
  return hash.hex();
}

}  // namespace attest
