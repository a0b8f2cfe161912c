// The shadow of shared memory for whole words, several lanes at a time. Each function returns false,
// and has changed nothing, when the exact rules of SharedMemory must look.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/words.h"
#include "harness/ptx/memory/shared_memory.h"

#include <cstdint>

namespace attest::ptx {

/// Words whose tag is neither below the floor nor of the accessing lane.
[[gnu::always_inline]] inline WordMask unordered(Words tags, Words me, Words floor) {
  return both(at_least(tags, floor), has_bits(tags ^ me, all_words(tag::kPartyMask)));
}

/// tag::merge of several readers.
[[gnu::always_inline]] inline Words merge_readers(Words old, Words me, Words floor) {
  const WordMask is_recent = at_least(old, floor);
  const Words x = old ^ me;
  const WordMask other_lane = both(is_recent, has_bits(x, all_words(tag::kPartyMask)));
  const WordMask other_warp = both(is_recent, has_bits(x, all_words(tag::kWarpMask)));
  const Words lanes = set_where(other_lane, me, all_words(tag::kSeveralLanes));
  return set_where(other_warp, lanes, all_words(tag::kSeveralWarps));
}

/// Consecutive lanes read consecutive words. `parties`: of the first lane, possibly several.
[[gnu::always_inline]] inline bool read_run(SharedMemory& shared,
                                            std::uint32_t word,
                                            std::uint32_t party) {
  const Words me = all_words(tag::make(shared.clock(), party)) + iota_words();
  const Words floor = all_words(shared.floor());
  const Words writers = load_words(shared.writers() + word);
  if (any(either(is_zero(writers), unordered(writers, me, floor)))) return false;
  std::uint32_t* readers = shared.readers() + word;
  store_words(readers, merge_readers(load_words(readers), me, floor));
  return true;
}

/// Consecutive lanes write consecutive words.
[[gnu::always_inline]] inline bool write_run(SharedMemory& shared,
                                             std::uint32_t word,
                                             std::uint32_t party) {
  shared.before_write(4 * word, 4 * (word + Words::kCount - 1));
  const Words me = all_words(tag::make(shared.clock(), party)) + iota_words();
  const Words floor = all_words(shared.floor());
  const Words writers = load_words(shared.writers() + word);
  const Words readers = load_words(shared.readers() + word);
  if (any(either(unordered(writers, me, floor), unordered(readers, me, floor)))) return false;
  store_words(shared.writers() + word, me);
  store_words(shared.readers() + word, all_words(0));
  return true;
}

/// One lane, or several of its warp when the party says so, read `count` consecutive words.
[[gnu::always_inline]] inline bool read_words(SharedMemory& shared,
                                              std::uint32_t word,
                                              std::uint32_t party,
                                              int count) {
  const std::uint32_t me = tag::make(shared.clock(), party);
  const std::uint32_t* writers = shared.writers() + word;
  std::uint32_t* readers = shared.readers() + word;
  bool is_clean = true;
  for (int n = 0; n < count; ++n)
    is_clean &= writers[n] != 0 && writers[n] < shared.floor();
  if (!is_clean) return false;
  for (int n = 0; n < count; ++n)
    readers[n] = tag::merge(readers[n], me, shared.floor());
  return true;
}

#if defined(__AVX512CD__)

/// Lanes read words anywhere, no two of them the same. `offset` in bytes.
[[gnu::always_inline]] inline bool read_scattered(SharedMemory& shared,
                                                  Words offset,
                                                  std::uint32_t party) {
  const Words me = all_words(tag::make(shared.clock(), party)) + iota_words();
  const Words floor = all_words(shared.floor());
  const Words writers = gather_words(shared.writers(), offset);
  if (any(either(is_zero(writers), at_least(writers, floor)))) return false;
  if (any(has_bits({_mm512_conflict_epi32(offset.v)}, all_words(~0u)))) return false;
  const Words readers = merge_readers(gather_words(shared.readers(), offset), me, floor);
  _mm512_i32scatter_epi32(shared.readers(), offset.v, readers.v, 1);
  return true;
}

/// Lanes write words anywhere, no two of them the same.
[[gnu::always_inline]] inline bool write_scattered(SharedMemory& shared,
                                                   Words offset,
                                                   std::uint32_t party) {
  shared.before_write(_mm512_reduce_min_epu32(offset.v), _mm512_reduce_max_epu32(offset.v));
  const Words me = all_words(tag::make(shared.clock(), party)) + iota_words();
  const Words floor = all_words(shared.floor());
  const Words writers = gather_words(shared.writers(), offset);
  const Words readers = gather_words(shared.readers(), offset);
  if (any(either(unordered(writers, me, floor), unordered(readers, me, floor)))) return false;
  if (any(has_bits({_mm512_conflict_epi32(offset.v)}, all_words(~0u)))) return false;
  _mm512_i32scatter_epi32(shared.writers(), offset.v, me.v, 1);
  _mm512_i32scatter_epi32(shared.readers(), offset.v, _mm512_setzero_si512(), 1);
  return true;
}

#else

/// Without a scatter the exact rules are as fast.
inline bool read_scattered(SharedMemory&, Words, std::uint32_t) {
  return false;
}
inline bool write_scattered(SharedMemory&, Words, std::uint32_t) {
  return false;
}

#endif

}  // namespace attest::ptx
