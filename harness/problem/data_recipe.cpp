// One recipe per kind of data. Scores are given at the default scale, 1/sqrt(head_dim).
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data_recipe.h"

#include "harness/problem/data.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace attest {
namespace {

using Values = std::span<double>;
using Fill = Recipe::Fill;

constexpr std::int64_t kBoundary = 64;  // every kernel's tile is a multiple or a divisor of it

template <Stream kStream>
void scaled_normal(const Drawing& drawing, const Row& at, Values row, double amplitude) {
  const RowBits bits = drawing.bits(kStream, at);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = amplitude * normal(bits.word(i));
}

/// N(0, amplitude^2); scores N(0, amplitude^4).
template <Stream kStream>
void normal_row(const Drawing& drawing, const Row& at, Values row) {
  scaled_normal<kStream>(drawing, at, row, drawing.problem().data.amplitude);
}

/// N(0, 1/4); scores N(0, 1/16): every key of a row weighs about the same.
template <Stream kStream>
void even_row(const Drawing& drawing, const Row& at, Values row) {
  scaled_normal<kStream>(drawing, at, row, 0.5);
}

// Ramp: score = +-j/32 + noise of standard deviation 1/4. Columns 0 and 1 of k carry the key's
// number, split so that both parts are exact in bf16 up to key 2^14; the other columns are noise.
constexpr double kRampPerBoundary = 2.0;

void ramp_q(const Drawing& drawing, const Row& at, Values row) {
  scaled_normal<Stream::q>(drawing, at, row, 1.0);
  for (std::size_t i = 0; i < std::min<std::size_t>(2, row.size()); ++i) {
    row[i] = kRampPerBoundary * drawing.root();
  }
}

template <int kDirection>
void ramp_k(const Drawing& drawing, const Row& at, Values row) {
  constexpr std::int64_t kLargestPart = 1 << 15;  // finite in f16
  scaled_normal<Stream::k>(drawing, at, row, 0.25);
  const auto whole = static_cast<double>(std::min(at.row / kBoundary, kLargestPart));
  const double part = static_cast<double>(at.row % kBoundary) / static_cast<double>(kBoundary);
  row[0] = kDirection * (row.size() > 1 ? whole : whole + part);
  if (row.size() > 1) row[1] = kDirection * part;
}

// All negative: per row of q a level of 128, 1280 or 12800; scores between -level and -1.6 level.
void all_negative_q(const Drawing& drawing, const Row& at, Values row) {
  static constexpr std::array<double, 4> kLevels = {128, 128, 1280, 12800};
  const RowBits bits = drawing.bits(Stream::q, at);
  const double level = kLevels[bits.row_word() >> 62] / drawing.root();
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = drawing.sign(i) * level * (1 + 0.25 * uniform(bits.word(i)));
  }
}

void all_negative_k(const Drawing& drawing, const Row& at, Values row) {
  const RowBits bits = drawing.bits(Stream::k, at);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = drawing.sign(i) * -(1 + 0.25 * uniform(bits.word(i)));
  }
}

// Needle: the needle key scores about 30, the others N(0, 1/4).
void needle_q(const Drawing& drawing, const Row& at, Values row) {
  const RowBits bits = drawing.bits(Stream::q, at);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = drawing.sign(i) * (1 + 0.125 * normal(bits.word(i)));
  }
}

void needle_k(const Drawing& drawing, const Row& at, Values row) {
  if (at.row != drawing.dominant_key(at.batch, at.head)) {
    scaled_normal<Stream::k>(drawing, at, row, 0.5);
    return;
  }
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = drawing.sign(i) * 30 / drawing.root();
}

