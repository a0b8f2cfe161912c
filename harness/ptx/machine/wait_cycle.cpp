// Brent's search for a cycle, over hashes of a warp's state.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/wait_cycle.h"

#include "harness/base/rng.h"
#include "harness/ptx/machine/cta.h"

#include <cstring>

namespace attest::ptx {
namespace {

class StateHash {
 public:
  void add(std::uint64_t word) { state_ = mix64(state_ ^ word) + word; }
  /// Four sums side by side: a multiplication's latency is not waited for.
  void add(const std::byte* bytes, std::size_t count) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;
    std::uint64_t sums[4] = {1, 2, 3, 4};
    std::size_t at = 0;
    for (; at + sizeof sums <= count; at += sizeof sums) {
      for (std::size_t n = 0; n < 4; ++n) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at + n * sizeof word, sizeof word);
        const std::uint64_t x = (sums[n] ^ word) * kOdd;
        sums[n] = x ^ (x >> 32);
      }
    }
    for (; at < count; ++at)
      sums[0] = (sums[0] ^ std::to_integer<std::uint64_t>(bytes[at])) * kOdd;
    for (const std::uint64_t sum : sums)
      add(sum);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0;
};

std::uint64_t place(const Instr* i) {
  return reinterpret_cast<std::uintptr_t>(i);
}

}  // namespace

bool WaitCycle::observe(std::uint64_t epoch, std::uint64_t state) {
  if (epoch != epoch_) {
    epoch_ = epoch;
    saved_ = state;
    steps_ = 0;
    limit_ = 1;
    is_closed_ = false;
    return false;
  }
  if (is_closed_ || state == saved_) return is_closed_ = true;
  if (++steps_ == limit_) {
    saved_ = state;
    steps_ = 0;
    limit_ *= 2;
  }
  return false;
}

std::uint64_t state_of(const Warp& w) {
  const Program& program = w.cta->grid().program();
  StateHash hash;
  hash.add(w.rows, static_cast<std::size_t>(program.row_bytes));
  for (std::uint32_t n = 0; n < program.predicate_count; ++n)
    hash.add(w.predicates[n]);
  hash.add(std::uint64_t{w.active} << 32 | w.live);
  hash.add(place(w.resume));
  for (const LaneSubset& s : w.pending) {
    hash.add(place(s.at));
    hash.add(std::uint64_t{s.lanes} << 2 | std::uint64_t{s.is_waiting} << 1 |
             std::uint64_t{s.is_polling});
  }
  return hash.value();
}

}  // namespace attest::ptx
