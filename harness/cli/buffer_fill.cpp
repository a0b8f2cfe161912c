// One element at a time.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/buffer_fill.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "harness/problem/data_rows.h"

namespace attest {
namespace {

/// Bits of element `index` of `count`.
std::uint64_t bits_of(const Element& element,
                      const Fill& fill,
                      std::uint64_t word,
                      std::uint64_t index,
                      std::uint64_t count) {
  switch (fill.kind) {
    case Fill::Kind::none:
      break;
    case Fill::Kind::constant:
      return fill.bits;
    case Fill::Kind::iota:  // integers wrap round
      return element.is_float() ? encode(element, static_cast<double>(index)) : index;
    case Fill::Kind::ramp:
      return encode(element, static_cast<double>(index) / static_cast<double>(count));
    case Fill::Kind::uniform:
      if (element.is_float())
        return encode(element, fill.low + (fill.high - fill.low) * uniform(word));
      return fill.first + (fill.count == 0 ? word : word % fill.count);
    case Fill::Kind::normal:
      return encode(element, fill.sigma * normal(word));
    case Fill::Kind::any_bits:
      return word;
  }
  fail_check("a buffer without initial values is not filled", __FILE__, __LINE__);
}

}  // namespace

void fill_buffer(const Element& element,
                 const Fill& fill,
                 std::uint64_t seed,
                 std::uint64_t stream,
                 std::span<std::byte> data) {
  const auto count = data.size() / static_cast<std::size_t>(element.size_bytes);
  for (std::size_t index = 0; index < count; ++index) {
    const std::uint64_t word = random_bits(seed, stream, index);
    store_bits(element,
               data.data(),
               static_cast<std::int64_t>(index),
               bits_of(element, fill, word, index, count));
  }
}

}  // namespace attest
