// The basic blocks of one function, and where control goes from each; sets of its registers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/undefined_registers.h"
#include "harness/ptx/machine/program.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace attest::ptx {

/// A set of numbers below a count.
class Bits {
 public:
  explicit Bits(std::size_t count, bool value = false)
      : words_((count + 63) / 64, value ? ~0ull : 0ull) {}
  [[nodiscard]] bool get(std::size_t n) const { return (words_[n / 64] >> (n % 64) & 1) != 0; }
  void set(std::size_t n, bool value) {
    const std::uint64_t bit = 1ull << (n % 64);
    words_[n / 64] = value ? words_[n / 64] | bit : words_[n / 64] & ~bit;
  }
  /// True when that changed anything.
  bool add(const Bits& other) {
    bool changed = false;
    for (std::size_t n = 0; n < words_.size(); ++n) {
      changed |= (other.words_[n] & ~words_[n]) != 0;
      words_[n] |= other.words_[n];
    }
    return changed;
  }

 private:
  std::vector<std::uint64_t> words_;
};

/// `elements` goes with Program::code, whose pointers are set.
class FlowGraph {
 public:
  FlowGraph(const std::vector<Element>& elements, const Body& body, const Program& program);

  [[nodiscard]] std::size_t blocks() const { return starts_.size(); }
  /// Code index of a block's leader, and behind its last instruction.
  [[nodiscard]] std::size_t begin_of(std::size_t block) const { return starts_[block]; }
  [[nodiscard]] std::size_t end_of(std::size_t block) const {
    return block + 1 < starts_.size() ? starts_[block + 1] : body_.end;
  }
  [[nodiscard]] std::vector<std::size_t> followers(std::size_t block) const;

 private:
  [[nodiscard]] std::size_t block_at(std::size_t leader) const;

  const std::vector<Element>& elements_;
  const Body& body_;
  const Program& program_;
  std::vector<std::size_t> starts_;  // leaders
};

}  // namespace attest::ptx