// One-hot: q is the code of one key. A column where two codes differ costs 128 in the score, so
// that the weight of any other key is 0 in f32, provided that head_dim >= log2(seq_kv) keeps the
// codes apart.
void one_hot_q(const Drawing& drawing, const Row& at, Values row) {
  const std::int64_t keys = kv_length(drawing.problem(), at.batch);
  const std::uint64_t word = drawing.bits(Stream::choice, at).row_word();
  const std::int64_t key = keys == 0 ? 0 : consistent_choice(word, keys);
  const double level = 8 * drawing.root();
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = level * drawing.code(key, i);
}

void one_hot_k(const Drawing& drawing, const Row& at, Values row) {
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = 8 * drawing.code(at.row, i);
}

/// 1..128: by turns three 7-bit digits of the key and a tag of the head, shifted by the column.
void position_v(const Drawing& drawing, const Row& at, Values row) {
  const std::uint64_t tag = drawing.bits(Stream::v, {at.batch, at.head, 0}).row_word();
  const auto key = static_cast<std::uint64_t>(at.row);
  const std::array<std::uint64_t, 4> digits = {key, key >> 7, key >> 14, tag};
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<double>(1 + ((digits[i % 4] + 5 * i) & 127));
  }
}

void indicator_v(const Drawing&, const Row& at, Values row) {
  std::fill(row.begin(), row.end(), 0.0);
  row[static_cast<std::size_t>(at.row) % row.size()] = 1.0;
}

void constant_v(const Drawing&, const Row&, Values row) {
  std::fill(row.begin(), row.end(), 1.0);
}

template <Stream kStream>
void integer_row(const Drawing& drawing, const Row& at, Values row) {
  const RowBits bits = drawing.bits(kStream, at);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = small_integer(bits.word(i));
}

/// 0.25 to 0.9 of a limit, of one sign per column. The limit is the largest finite f16; for f32 and
/// bf16 it is 2^103, since f32 accumulators hold up to 2^24 of them before the division by l.
void near_overflow_v(const Drawing& drawing, const Row& at, Values row) {
  const Dtype dtype = drawing.problem().dtype;
  const double limit = dtype == Dtype::f16 ? largest_finite(dtype) : 0x1p103;
  const RowBits bits = drawing.bits(Stream::v, at);
  const RowBits signs = drawing.bits(Stream::pattern, {at.batch, at.head, 0});
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double magnitude = limit * (0.25 + 0.65 * uniform(bits.word(i)));
    row[i] = signs.word(i) >> 63 != 0 ? -magnitude : magnitude;
  }
}

// Subnormal P: the dominant key scores 0 and has v = 0, the others score about -12 to -17 for f16
// (p from 2^-17 to 2^-25) and -90 to -99 otherwise (p from 2^-130 to 2^-143), with v in [256, 512).
void subnormal_q(const Drawing& drawing, const Row& at, Values row) {
  const RowBits bits = drawing.bits(Stream::q, at);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = drawing.sign(i) * (0.9375 + 0.125 * uniform(bits.word(i)));
  }
}

void subnormal_k(const Drawing& drawing, const Row& at, Values row) {
  if (at.row == drawing.dominant_key(at.batch, at.head)) {
    std::fill(row.begin(), row.end(), 0.0);
    return;
  }
  const double u = uniform(drawing.bits(Stream::k, at).row_word());
  const double depth = drawing.problem().dtype == Dtype::f16 ? 12 + 5 * u : 90 + 9 * u;
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = drawing.sign(i) * -depth / drawing.root();
}

void subnormal_v(const Drawing& drawing, const Row& at, Values row) {
  if (at.row == drawing.dominant_key(at.batch, at.head)) {
    std::fill(row.begin(), row.end(), 0.0);
    return;
  }
  const RowBits bits = drawing.bits(Stream::v, at);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = 256 + 256 * uniform(bits.word(i));
}

