// The vector paths of shared memory: eight lanes at a time.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/shared_access.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/traffic.h"

#include <cstring>
#include <immintrin.h>

namespace attest::ptx {
namespace {

__m256i load8(const std::uint32_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
void store8(std::uint32_t* p, __m256i v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
}
__m256i all8(std::uint32_t v) {
  return _mm256_set1_epi32(static_cast<int>(v));
}
bool none(__m256i v) {
  return _mm256_testz_si256(v, v) != 0;
}
const __m256i kIota = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

/// tag::merge for eight readers.
__m256i merge8(__m256i old, __m256i me, __m256i floor) {
  const __m256i is_stale = _mm256_cmpgt_epi32(floor, old);
  const __m256i x = _mm256_andnot_si256(
      is_stale, _mm256_and_si256(_mm256_xor_si256(old, me), all8(tag::kPartyMask)));
  const __m256i same = _mm256_cmpeq_epi32(x, _mm256_setzero_si256());
  const __m256i same_warp =
      _mm256_cmpeq_epi32(_mm256_and_si256(x, all8(tag::kWarpMask)), _mm256_setzero_si256());
  return _mm256_or_si256(me,
                         _mm256_or_si256(_mm256_andnot_si256(same, all8(tag::kSeveralLanes)),
                                         _mm256_andnot_si256(same_warp, all8(tag::kSeveralWarps))));
}

/// Lanes whose tag `t` is neither below the floor nor their own.
__m256i unordered8(__m256i t, __m256i me, __m256i floor) {
  const __m256i is_old = _mm256_cmpgt_epi32(floor, t);
  const __m256i is_own = _mm256_cmpeq_epi32(
      _mm256_and_si256(_mm256_xor_si256(t, me), all8(tag::kPartyMask)), _mm256_setzero_si256());
  return _mm256_andnot_si256(_mm256_or_si256(is_old, is_own), all8(~0u));
}

/// Reads eight consecutive words by eight consecutive lanes; false when the exact rules must look.
[[gnu::always_inline]] inline bool read_run8(SharedMemory& shared,
                                             std::uint32_t word,
                                             std::uint32_t first_party) {
  const __m256i me = _mm256_add_epi32(all8(tag::make(shared.clock(), first_party)), kIota);
  const __m256i floor = all8(shared.floor());
  const __m256i writer = load8(shared.writers() + word);
  const __m256i is_new = _mm256_cmpeq_epi32(writer, _mm256_setzero_si256());
  if (!none(_mm256_or_si256(is_new, unordered8(writer, me, floor)))) return false;
  std::uint32_t* readers = shared.readers() + word;
  store8(readers, merge8(load8(readers), me, floor));
  return true;
}

[[gnu::always_inline]] inline bool write_run8(SharedMemory& shared,
                                              std::uint32_t word,
                                              std::uint32_t first_party) {
  const __m256i me = _mm256_add_epi32(all8(tag::make(shared.clock(), first_party)), kIota);
  const __m256i floor = all8(shared.floor());
  const __m256i writer = unordered8(load8(shared.writers() + word), me, floor);
  const __m256i reader = unordered8(load8(shared.readers() + word), me, floor);
  if (!none(_mm256_or_si256(writer, reader))) return false;
  store8(shared.writers() + word, me);
  store8(shared.readers() + word, _mm256_setzero_si256());
  return true;
}

/// Reads `count` <= 4 consecutive words by one lane, or by several of its warp when the party says
/// so; false when the exact rules must look.
[[gnu::always_inline]] inline bool read_words(SharedMemory& shared,
                                              std::uint32_t word,
                                              std::uint32_t party,
                                              int count) {
  const std::uint32_t me = tag::make(shared.clock(), party);
  bool is_clean = true;
  for (int n = 0; n < count; ++n) {
    const std::uint32_t writer = shared.writers()[word + static_cast<std::uint32_t>(n)];
    is_clean &= writer != 0 && writer < shared.floor();
  }
  if (!is_clean) return false;
  for (int n = 0; n < count; ++n) {
    std::uint32_t& reader = shared.readers()[word + static_cast<std::uint32_t>(n)];
    reader = tag::merge(reader, me, shared.floor());
  }
  return true;
}

bool read_same(SharedMemory& shared, std::uint32_t word, std::uint32_t first_party) {
  return read_words(shared, word, first_party | tag::kSeveralLanes, 1);
}

bool read_lanes(Warp& w,
                const Instr* i,
                int first,
                int last,
                const std::uint32_t* address,
                std::uint32_t size_bytes) {
  for (int l = first; l < last; ++l) {
    if (!shadow_read(w, i, l, address[l], size_bytes)) return false;
  }
  return true;
}

bool write_lanes(Warp& w,
                 const Instr* i,
                 int first,
                 int last,
                 const std::uint32_t* address,
                 std::uint32_t size_bytes) {
  for (int l = first; l < last; ++l) {
    if (!shadow_write(w, i, l, address[l], size_bytes)) return false;
  }
  return true;
}

template <class Address>
void add_offset(const Address* row, std::int64_t offset, SharedLanes* out, std::uint64_t* high) {
  // Anything that does not fit 32 bits stays visible in the high bits.
  std::uint64_t all = 0;
  for (int l = 0; l < kLanes; ++l) {
    const auto a = static_cast<std::uint64_t>(static_cast<std::int64_t>(row[l]) + offset);
    out->address[l] = static_cast<std::uint32_t>(a);
    all |= a;
  }
  *high = all >> 32;
}

bool report_bad_lane(Warp& w,
                     const Instr* i,
                     std::uint32_t m,
                     const SharedLanes& at,
                     std::uint32_t size_bytes,
                     Access access) {
  const std::uint32_t size = w.cta->shared().size_bytes();
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if (at.address[l] % size_bytes != 0) {
      report_shared_bounds(w, i, l, FindingKind::misaligned, access, at.address[l], size_bytes);
      return false;
    }
    if (at.address[l] > size || size - at.address[l] < size_bytes) {
      report_shared_bounds(w, i, l, FindingKind::out_of_bounds, access, at.address[l], size_bytes);
      return false;
    }
  }
  return true;
}

}  // namespace

std::byte* shared_data(const Warp& w) {
  return w.cta->shared().data();
}

SharedAccess shared_access(const Warp& w, const Instr* i, int lane) {
  return {tag::party(w.index, static_cast<std::uint32_t>(lane)),
          w.sync_clock,
          static_cast<std::uint32_t>(i - w.cta->grid().program().code.data()),
          w.cta->order().known(w.index)};
}

bool strong_shared(Warp& w,
                   const Instr* i,
                   int lane,
                   std::uint32_t address,
                   std::uint32_t size_bytes,
                   Effect effect,
                   MemoryOrder order) {
  order_access(w, lane, Space::shared, address, effect, order);
  SharedAccess access = shared_access(w, i, lane);
  access.is_strong = order.is_strong;
  SharedMemory& shared = w.cta->shared();
  std::optional<Conflict> conflict;
  if (effect != Effect::write) conflict = shared.read(access, address, size_bytes);
  const Access side = conflict || effect == Effect::read ? Access::read : Access::write;
  if (!conflict && effect != Effect::read) conflict = shared.write(access, address, size_bytes);
  if (!conflict) return true;
  report_conflict(w, i, lane, side, size_bytes, *conflict);
  return false;
}

bool shadow_read(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::uint32_t size_bytes) {
  const auto conflict = w.cta->shared().read(shared_access(w, i, lane), address, size_bytes);
  if (!conflict) [[likely]]
    return true;
  report_conflict(w, i, lane, Access::read, size_bytes, *conflict);
  return false;
}

bool shadow_write(
    Warp& w, const Instr* i, int lane, std::uint32_t address, std::uint32_t size_bytes) {
  const auto conflict = w.cta->shared().write(shared_access(w, i, lane), address, size_bytes);
  if (!conflict) [[likely]]
    return true;
  report_conflict(w, i, lane, Access::write, size_bytes, *conflict);
  return false;
}

static bool checked_lanes(Warp& w,
                          const Instr* i,
                          std::uint32_t m,
                          std::uint32_t row,
                          bool is_wide,
                          std::uint32_t size_bytes,
                          Access access,
                          SharedLanes* out) {
  const std::uint32_t size = w.cta->shared().size_bytes();
  std::uint64_t high = 0;
  if (is_wide) {
    add_offset(w.row<const std::uint64_t>(row), i->imm, out, &high);
  } else {
    const __m256i offset = all8(static_cast<std::uint32_t>(i->imm));
    const auto* base = w.row<const std::uint32_t>(row);
    for (int l = 0; l < kLanes; l += 8)
      store8(out->address + l, _mm256_add_epi32(load8(base + l), offset));
  }
  const __m256i last = all8(size - size_bytes);  // wraps when nothing fits; see below
  __m256i over = _mm256_setzero_si256();
  __m256i bits = _mm256_setzero_si256();
  for (int l = 0; l < kLanes; l += 8) {
    const __m256i a = load8(out->address + l);
    over = _mm256_or_si256(over, _mm256_xor_si256(_mm256_max_epu32(a, last), last));
    bits = _mm256_or_si256(bits, a);
  }
  const __m256i misaligned = _mm256_and_si256(bits, all8(size_bytes - 1));
  if (high == 0 && size >= size_bytes && none(_mm256_or_si256(over, misaligned))) [[likely]]
    return true;
  if (high != 0) {  // a 64-bit address beyond the 32-bit window
    for (std::uint32_t& a : out->address)
      a = a < size ? a : ~0u & ~(size_bytes - 1);
    const auto* wide = w.row<const std::uint64_t>(row);
    for (int l = 0; l < kLanes; ++l) {
      if ((wide[l] + static_cast<std::uint64_t>(i->imm)) >> 32 != 0)
        out->address[l] = ~0u & ~(size_bytes - 1);
    }
  }
  return report_bad_lane(w, i, m, *out, size_bytes, access);
}

bool shared_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  std::uint32_t row,
                  bool is_wide,
                  std::uint32_t size_bytes,
                  Access access,
                  SharedLanes* out) {
  if (!checked_lanes(w, i, m, row, is_wide, size_bytes, access, out)) return false;
  if (w.traffic != nullptr) [[unlikely]]
    w.traffic->shared(m, out->address, size_bytes);
  return true;
}

