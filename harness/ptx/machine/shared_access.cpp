// The vector paths of shared memory: eight lanes at a time.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/shared_access.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

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
bool read_run8(SharedMemory& shared, std::uint32_t word, std::uint32_t first_party) {
  const __m256i me = _mm256_add_epi32(all8(tag::make(shared.clock(), first_party)), kIota);
  const __m256i floor = all8(shared.floor());
  const __m256i writer = load8(shared.writers() + word);
  const __m256i is_new = _mm256_cmpeq_epi32(writer, _mm256_setzero_si256());
  if (!none(_mm256_or_si256(is_new, unordered8(writer, me, floor)))) return false;
  std::uint32_t* readers = shared.readers() + word;
  store8(readers, merge8(load8(readers), me, floor));
  return true;
}

bool write_run8(SharedMemory& shared, std::uint32_t word, std::uint32_t first_party) {
  const __m256i me = _mm256_add_epi32(all8(tag::make(shared.clock(), first_party)), kIota);
  const __m256i floor = all8(shared.floor());
  const __m256i writer = unordered8(load8(shared.writers() + word), me, floor);
  const __m256i reader = unordered8(load8(shared.readers() + word), me, floor);
  if (!none(_mm256_or_si256(writer, reader))) return false;
  store8(shared.writers() + word, me);
  store8(shared.readers() + word, _mm256_setzero_si256());
  return true;
}

/// Reads one word by several lanes of this warp; false when the exact rules must look.
bool read_same(SharedMemory& shared, std::uint32_t word, std::uint32_t first_party) {
  const std::uint32_t writer = shared.writers()[word];
  if (writer == 0 || writer >= shared.floor()) return false;
  const std::uint32_t me = tag::make(shared.clock(), first_party | tag::kSeveralLanes);
  std::uint32_t& reader = shared.readers()[word];
  reader = tag::merge(reader, me, shared.floor());
  return true;
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
          static_cast<std::uint32_t>(i - w.cta->grid().program().code.data())};
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

bool shared_lanes(Warp& w,
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

template <bool IsWide>
const Instr* load_shared_word(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (m != kAllLanes) [[unlikely]]
    return load_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[1], IsWide, 4, Access::read, &at)) return nullptr;
  SharedMemory& shared = w.cta->shared();
  const bool is_checked = shared.is_checked();
  const std::byte* data = shared.data();
  auto* d = w.row<std::uint32_t>(i->op[0]);
  for (int l = 0; l < kLanes; l += 8) {
    const __m256i a = load8(at.address + l);
    const std::uint32_t first = at.address[l];
    const __m256i base = all8(first);
    const std::uint32_t party = tag::party(w.index, static_cast<std::uint32_t>(l));
    bool is_clean = !is_checked;
    __m256i v;
    if (none(_mm256_xor_si256(a, base))) {
      std::uint32_t word;
      std::memcpy(&word, data + first, 4);
      v = all8(word);
      is_clean = is_clean || read_same(shared, first / 4, party);
    } else if (none(_mm256_xor_si256(a, _mm256_add_epi32(base, _mm256_slli_epi32(kIota, 2))))) {
      v = load8(reinterpret_cast<const std::uint32_t*>(data + first));
      is_clean = is_clean || read_run8(shared, first / 4, party);
    } else {
      v = _mm256_i32gather_epi32(reinterpret_cast<const int*>(data), a, 1);
    }
    if (!is_clean && !read_lanes(w, i, l, l + 8, at.address, 4)) return nullptr;
    store8(d + l, v);
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

template <bool IsWide, int Count>
const Instr* load_shared_words(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, 4 * Count, Access::read, &at)) return nullptr;
  SharedMemory& shared = w.cta->shared();
  const std::byte* data = shared.data();
  std::uint32_t* d[Count];
  for (int n = 0; n < Count; ++n)
    d[n] = w.row<std::uint32_t>(i->more[n]);
  std::uint32_t previous = ~0u;
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint32_t a = at.address[l];
    if (shared.is_checked()) {
      bool is_clean = a == previous;  // the lane before has recorded "several lanes" already
      if (!is_clean) {
        is_clean = true;
        const bool is_shared = l + 1 < kLanes && at.address[l + 1] == a;
        for (std::uint32_t n = 0; n < Count && is_shared && is_clean; ++n) {
          is_clean =
              read_same(shared, a / 4 + n, tag::party(w.index, static_cast<std::uint32_t>(l)));
        }
        is_clean = is_clean && is_shared;
      }
      if (is_clean) {
        previous = a;
      } else if (!shadow_read(w, i, l, a, 4 * Count)) {
        return nullptr;
      }
    }
    std::uint32_t value[Count];
    std::memcpy(value, data + a, sizeof value);
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
