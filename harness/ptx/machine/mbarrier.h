// mbarrier: barrier objects in shared memory, in the forms of sm_80: phases and arrivals, without
// transactions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/ordering.h"
#include "harness/ptx/machine/program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

/// The 8 bytes of an object, and the state that an arrival returns: how it was before. Programs
/// must not look inside.
namespace mbarrier {
inline constexpr int kCountBits = 20;
inline constexpr std::uint32_t kMaxCount = (1u << kCountBits) - 1;  // PTX ISA, mbarrier.init
inline constexpr std::uint64_t kMark = 0xaull << 60;
inline constexpr std::uint32_t kPhaseMask = 0xfffff;

constexpr std::uint64_t make(std::uint32_t pending, std::uint32_t expected, std::uint32_t phase) {
  return kMark | std::uint64_t{phase & kPhaseMask} << 2 * kCountBits |
         std::uint64_t{expected} << kCountBits | pending;
}
constexpr std::uint32_t pending(std::uint64_t bits) {
  return static_cast<std::uint32_t>(bits) & kMaxCount;
}
constexpr std::uint32_t expected(std::uint64_t bits) {
  return static_cast<std::uint32_t>(bits >> kCountBits) & kMaxCount;
}
constexpr std::uint32_t phase(std::uint64_t bits) {
  return static_cast<std::uint32_t>(bits >> 2 * kCountBits) & kPhaseMask;
}
}  // namespace mbarrier

/// One arrival: mbarrier.arrive and arrive_drop.
struct MbarrierArrival {
  std::uint32_t count = 1;
  bool drops = false;              // the phases after this one expect fewer
  bool must_not_complete = false;  // .noComplete
  bool releases = true;
};

/// The objects of one block, by their address in shared memory. What is wrong comes back as text.
class Mbarriers {
 public:
  void reset();

  [[nodiscard]] std::string init(std::byte* bytes, std::uint32_t address, std::uint32_t count);
  [[nodiscard]] std::string invalidate(const std::byte* bytes, std::uint32_t address);
  /// `state`: the object before the arrival.
  [[nodiscard]] std::string arrive(std::byte* bytes,
                                   std::uint32_t address,
                                   const MbarrierArrival& arrival,
                                   BlockOrder& order,
                                   std::uint32_t warp,
                                   std::uint64_t* state);
  /// One more arrival is expected in this phase.
  [[nodiscard]] std::string expect_one_more(std::byte* bytes, std::uint32_t address);
  /// The object as it is.
  [[nodiscard]] std::string read(const std::byte* bytes,
                                 std::uint32_t address,
                                 std::uint64_t* state);
  /// The warp has seen a phase complete.
  void learn(std::uint32_t address, BlockOrder& order, std::uint32_t warp);

  /// An arrival of a thread that takes place once the copies that it has issued so far are there.
  struct Deferred {
    std::uint32_t warp = 0;
    std::uint32_t lane = 0;
    std::uint32_t address = 0;
    std::uint32_t issued = 0;
    const Instr* at = nullptr;
  };
  void defer(const Deferred& arrival);
  /// Takes out those for an object, in the order in which they came.
  [[nodiscard]] std::vector<Deferred> take_deferred(std::uint32_t address);

 private:
  struct Object {
    std::uint64_t bits = 0;
    BlockOrder::Gathered arrived;    // in this phase
    BlockOrder::Gathered completed;  // in the phases before
  };
  /// The object whose bytes these are; null, and what is wrong, when there is none.
  [[nodiscard]] Object* find(const std::byte* bytes, std::uint32_t address, std::string* wrong);

  std::unordered_map<std::uint32_t, Object> objects_;
  std::vector<Deferred> deferred_;
};

}  // namespace attest::ptx
