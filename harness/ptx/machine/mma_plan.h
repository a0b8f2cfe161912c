// MmaPlan: one mma or wmma.mma instruction on one GPU, decided when a program is decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/fragment_map.h"
#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/round.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace attest::ptx {

struct MmaShape {
  int m = 0;
  int n = 0;
  int k = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a pointer where there is none
  friend auto operator<=>(const MmaShape&, const MmaShape&) = default;
};
/// "m16n8k16"; empty for anything else.
[[nodiscard]] std::optional<MmaShape> mma_shape(std::string_view word);

/// What the words of an instruction say, and the GPU.
struct MmaKey {
  int sm = 80;
  bool is_wmma = false;
  MmaShape shape;
  MmaFormat a = MmaFormat::f16;
  MmaFormat b = MmaFormat::f16;
  MmaFormat c = MmaFormat::f32;
  MmaFormat d = MmaFormat::f32;
  bool a_is_column_major = false;  // of mma.m8n8k4 with f16: where the elements are in registers
  bool b_is_column_major = true;
  bool is_fast = false;              // chains of f32 fma instead of the GPU's own arithmetic
  bool saturates = false;            // of integers
  bool is_xor = false;               // of b1; else and
  Rounding rounding = Rounding::rn;  // of f64
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a pointer where there is none
  friend auto operator<=>(const MmaKey&, const MmaKey&) = default;
};

/// Registers of a lane that hold A, B, or C and D of a format.
[[nodiscard]] int mma_registers(bool is_wmma, FragmentRole role, MmaShape shape, MmaFormat format);
/// The fragment of it; `is_column_major` matters for mma.m8n8k4 with f16 alone.
[[nodiscard]] FragmentShape mma_fragment(bool is_wmma,
                                         FragmentRole role,
                                         MmaShape shape,
                                         MmaFormat format,
                                         bool is_quad_pairs = false,
                                         bool is_column_major = false);

class MmaPlan {
 public:
  /// Null when the GPU does not have the instruction, or is none that is known. The plan lives as
  /// long as the program.
  static const MmaPlan* find(const MmaKey& key);
  MmaPlan(const MmaKey& key, const MmaModel* model);

  [[nodiscard]] const MmaKey& key() const { return key_; }
  [[nodiscard]] const FragmentMap& a() const { return *a_; }
  [[nodiscard]] const FragmentMap& b() const { return *b_; }
  [[nodiscard]] const FragmentMap& c() const { return *c_; }
  [[nodiscard]] const FragmentMap& d() const { return *d_; }

  /// d = a * b + c; rows[r] is register r, 32 lanes of 32 bits. d may alias the others.
  void run(std::uint32_t* const* d,
           const std::uint32_t* const* a,
           const std::uint32_t* const* b,
           const std::uint32_t* const* c) const;
  /// Of f64, whose registers have 64 bits.
  void run(double* const* d,
           const double* const* a,
           const double* const* b,
           const double* const* c) const;

 private:
  void run_pieces(std::uint32_t* const* d,
                  const std::uint32_t* const* a,
                  const std::uint32_t* const* b,
                  const std::uint32_t* const* c) const;
  void multiply(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* c) const;

  MmaKey key_;
  const MmaModel* model_;    // null for what has none
  bool has_pieces_ = false;  // of m16n8k16, the product with a path of its own
  const FragmentMap* a_;
  const FragmentMap* b_;
  const FragmentMap* c_;
  const FragmentMap* d_;
};

}  // namespace attest::ptx
