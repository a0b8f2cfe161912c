// Matrices for the tests of mma kernels: drawn from a seed, of kinds that break such code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/rng.h"
#include "harness/ptx/machine/mma_model.h"

#include <array>
#include <cstdint>

namespace attest::ptx {

/// Numbers in a row from one seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  /// Uniform in [0, count).
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((random_bits(seed_, 0, next_++) >> 32) * count) >> 32);
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_bits(seed_, 0, next_++)); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  /// Near enough to N(0,1): twelve uniforms.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      sum += static_cast<double>(word()) * 0x1p-32;
    }
    return sum;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

enum class Data {
  normal,
  raw,
  window,
  tiny,
  all_ones,
  rare_special,
  wide_negative,
  cancelling,
  just_under_two,
};
enum class Addend {
  zero,
  normal,
  raw,
  subnormal,
  near_products,
  minus_zero,
  near_one,
  rare_special
};
inline constexpr int kDataKinds = 9;
inline constexpr int kAddendKinds = 8;

struct Matrices {
  std::array<std::array<std::uint16_t, 16>, 16> a{};  // [m][k]
  std::array<std::array<std::uint16_t, 16>, 8> b{};   // [n][k]
  std::array<std::array<std::uint32_t, 8>, 16> c{};   // [m][n]
};

/// An element of C; `like`: bits of an f32 of about the size of the products.
std::uint32_t addend(Draw& draw, Addend kind, std::uint32_t like);
/// A and B of m16n8k16 in f16 or bf16, C in f32.
Matrices matrices(Draw& draw, Data data, Addend kind, MmaFormat format);

}  // namespace attest::ptx