/// The tile boundary, or last valid key, of the highest random priority: it stays when others go.
std::int64_t boundary_key(const RowBits& choice, std::int64_t keys) {
  std::int64_t key = keys - 1;
  std::uint64_t highest = choice.row_word();
  const auto offer = [&](std::int64_t other) {
    const std::uint64_t priority = choice.word(static_cast<std::uint64_t>(other));
    if (other >= keys || priority <= highest) return;
    key = other;
    highest = priority;
  };
  for (std::int64_t first = 0; first < keys; first += kBoundary) {
    offer(first);
    offer(first + kBoundary - 1);
  }
  return key;
}

std::int64_t any_key(const RowBits& choice, std::int64_t keys) {
  return consistent_choice(choice.row_word(), keys);
}

constexpr Fill kNormalQ = normal_row<Stream::q>;
constexpr Fill kNormalK = normal_row<Stream::k>;
constexpr Fill kNormalV = normal_row<Stream::v>;

constexpr std::array<Recipe, kDataKinds> kRecipes = {{
    {DataKind::normal, "normal", kNormalQ, kNormalK, kNormalV},
    {DataKind::ramp_up, "ramp-up", ramp_q, ramp_k<1>, kNormalV},
    {DataKind::ramp_down, "ramp-down", ramp_q, ramp_k<-1>, kNormalV},
    {DataKind::all_negative, "all-negative", all_negative_q, all_negative_k, kNormalV},
    {DataKind::needle, "needle", needle_q, needle_k, kNormalV, boundary_key},
    {DataKind::one_hot, "one-hot", one_hot_q, one_hot_k, position_v},
    {DataKind::indicator_v, "indicator-v", even_row<Stream::q>, even_row<Stream::k>, indicator_v},
    {DataKind::constant_v, "constant-v", kNormalQ, kNormalK, constant_v},
    {DataKind::integers,
     "integers",
     integer_row<Stream::q>,
     integer_row<Stream::k>,
     integer_row<Stream::v>},
    {DataKind::near_overflow, "near-overflow", kNormalQ, kNormalK, near_overflow_v},
    {DataKind::subnormal_p, "subnormal-p", subnormal_q, subnormal_k, subnormal_v, any_key},
    {DataKind::poison, "poison", kNormalQ, kNormalK, kNormalV},
}};

}  // namespace

Drawing::Drawing(const Problem& problem)
    : problem_(problem), root_(std::sqrt(static_cast<double>(problem.head_dim))) {
  const auto columns = static_cast<std::size_t>(problem.head_dim);
  const RowBits pattern = bits(Stream::pattern, {});
  for (std::size_t i = 0; i < columns; ++i) {
    const std::uint64_t word = pattern.word(i);
    signs_.push_back(word >> 63 != 0 ? -1.0 : 1.0);
    // The first 28 columns tell any two keys apart; the others are random parities of the key.
    code_masks_.push_back(i < 28 ? std::uint64_t{1} << i : word & (kMaxElements - 1));
  }
  const auto dominant = recipe(problem.data.kind).dominant;
  if (dominant == nullptr) return;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const std::int64_t keys = kv_length(problem, b);
    for (std::int64_t h = 0; h < problem.heads_kv; ++h) {
      const RowBits choice = bits(Stream::choice, {b, h, -1});
      dominant_keys_.push_back(keys == 0 ? -1 : dominant(choice, keys));
    }
  }
}

double Drawing::code(std::int64_t key, std::size_t column) const {
  const int ones = std::popcount(static_cast<std::uint64_t>(key) & code_masks_[column]);
  return ones % 2 != 0 ? -1.0 : 1.0;
}

std::int64_t Drawing::dominant_key(std::int64_t batch, std::int64_t head) const {
  if (dominant_keys_.empty()) return -1;
  return dominant_keys_[static_cast<std::size_t>(batch * problem_.heads_kv + head)];
}

const Recipe& recipe(DataKind kind) {
  const Recipe& found = kRecipes.at(static_cast<std::size_t>(kind));
  ATTEST_CHECK(found.kind == kind);
  return found;
}

std::string_view name(DataKind kind) {
  return recipe(kind).name;
}

}  // namespace attest