/// Eight lanes of ld.shared.b32 at in-bounds, aligned addresses. False after a finding.
[[gnu::always_inline]] inline bool load_group(
    Warp& w, const Instr* i, SharedMemory& shared, __m256i a, int first_lane, std::uint32_t* d) {
  const std::byte* data = shared.data();
  const auto first = static_cast<std::uint32_t>(_mm256_extract_epi32(a, 0));
  const __m256i offset = _mm256_sub_epi32(a, all8(first));
  const std::uint32_t party = tag::party(w.index, static_cast<std::uint32_t>(first_lane));
  bool is_clean = !shared.is_checked();
  __m256i v;
  if (none(offset)) {
    std::uint32_t word = 0;
    std::memcpy(&word, data + first, 4);
    v = all8(word);
    is_clean = is_clean || read_same(shared, first / 4, party);
  } else if (none(_mm256_xor_si256(offset, _mm256_slli_epi32(kIota, 2)))) {
    v = load8(reinterpret_cast<const std::uint32_t*>(data + first));
    is_clean = is_clean || read_run8(shared, first / 4, party);
  } else {
    v = _mm256_i32gather_epi32(reinterpret_cast<const int*>(data), a, 1);
  }
  if (!is_clean) {
    SharedLanes at;
    store8(at.address + first_lane, a);
    if (!read_lanes(w, i, first_lane, first_lane + 8, at.address, 4)) return false;
  }
  store8(d, v);
  return true;
}

