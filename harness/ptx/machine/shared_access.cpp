// Shared memory for whole warps: bounds, then the shadow and the bytes, several lanes at a time.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/shared_access.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_tags.h"
#include "harness/ptx/machine/words.h"

#include <cstring>
#include <immintrin.h>

namespace attest::ptx {
namespace {

#if defined(ATTEST_PLAIN)
constexpr bool kIsPlain = true;  // one lane after the other
#else
constexpr bool kIsPlain = false;
#endif

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

/// Every address, of lanes that do not execute too, is aligned and in bounds.
bool are_within(const std::uint32_t* address, std::uint32_t size, std::uint32_t size_bytes) {
  if (size < size_bytes) return false;
  const Words end = all_words(size - size_bytes + 1);
  const Words low_bits = all_words(size_bytes - 1);
  for (int l = 0; l < kLanes; l += Words::kCount) {
    const Words a = load_words(address + l);
    if (any(either(at_least(a, end), has_bits(a, low_bits)))) return false;
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
    const Words offset = all_words(static_cast<std::uint32_t>(i->imm));
    const auto* base = w.row<const std::uint32_t>(row);
    for (int l = 0; l < kLanes; l += Words::kCount)
      store_words(out->address + l, load_words(base + l) + offset);
  }
  if (high == 0 && are_within(out->address, size, size_bytes)) [[likely]]
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
                  SharedUse use,
                  SharedLanes* out) {
  if (!checked_lanes(w, i, m, row, is_wide, size_bytes, use.access, out)) return false;
  if (w.traffic != nullptr) [[unlikely]]
    w.traffic->shared(m, out->address, size_bytes, use.path);
  return true;
}

/// Out of line, so that the fast path needs no stack.
[[gnu::noinline]] bool read_exactly(
    Warp& w, const Instr* i, Words address, int first_lane, bool twice) {
  SharedLanes at;
  const int end = first_lane + (twice ? 2 : 1) * Words::kCount;
  for (int l = first_lane; l < end; l += Words::kCount)
    store_words(at.address + l, address);
  return read_lanes(w, i, first_lane, end, at.address, 4);
}

/// Words::kCount lanes of ld.shared.b32 at in-bounds, aligned addresses. `twice`: the next as many
/// lanes read the same words. False after a finding.
[[gnu::always_inline]] inline bool load_group(Warp& w,
                                              const Instr* i,
                                              SharedMemory& shared,
                                              Words a,
                                              int first_lane,
                                              bool twice,
                                              std::uint32_t* d) {
  const std::byte* data = shared.data();
  const std::uint32_t first = first_word(a);
  const std::uint32_t several = twice ? tag::kSeveralLanes : 0;
  const std::uint32_t party = tag::party(w.index, static_cast<std::uint32_t>(first_lane)) | several;
  bool is_clean = !shared.is_checked();
  Words value;  // NOLINT(cppcoreguidelines-pro-type-member-init): every branch fills it
  if (is_same(a, all_words(first))) {
    std::uint32_t word = 0;
    std::memcpy(&word, data + first, 4);
    value = all_words(word);
    is_clean = is_clean || read_words(shared, first / 4, party | tag::kSeveralLanes, 1);
  } else if (is_same(a, all_words(first) + shift_left<2>(iota_words()))) {
    value = load_words(data + first);
    is_clean = is_clean || read_run(shared, first / 4, party);
  } else {
    value = gather_words(data, a);
    is_clean = is_clean || read_scattered(shared, a, party);
  }
  if (!is_clean && !read_exactly(w, i, a, first_lane, twice)) return false;
  store_words(d, value);
  if (twice) store_words(d + Words::kCount, value);
  return true;
}

template <bool IsWide>
const Instr* load_shared_word(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (IsWide || kIsPlain || m != kAllLanes || w.traffic != nullptr) [[unlikely]] {
    return load_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  }
  constexpr int kGroups = kLanes / Words::kCount;
  SharedMemory& shared = w.cta->shared();
  const auto* base = w.row<const std::uint32_t>(i->op[1]);
  const Words offset = all_words(static_cast<std::uint32_t>(i->imm));
  // Aligned words below the size rounded down to words are in bounds.
  const Words end = all_words(shared.size_bytes() & ~3u);
  Words a[kGroups];
  WordMask is_bad{};
#pragma GCC unroll 4
  for (int n = 0; n < kGroups; ++n) {
    a[n] = load_words(base + std::ptrdiff_t{n} * Words::kCount) + offset;
    is_bad = either(is_bad, either(at_least(a[n], end), has_bits(a[n], all_words(3))));
  }
  if (any(is_bad)) [[unlikely]]
    return load_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  auto* d = w.row<std::uint32_t>(i->op[0]);
  if (kGroups == 2 && is_same(a[0], a[kGroups - 1]))
    return load_group(w, i, shared, a[0], 0, true, d) ? i + 1 : nullptr;
#pragma GCC unroll 4
  for (int n = 0; n < kGroups; ++n) {
    const int lane = n * Words::kCount;
    if (!load_group(w, i, shared, a[n], lane, false, d + lane)) return nullptr;
  }
  return i + 1;
}

template <bool IsWide>
const Instr* store_shared_word(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (kIsPlain || m != kAllLanes) [[unlikely]]
    return store_shared<std::uint32_t, std::uint32_t, IsWide>(w, i);
  SharedLanes at;
  if (!shared_lanes(w, i, m, i->op[0], IsWide, 4, Access::write, &at)) return nullptr;
  SharedMemory& shared = w.cta->shared();
  std::byte* data = shared.data();
  const auto* s = w.row<const std::uint32_t>(i->op[1]);
  for (int l = 0; l < kLanes; l += Words::kCount) {
    const Words a = load_words(at.address + l);
    const std::uint32_t first = first_word(a);
    const std::uint32_t party = tag::party(w.index, static_cast<std::uint32_t>(l));
    const bool is_run = is_same(a, all_words(first) + shift_left<2>(iota_words()));
    if (shared.is_checked()) {
      const bool is_clean =
          is_run ? write_run(shared, first / 4, party) : write_scattered(shared, a, party);
      if (!is_clean && !write_lanes(w, i, l, l + Words::kCount, at.address, 4)) return nullptr;
    }
    if (is_run) {
      store_words(data + first, load_words(s + l));
      continue;
    }
    for (int n = l; n < l + Words::kCount; ++n)
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
