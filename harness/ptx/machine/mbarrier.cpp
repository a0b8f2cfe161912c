// Phases and arrivals of mbarriers, and what is a misuse of one.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mbarrier.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace attest::ptx {
namespace {

constexpr std::size_t kWarpLanes = 32;

std::string outside(const char* what, std::uint64_t count) {
  return std::string(what) + " of " + std::to_string(count) + " is outside 1.." +
         std::to_string(mbarrier::kMaxCount);
}

void store(std::byte* bytes, std::uint64_t bits) {
  std::memcpy(bytes, &bits, sizeof bits);
}

}  // namespace

void Mbarriers::reset() {
  if (!objects_.empty()) objects_.clear();
  deferred_.clear();
}

void Mbarriers::defer(const Deferred& arrival) {
  deferred_.push_back(arrival);
}

Mbarriers::Object* Mbarriers::find(const std::byte* bytes,
                                   std::uint32_t address,
                                   std::string* wrong) {
  const auto found = objects_.find(address);
  if (found == objects_.end()) {
    *wrong = "no mbarrier was initialised here";
    return nullptr;
  }
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  if (bits == found->second.bits) return &found->second;
  *wrong = "other instructions have changed the mbarrier's bytes";
  return nullptr;
}

std::string Mbarriers::init(std::byte* bytes, std::uint32_t address, std::uint32_t count) {
  if (count == 0 || count > mbarrier::kMaxCount) return outside("an expected arrival count", count);
  std::string wrong;
  if (find(bytes, address, &wrong) != nullptr)
    return "there is an mbarrier here that is still valid";
  Object object;
  object.bits = mbarrier::make(count, count, 0);
  store(bytes, object.bits);
  objects_[address] = std::move(object);
  return "";
}

std::string Mbarriers::invalidate(const std::byte* bytes, std::uint32_t address) {
  std::string wrong;
  if (find(bytes, address, &wrong) == nullptr) return wrong;
  objects_.erase(address);
  (void)take_deferred(address);
  return wrong;
}

std::string Mbarriers::read(const std::byte* bytes, std::uint32_t address, std::uint64_t* state) {
  std::string wrong;
  if (const Object* object = find(bytes, address, &wrong)) *state = object->bits;
  return wrong;
}

std::string Mbarriers::arrive(std::byte* bytes,
                              std::uint32_t address,
                              const MbarrierArrival& arrival,
                              BlockOrder& order,
                              std::uint32_t warp,
                              std::uint64_t* state) {
  std::string wrong;
  Object* object = find(bytes, address, &wrong);
  if (object == nullptr) return wrong;
  *state = object->bits;
  if (arrival.count == 0 || arrival.count > mbarrier::kMaxCount)
    return outside("an arrival count", arrival.count);
  std::uint32_t pending = mbarrier::pending(object->bits);
  std::uint32_t expected = mbarrier::expected(object->bits);
  std::uint32_t phase = mbarrier::phase(object->bits);
  if (arrival.count > pending) {
    return "an arrival count of " + std::to_string(arrival.count) + ", where " +
           std::to_string(pending) + " are pending";
  }
  if (arrival.drops && arrival.count > expected) {
    return "a drop of " + std::to_string(arrival.count) + ", where " + std::to_string(expected) +
           " are expected";
  }
  pending -= arrival.count;
  if (arrival.drops) expected -= arrival.count;
  if (pending == 0 && arrival.must_not_complete) return "a .noComplete arrival completes the phase";
  if (arrival.releases) order.gather(warp, &object->arrived);
  if (pending == 0) {
    object->completed = std::exchange(object->arrived, {});
    pending = expected;
    ++phase;
  }
  object->bits = mbarrier::make(pending, expected, phase);
  store(bytes, object->bits);
  return "";
}

std::string Mbarriers::expect_one_more(std::byte* bytes, std::uint32_t address) {
  std::string wrong;
  Object* object = find(bytes, address, &wrong);
  if (object == nullptr) return wrong;
  const std::uint32_t pending = mbarrier::pending(object->bits);
  if (pending == mbarrier::kMaxCount) return outside("a pending count", std::uint64_t{pending} + 1);
  object->bits =
      mbarrier::make(pending + 1, mbarrier::expected(object->bits), mbarrier::phase(object->bits));
  store(bytes, object->bits);
  return "";
}

void Mbarriers::learn(std::uint32_t address, BlockOrder& order, std::uint32_t warp) {
  const auto found = objects_.find(address);
  if (found != objects_.end()) order.learn(warp, found->second.completed);
}

std::vector<Mbarriers::Deferred> Mbarriers::take_deferred(std::uint32_t address) {
  const auto others = std::stable_partition(
      deferred_.begin(), deferred_.end(), [=](const Deferred& d) { return d.address != address; });
  std::vector<Deferred> taken(others, deferred_.end());
  deferred_.erase(others, deferred_.end());
  return taken;
}

}  // namespace attest::ptx