template <bool IsWide>
const Instr* load_shared_word(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (IsWide || m != kAllLanes || w.traffic != nullptr) [[unlikely]] {
    return load_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  }
  SharedMemory& shared = w.cta->shared();
  const auto* base = w.row<const std::uint32_t>(i->op[1]);
  const __m256i offset = all8(static_cast<std::uint32_t>(i->imm));
  __m256i a[4];
  __m256i high = _mm256_setzero_si256();
  __m256i bits = _mm256_setzero_si256();
  for (int n = 0; n < 4; ++n) {
    a[n] = _mm256_add_epi32(load8(base + 8 * n), offset);
    high = _mm256_max_epu32(high, a[n]);
    bits = _mm256_or_si256(bits, a[n]);
  }
  // Aligned words below the size rounded down to words are in bounds.
  const __m256i size = all8(shared.size_bytes() & ~3u);
  const __m256i over = _mm256_cmpeq_epi32(_mm256_max_epu32(high, size), high);
  if (!none(_mm256_or_si256(over, _mm256_and_si256(bits, all8(3))))) [[unlikely]] {
    return load_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  }
  auto* d = w.row<std::uint32_t>(i->op[0]);
  for (int n = 0; n < 4; ++n) {
    if (!load_group(w, i, shared, a[n], 8 * n, d + 8 * n)) return nullptr;
  }
  return i + 1;
}

template <bool IsWide>
const Instr* store_shared_word(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (m != kAllLanes) [[unlikely]]
    return store_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, 4, Access::write, &at)) return nullptr;
  SharedMemory& shared = w.cta->shared();
  const bool is_checked = shared.is_checked();
  std::byte* data = shared.data();
  const auto* s = w.row<const std::uint32_t>(i->op[1]);
  for (int l = 0; l < kLanes; l += 8) {
    const std::uint32_t first = at.address[l];
    const __m256i run = _mm256_add_epi32(all8(first), _mm256_slli_epi32(kIota, 2));
    if (none(_mm256_xor_si256(load8(at.address + l), run))) {
      const bool is_clean =
          !is_checked ||
          write_run8(shared, first / 4, tag::party(w.index, static_cast<std::uint32_t>(l)));
      if (!is_clean && !write_lanes(w, i, l, l + 8, at.address, 4)) return nullptr;
      store8(reinterpret_cast<std::uint32_t*>(data + first), load8(s + l));
      continue;
    }
    if (is_checked && !write_lanes(w, i, l, l + 8, at.address, 4)) return nullptr;
    for (int n = l; n < l + 8; ++n)
      std::memcpy(data + at.address[n], s + n, 4);
  }
  return i + 1;
}

