// Chooser: draws from RapidCheck's generators, each part from its own split of the random source.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace attest {

class Chooser {
 public:
  explicit Chooser(std::uint64_t seed) : random_(seed) {}

  template <class T>
  T pick(const rc::Gen<T>& generator) {
    const rc::Random part = random_.split();
    return generator(part).value();
  }
  /// `percent` of the time.
  bool chance(int percent) { return pick(rc::gen::inRange(0, 100)) < percent; }
  /// Both ends inclusive.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return pick(rc::gen::inRange<std::int64_t>(least, std::max(least, most) + 1));
  }
  template <class T>
  T any_of(std::initializer_list<T> values) {
    return pick(rc::gen::elementOf(std::vector<T>(values)));
  }
  std::uint64_t bits() { return random_.split().next(); }

 private:
  rc::Random random_;
};

}  // namespace attest
