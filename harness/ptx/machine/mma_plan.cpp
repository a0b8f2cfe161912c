// Plans of mma and wmma.mma: which GPU has which, and how the registers become matrices.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_plan.h"

#include "harness/base/check.h"
#include "harness/ptx/machine/mma_tile.h"
#include "harness/ptx/machine/round_half.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>

namespace attest::ptx {
namespace {

/// Formats that come together in the manual's lists.
enum class Kind : std::uint8_t { f16, bf16, tf32, f64, fp8, fp6, int8, int4, bit, none };

Kind kind_of(MmaFormat format) {
  switch (format) {
    case MmaFormat::f16:
      return Kind::f16;
    case MmaFormat::bf16:
      return Kind::bf16;
    case MmaFormat::tf32:
      return Kind::tf32;
    case MmaFormat::f64:
      return Kind::f64;
    case MmaFormat::e4m3:
    case MmaFormat::e5m2:
      return Kind::fp8;
    case MmaFormat::e3m2:
    case MmaFormat::e2m3:
    case MmaFormat::e2m1:
      return Kind::fp6;
    case MmaFormat::int8:
    case MmaFormat::uint8:
      return Kind::int8;
    case MmaFormat::int4:
    case MmaFormat::uint4:
      return Kind::int4;
    case MmaFormat::b1:
      return Kind::bit;
    default:
      return Kind::none;
  }
}

struct Rule {
  bool is_wmma = false;
  Kind kind = Kind::f16;
  MmaShape shape;
  int first_sm = 70;
};

/// Source  PTX ISA 9.0, 9.7.14.4.5 and 9.7.14.5.14, target ISA notes.
constexpr Rule kRules[] = {
    {false, Kind::f16, {8, 8, 4}, 70},    {false, Kind::f16, {16, 8, 8}, 75},
    {false, Kind::f16, {16, 8, 16}, 80},  {false, Kind::bf16, {16, 8, 8}, 80},
    {false, Kind::bf16, {16, 8, 16}, 80}, {false, Kind::tf32, {16, 8, 4}, 80},
    {false, Kind::tf32, {16, 8, 8}, 80},  {false, Kind::f64, {8, 8, 4}, 80},
    {false, Kind::f64, {16, 8, 4}, 90},   {false, Kind::f64, {16, 8, 8}, 90},
    {false, Kind::f64, {16, 8, 16}, 90},  {false, Kind::fp8, {16, 8, 16}, 89},
    {false, Kind::fp8, {16, 8, 32}, 89},  {false, Kind::fp6, {16, 8, 32}, 120},
    {false, Kind::int8, {8, 8, 16}, 75},  {false, Kind::int8, {16, 8, 16}, 80},
    {false, Kind::int8, {16, 8, 32}, 80}, {false, Kind::int4, {8, 8, 32}, 75},
    {false, Kind::int4, {16, 8, 32}, 80}, {false, Kind::int4, {16, 8, 64}, 80},
    {false, Kind::bit, {8, 8, 128}, 75},  {false, Kind::bit, {16, 8, 128}, 80},
    {false, Kind::bit, {16, 8, 256}, 80}, {true, Kind::f16, {16, 16, 16}, 70},
    {true, Kind::f16, {32, 8, 16}, 70},   {true, Kind::f16, {8, 32, 16}, 70},
    {true, Kind::bf16, {16, 16, 16}, 80}, {true, Kind::bf16, {32, 8, 16}, 80},
    {true, Kind::bf16, {8, 32, 16}, 80},  {true, Kind::tf32, {16, 16, 8}, 80},
    {true, Kind::f64, {8, 8, 4}, 80},     {true, Kind::int8, {16, 16, 16}, 72},
    {true, Kind::int8, {32, 8, 16}, 72},  {true, Kind::int8, {8, 32, 16}, 72},
    {true, Kind::int4, {8, 8, 32}, 75},   {true, Kind::bit, {8, 8, 128}, 75},
};
constexpr int kFirstAnd = 80;  // sm from which b1 has .and

bool has(const MmaKey& key) {
  if (mma_model(key.sm) == nullptr) {
    return false;
  }
  if (kind_of(key.a) == Kind::bit && !key.is_xor && key.sm < kFirstAnd) {
    return false;
  }
  const auto allows = [&](MmaFormat format) {
    return std::any_of(std::begin(kRules), std::end(kRules), [&](const Rule& rule) {
      return rule.is_wmma == key.is_wmma && rule.kind == kind_of(format) &&
             rule.shape == key.shape && key.sm >= rule.first_sm;
    });
  };
  return allows(key.a) && allows(key.b);
}

bool is_float(MmaFormat format) {
  const Kind kind = kind_of(format);
  return kind != Kind::f64 && kind != Kind::int8 && kind != Kind::int4 && kind != Kind::bit;
}

/// Sums are at least f32 where c or d is; the manual says so of f16 factors, the only ones for which
/// the two may differ.
MmaFormat accumulator(const MmaKey& key) {
  return key.c == MmaFormat::f16 ? key.d : key.c;
}

bool is_quad_pairs(const MmaKey& key) {
  return !key.is_wmma && key.a == MmaFormat::f16 && key.shape == MmaShape{8, 8, 4};
}

const FragmentMap* map_of(const MmaKey& key, FragmentRole role, MmaFormat format) {
  const bool is_column_major =
      role == FragmentRole::a ? key.a_is_column_major : key.b_is_column_major;
  const bool is_pairs = is_quad_pairs(key);
  return &fragment_map(mma_fragment(key.is_wmma,
                                    role,
                                    key.shape,
                                    format,
                                    is_pairs,
                                    is_pairs && role != FragmentRole::c && is_column_major));
}

}  // namespace

std::optional<MmaShape> mma_shape(std::string_view word) {
  std::array<int, 3> size{};
  constexpr std::string_view kLetters = "mnk";
  for (std::size_t i = 0; i < size.size(); ++i) {
    if (!word.starts_with(kLetters[i])) {
      return std::nullopt;
    }
    word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size[i]);
    if (error != std::errc{}) {
      return std::nullopt;
    }
    word.remove_prefix(static_cast<std::size_t>(end - word.data()));
  }
  if (!word.empty()) {
    return std::nullopt;
  }
  return MmaShape{size[0], size[1], size[2]};
}