/// Four lanes of ld.shared.v4.b32: four rows of 16 bytes become four columns.
void transpose4(const std::byte* data,
                const std::uint32_t* address,
                std::uint32_t* const* d,
                int first_lane) {
  __m128 r[4];
  for (int n = 0; n < 4; ++n) {
    r[n] = _mm_loadu_ps(reinterpret_cast<const float*>(data + address[first_lane + n]));
  }
  _MM_TRANSPOSE4_PS(r[0], r[1], r[2], r[3]);
  for (int n = 0; n < 4; ++n)
    _mm_storeu_ps(reinterpret_cast<float*>(d[n] + first_lane), r[n]);
}

/// Shadow of lanes that read `count` words each; lanes next to each other often read the same ones.
template <int Count>
bool read_vectors(Warp& w, const Instr* i, std::uint32_t m, const SharedLanes& at) {
  SharedMemory& shared = w.cta->shared();
  for (int l = 0; l < kLanes;) {
    const std::uint32_t a = at.address[l];
    int end = l + 1;
    while (end < kLanes && at.address[end] == a)
      ++end;
    const std::uint32_t executing =
        m & (end - l == kLanes ? kAllLanes : ((1u << (end - l)) - 1) << l);
    if (executing != 0) {
      const std::uint32_t party =
          tag::party(w.index, static_cast<std::uint32_t>(__builtin_ctz(executing)));
      const bool is_several = (executing & (executing - 1)) != 0;
      if (!read_words(shared, a / 4, party | (is_several ? tag::kSeveralLanes : 0), Count)) {
        for (int n = l; n < end; ++n) {
          if ((m >> n & 1) != 0 && !shadow_read(w, i, n, a, 4 * Count)) return false;
        }
      }
    }
    l = end;
  }
  return true;
}

template <bool IsWide, int Count>
const Instr* load_shared_words(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, 4 * Count, Access::read, &at)) return nullptr;
  SharedMemory& shared = w.cta->shared();
  if (shared.is_checked() && !read_vectors<Count>(w, i, m, at)) return nullptr;
  const std::byte* data = shared.data();
  std::uint32_t* d[Count];
  for (int n = 0; n < Count; ++n)
    d[n] = w.row<std::uint32_t>(i->more[n]);
  if (Count == 4 && m == kAllLanes) {
    for (int l = 0; l < kLanes; l += 4)
      transpose4(data, at.address, d, l);
    return i + 1;
  }
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    std::uint32_t value[Count];
    std::memcpy(value, data + at.address[l], sizeof value);
    for (int n = 0; n < Count; ++n)
      d[n][l] = value[n];
  }
  return i + 1;
}

template <bool IsWide, int Count>
const Instr* store_shared_words(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, 4 * Count, Access::write, &at)) return nullptr;
  std::byte* data = shared_data(w);
  const std::uint32_t* s[Count];
  for (int n = 0; n < Count; ++n)
    s[n] = w.row<const std::uint32_t>(i->more[n]);
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    if (!shadow_write(w, i, l, at.address[l], 4 * Count)) return nullptr;
    std::uint32_t value[Count];
    for (int n = 0; n < Count; ++n)
      value[n] = s[n][l];
    std::memcpy(data + at.address[l], value, sizeof value);
  }
  return i + 1;
}

template const Instr* load_shared_word<false>(Warp&, const Instr*);
template const Instr* load_shared_word<true>(Warp&, const Instr*);
template const Instr* store_shared_word<false>(Warp&, const Instr*);
template const Instr* store_shared_word<true>(Warp&, const Instr*);
template const Instr* load_shared_words<false, 2>(Warp&, const Instr*);
template const Instr* load_shared_words<true, 2>(Warp&, const Instr*);
template const Instr* load_shared_words<false, 4>(Warp&, const Instr*);
template const Instr* load_shared_words<true, 4>(Warp&, const Instr*);
template const Instr* store_shared_words<false, 2>(Warp&, const Instr*);
template const Instr* store_shared_words<true, 2>(Warp&, const Instr*);
template const Instr* store_shared_words<false, 4>(Warp&, const Instr*);
template const Instr* store_shared_words<true, 4>(Warp&, const Instr*);

}  // namespace attest::ptx
