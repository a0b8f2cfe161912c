// Vector clocks as sorted lists.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/vector_clock.h"

#include <algorithm>

namespace attest::ptx {

std::vector<VectorClock::Entry>::const_iterator VectorClock::lower(std::uint64_t key) const {
  return std::lower_bound(
      entries_.begin(), entries_.end(), key, [](const Entry& e, std::uint64_t k) {
        return e.key < k;
      });
}

void VectorClock::learn_everything() {
  knows_everything_ = true;
  entries_.clear();
}

void VectorClock::learn_key(std::uint64_t key, std::uint32_t time) {
  if (knows_everything_) return;
  const auto at = entries_.begin() + (lower(key) - entries_.cbegin());
  if (at != entries_.end() && at->key == key) {
    at->time = std::max(at->time, time);
    return;
  }
  entries_.insert(at, {key, time});
  if (entries_.size() > kMaxEntries) learn_everything();
}

void VectorClock::join(const VectorClock& other) {
  if (knows_everything_ || other.knows_everything_) return learn_everything();
  std::vector<Entry> both;
  both.reserve(entries_.size() + other.entries_.size());
  auto a = entries_.cbegin();
  auto b = other.entries_.cbegin();
  while (a != entries_.cend() && b != other.entries_.cend()) {
    if (a->key == b->key) {
      both.push_back({a->key, std::max(a->time, b->time)});
      ++a;
      ++b;
    } else {
      both.push_back(a->key < b->key ? *a++ : *b++);
    }
  }
  both.insert(both.end(), a, entries_.cend());
  both.insert(both.end(), b, other.entries_.cend());
  entries_ = std::move(both);
  if (entries_.size() > kMaxEntries) learn_everything();
}

bool VectorClock::covers(std::uint32_t block, std::uint32_t warp, std::uint32_t time) const {
  if (knows_everything_) return true;
  auto e = lower(floor_key(block));
  if (e == entries_.end()) return false;
  if (e->key == floor_key(block)) {
    if (time < e->time) return true;
    ++e;
  }
  e = std::lower_bound(e, entries_.end(), key(block, warp), [](const Entry& x, std::uint64_t k) {
    return x.key < k;
  });
  return e != entries_.end() && e->key == key(block, warp) && time < e->time;
}

bool VectorClock::may_cover(std::uint32_t block, std::uint32_t time) const {
  if (knows_everything_) return true;
  for (auto e = lower(floor_key(block)); e != entries_.end() && e->key >> kWarpBits == block; ++e) {
    if (time < e->time) return true;
  }
  return false;
}

bool VectorClock::covers(const VectorClock& other) const {
  if (knows_everything_) return true;
  if (other.knows_everything_) return false;
  auto mine = entries_.begin();
  for (const Entry& e : other.entries_) {
    while (mine != entries_.end() && mine->key < e.key)
      ++mine;
    if (mine == entries_.end() || mine->key != e.key || mine->time < e.time) return false;
  }
  return true;
}

SharedClock joined(const SharedClock& a, const SharedClock& b) {
  if (a == nullptr || a == b) return b;
  if (b == nullptr || a->covers(*b)) return a;
  if (b->covers(*a)) return b;
  auto both = std::make_shared<VectorClock>(*a);
  both->join(*b);
  return both;
}

}  // namespace attest::ptx