int mma_registers(bool is_wmma, FragmentRole role, MmaShape shape, MmaFormat format) {
  if (is_wmma && format == MmaFormat::f16 && role != FragmentRole::c) {
    return 8;  // whatever the shape
  }
  const bool is_pairs = !is_wmma && format == MmaFormat::f16 && shape == MmaShape{8, 8, 4};
  if (!is_wmma && role != FragmentRole::c && is_pairs) {
    return 2;
  }
  const int rows = role == FragmentRole::b ? shape.k : shape.m;
  const int columns = role == FragmentRole::a ? shape.k : shape.n;
  const int width = mma_width(format);
  const int word = format == MmaFormat::f64 ? 64 : 32;
  return rows * columns * width / (32 * word);
}

FragmentShape mma_fragment(bool is_wmma,
                           FragmentRole role,
                           MmaShape shape,
                           MmaFormat format,
                           bool is_quad_pairs,
                           bool is_column_major) {
  FragmentShape fragment;
  fragment.role = role;
  const int k = format == MmaFormat::b1 ? shape.k / 32 : shape.k;
  fragment.rows = role == FragmentRole::b ? k : shape.m;
  fragment.columns = role == FragmentRole::a ? k : shape.n;
  fragment.width = format == MmaFormat::b1 ? 32 : mma_width(format);
  fragment.registers = mma_registers(is_wmma, role, shape, format);
  fragment.is_quad_pairs = is_quad_pairs;
  fragment.is_column_major = is_column_major;
  if (is_quad_pairs && role == FragmentRole::c) {
    fragment.registers = 4 * shape.m * shape.n * fragment.width / 1024;
  }
  return fragment;
}

const MmaPlan* MmaPlan::find(const MmaKey& key) {
  static std::mutex mutex;
  static std::map<MmaKey, MmaPlan> plans;
  if (!has(key)) {
    return nullptr;
  }
  const MmaModel* model = nullptr;
  if (is_float(key.a)) {
    model = mma_model(key.sm, key.a, accumulator(key));
    const MmaModel* other = mma_model(key.sm, key.b, accumulator(key));
    // The table may have two rows for one datapath: fp8 times fp6.
    if (model == nullptr || other == nullptr || *model != *other) {
      return nullptr;
    }
  }
  const std::scoped_lock lock(mutex);
  return &plans.try_emplace(key, key, model).first->second;
}

MmaPlan::MmaPlan(const MmaKey& key, const MmaModel* model)
    : key_(key),
      model_(model),
      a_(map_of(key, FragmentRole::a, key.a)),
      b_(map_of(key, FragmentRole::b, key.b)),
      c_(map_of(key, FragmentRole::c, key.c)),
      d_(map_of(key, FragmentRole::c, key.d)) {
  has_pieces_ = (key.a == MmaFormat::f16 || key.a == MmaFormat::bf16) && key.a == key.b &&
                key.c == MmaFormat::f32 && key.d == MmaFormat::f32 && key.shape.k == 16 &&
                key.shape.m % 16 == 0;
}

/// c in place; in the format of the accumulator.
void MmaPlan::multiply(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* c) const {
  const int k = key_.a == MmaFormat::b1 ? key_.shape.k / 32 : key_.shape.k;
  const MmaTile tile = {key_.shape.m, key_.shape.n, k, a, b, c};
  const MmaFactors factors = {key_.a, key_.b};
  if (key_.a == MmaFormat::b1) {
    mma_tile_bits(key_.is_xor, tile);
  } else if (model_ == nullptr) {
    mma_tile_integer(factors, key_.saturates, tile);
  } else if (key_.is_fast) {
    mma_tile_fast(factors, accumulator(key_) == MmaFormat::f16, tile);
  } else {
    mma_tile_exact(factors, *model_, tile);
  }
}

void MmaPlan::run_pieces(std::uint32_t* const* d,
                         const std::uint32_t* const* a,
                         const std::uint32_t* const* b,
                         const std::uint32_t* const* c) const {
  struct alignas(64) Register {
    std::array<std::uint32_t, 32> lane;
  };
  std::array<Register, 8> result;  // NOLINT: filled piece by piece, for d may alias a and b
  const int columns = key_.shape.n / 8;
  for (int i = 0; i < key_.shape.m / 16; ++i) {
    for (int j = 0; j < columns; ++j) {
      const auto first = static_cast<std::size_t>(4 * (i * columns + j));
      std::uint32_t* const out[4] = {result[first].lane.data(),
                                     result[first + 1].lane.data(),
                                     result[first + 2].lane.data(),
                                     result[first + 3].lane.data()};
      if (key_.is_fast) {
        mma_m16n8k16_fast(key_.a, out, a + 4 * i, b + 2 * j, c + first);
      } else {
        mma_m16n8k16(key_.a, *model_, out, a + 4 * i, b + 2 * j, c + first);
      }
    }
  }
  for (int r = 0; r < d_->registers(); ++r) {
    std::memcpy(d[r], result[static_cast<std::size_t>(r)].lane.data(), sizeof(Register));
  }
}

void MmaPlan::run(std::uint32_t* const* d,
                  const std::uint32_t* const* a,
                  const std::uint32_t* const* b,
                  const std::uint32_t* const* c) const {
  if (has_pieces_) {
    run_pieces(d, a, b, c);
    return;
  }
  std::array<std::uint32_t, kMostElements> of_a;  // NOLINT: the used part is filled
  std::array<std::uint32_t, kMostElements> of_b;  // NOLINT
  std::array<std::uint32_t, kMostElements> of_c;  // NOLINT
  a_->gather(a, of_a.data());
  b_->gather(b, of_b.data());
  c_->gather(c, of_c.data());
  const MmaFormat sum = accumulator(key_);
  if (key_.c != sum) {
    std::transform(of_c.begin(), of_c.begin() + c_->elements(), of_c.begin(), [](std::uint32_t h) {
      return bits_of(F16::widen(static_cast<std::uint16_t>(h)));
    });
  }
  const int matrices = is_quad_pairs(key_) ? 4 : 1;
  for (int i = 0; i < matrices; ++i) {
    multiply(of_a.data() + i * (a_->elements() / matrices),
             of_b.data() + i * (b_->elements() / matrices),
             of_c.data() + i * (c_->elements() / matrices));
  }
  if (key_.d != sum) {
    std::transform(of_c.begin(), of_c.begin() + d_->elements(), of_c.begin(), [](std::uint32_t f) {
      return std::uint32_t{narrow<F16, Rounding::rn>(f32_of(f))};
    });
  }
  d_->scatter(of_c.data(), d);
}

void MmaPlan::run(double* const* d,
                  const double* const* a,
                  const double* const* b,
                  const double* const* c) const {
  std::array<double, kMostElements> of_a;  // NOLINT: the used part is filled
  std::array<double, kMostElements> of_b;  // NOLINT
  std::array<double, kMostElements> of_c;  // NOLINT
  a_->gather(a, of_a.data());
  b_->gather(b, of_b.data());
  c_->gather(c, of_c.data());
  mma_tile_f64(key_.rounding,
               {key_.shape.m, key_.shape.n, key_.shape.k, of_a.data(), of_b.data(), of_c.data()});
  d_->scatter(of_c.data(), d);
}

}  // namespace attest::ptx
