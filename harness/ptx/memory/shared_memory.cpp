// The shadow of shared memory: the exact, byte-wise rules. Fast paths for whole words stand in
// memory/shared_access.h and fall back to these.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/shared_memory.h"

#include "harness/base/check.h"

#include <algorithm>
#include <cstring>

namespace attest::ptx {
namespace {

constexpr std::size_t kSlackBytes = 64;  // vector loads of the fast paths may reach past the end

}  // namespace

std::int64_t SharedMemory::bytes(std::int64_t size_bytes, bool is_checked, bool keeps_sites) {
  constexpr std::int64_t kTagBytesPerWord = 2 * sizeof(std::uint32_t);
  const std::int64_t words = (size_bytes + 3) / 4;
  return size_bytes + (is_checked ? words * kTagBytesPerWord : 0) +
         (keeps_sites ? words * std::int64_t{sizeof(Detail)} : 0);
}

void SharedMemory::reset(std::int64_t size_bytes, bool is_checked, bool keeps_sites) {
  size_bytes_ = static_cast<std::uint32_t>(size_bytes);
  is_checked_ = is_checked;
  keeps_sites_ = keeps_sites;
  clock_ = 1;
  floor_ = tag::make(1, 0);
  past_ = 0;
  for (RowReads& reads : row_reads_)
    reads.clock = 0;
  data_.assign(size_bytes_ + kSlackBytes, std::byte{0xff});
  if (!is_checked) return;
  const std::size_t words = (size_bytes_ + 3) / 4;
  writers_.assign(words + kSlackBytes / 4, keeps_sites ? tag::kSplit : 0);
  readers_.assign(words + kSlackBytes / 4, 0);
  pages_.assign((size_bytes_ >> kPageBits) + 1, Page{});
  if (keeps_sites) details_.assign(words, Detail{});
}

void SharedMemory::barrier() {
  tick();
  floor_ = tag::make(clock_, 0);
}

std::uint32_t SharedMemory::warp_sync() {
  tick();
  return clock_;
}

std::uint32_t SharedMemory::advance() {
  tick();
  return now();
}

/// The clock has 19 bits: when it runs out, every tag becomes as old as can be.
void SharedMemory::tick() {
  if (++clock_ < tag::kMaxClock) return;
  const auto age = [](std::uint32_t& t) {
    if (t != 0 && t < tag::kCopying) t = tag::make(1, t & tag::kPartyMask);
  };
  for (std::uint32_t& t : writers_)
    age(t);
  for (std::uint32_t& t : readers_)
    age(t);
  for (Detail& d : details_) {
    for (std::uint32_t& t : d.writer)
      age(t);
    for (std::uint32_t& t : d.reader)
      age(t);
    for (std::uint32_t& t : d.strong_reader)
      age(t);
  }
  for (RowReads& reads : row_reads_)
    reads.clock = 0;
  for (Page& page : pages_)
    page.read_clock = 0;
  past_ += clock_ - 2;
  clock_ = 2;
  floor_ = tag::make(2, 0);
}

bool SharedMemory::is_ordered(const SharedAccess& access, std::uint32_t t) const {
  if (t < floor_) return true;
  const std::uint32_t party = t & tag::kPartyMask;
  if (party == access.me) return true;
  const bool same_warp = ((party ^ access.me) & tag::kWarpMask) == 0;
  if (same_warp && tag::clock(t) < access.warp_clock) return true;
  return access.known != nullptr && is_known(access, t);
}

/// By an acquire or a barrier of some warps. Of several warps the last is not known: ordered when
/// it may be one whose access is.
bool SharedMemory::is_known(const SharedAccess& access, std::uint32_t t) const {
  const std::uint32_t time = past_ + tag::clock(t);
  if ((t & tag::kPartyMask) != tag::kSeveralWarps) return time < access.known[tag::warp(t)];
  return std::any_of(
      access.known, access.known + kMaxWarps, [time](std::uint32_t known) { return time < known; });
}

/// A race with the last writer of a byte, or with the last weak one. Strong accesses do not race
/// with each other, and what is ordered after a strong read is ordered after the write it saw.
std::optional<Conflict> SharedMemory::with_writer(const SharedAccess& access,
                                                  const Detail& d,
                                                  std::uint32_t at) const {
  const std::uint32_t byte = at % 4;
  const std::uint32_t writer = d.writer[byte];
  if (is_ordered(access, writer)) return std::nullopt;
  const auto race = [at](std::uint32_t t, std::uint32_t site) {
    return Conflict{Conflict::Kind::race, at, t, site, true};
  };
  if (!d.is_strong[byte]) return race(writer, d.writer_site[byte]);
  if (access.is_strong) {
    if (is_ordered(access, d.weak_writer[byte])) return std::nullopt;
    return race(d.weak_writer[byte], d.weak_writer_site[byte]);
  }
  const std::uint32_t seen_by = d.strong_reader[byte];
  const bool is_mine = ((seen_by ^ access.me) & tag::kWarpMask) == 0;
  const bool is_several = (seen_by & tag::kPartyMask) == tag::kSeveralWarps;
  if (seen_by != 0 && (is_mine || is_several || is_ordered(access, seen_by))) return std::nullopt;
  return race(writer, d.writer_site[byte]);
}

void SharedMemory::replace(RowReads& reads) {
  if (reads.clock == 0 || tag::make(reads.clock, 0) < floor_) return;
  const bool is_several = reads.warp == RowReads::kSeveralWarps;
  for (std::uint32_t l = 0; l < reads.count; ++l) {
    const std::uint32_t party = is_several ? tag::kSeveralWarps : tag::party(reads.warp, l);
    for (std::uint32_t word = reads.offset[l] / 4; word < reads.offset[l] / 4 + 4; ++word)
      readers_[word] = tag::merge(readers_[word], tag::make(reads.clock, party), floor_);
  }
  reads.clock = 0;
}

void SharedMemory::record_row_reads() {
  for (RowReads& reads : row_reads_)
    replace(reads);
  for (Page& page : pages_)
    page.read_clock = 0;
}

SharedMemory::Detail& SharedMemory::split(std::uint32_t word) {
  if (details_.size() <= word) details_.resize((size_bytes_ + 3) / 4);
  Detail& d = details_[word];
  if (writers_[word] != tag::kSplit) {
    d = Detail{};
    std::fill_n(d.writer, 4, writers_[word]);
    std::fill_n(d.reader, 4, readers_[word]);
    writers_[word] = tag::kSplit;
  }
  return d;
}

void SharedMemory::join(std::uint32_t word) {
  if (keeps_sites_) return;
  const Detail& d = details_[word];
  for (int byte = 0; byte < 4; ++byte) {
    if (d.writer[byte] != d.writer[0] || d.reader[byte] != d.reader[0]) return;
    if (d.strong_reader[byte] >= floor_ || (d.is_strong[byte] && d.writer[byte] >= floor_)) return;
  }
  writers_[word] = d.writer[0];
  readers_[word] = d.reader[0];
}

/// The conflict when an asynchronous copy of the word is under way, whatever its bytes were before.
std::optional<Conflict> SharedMemory::unwaited(std::uint32_t address) const {
  if (writers_[address / 4] != tag::kCopying) return std::nullopt;
  return Conflict{Conflict::Kind::async_unwaited, address, 0, 0, true};
}

std::optional<Conflict> SharedMemory::read(const SharedAccess& access,
                                           std::uint32_t address,
                                           std::uint32_t size_bytes) {
  if (!is_checked_) return std::nullopt;
  const std::uint32_t me = tag::make(clock_, access.me);
  if ((address | size_bytes) % 4 != 0) return read_bytes(access, address, size_bytes);
  for (std::uint32_t word = address / 4; word < (address + size_bytes) / 4; ++word) {
    const std::uint32_t w = writers_[word];
    if (w == 0 || w >= tag::kCopying || access.is_strong || !is_ordered(access, w)) [[unlikely]] {
      if (auto conflict = read_bytes(access, word * 4, 4)) return conflict;
      continue;
    }
    readers_[word] = tag::merge(readers_[word], me, floor_);
  }
  return std::nullopt;
}

std::optional<Conflict> SharedMemory::write(const SharedAccess& access,
                                            std::uint32_t address,
                                            std::uint32_t size_bytes) {
  if (!is_checked_) return std::nullopt;
  before_write(address, address + size_bytes - 1);
  if ((address | size_bytes) % 4 != 0) return write_bytes(access, address, size_bytes);
  const std::uint32_t me = tag::make(clock_, access.me);
  for (std::uint32_t word = address / 4; word < (address + size_bytes) / 4; ++word) {
    const std::uint32_t w = writers_[word];
    if (w >= tag::kCopying || access.is_strong || !is_ordered(access, w) ||
        !is_ordered(access, readers_[word])) [[unlikely]] {
      if (auto conflict = write_bytes(access, word * 4, 4)) return conflict;
      continue;
    }
    writers_[word] = me;
    readers_[word] = 0;
  }
  return std::nullopt;
}

std::optional<Conflict> SharedMemory::read_bytes(const SharedAccess& access,
                                                 std::uint32_t address,
                                                 std::uint32_t size_bytes) {
  const std::uint32_t me = tag::make(clock_, access.me);
  for (std::uint32_t at = address; at < address + size_bytes; ++at) {
    if (auto conflict = unwaited(at)) return conflict;
    Detail& d = split(at / 4);
    const std::uint32_t byte = at % 4;
    if (d.writer[byte] == 0) return Conflict{Conflict::Kind::uninitialised, at, 0, 0, false};
    if (auto conflict = with_writer(access, d, at)) return conflict;
    std::uint32_t& reader = access.is_strong ? d.strong_reader[byte] : d.reader[byte];
    reader = tag::merge(reader, me, floor_);
    (access.is_strong ? d.strong_reader_site : d.reader_site)[byte] = access.site;
    if (byte == 3 || at + 1 == address + size_bytes) join(at / 4);
  }
  return std::nullopt;
}

std::optional<Conflict> SharedMemory::write_bytes(const SharedAccess& access,
                                                  std::uint32_t address,
                                                  std::uint32_t size_bytes) {
  const std::uint32_t me = tag::make(clock_, access.me);
  for (std::uint32_t at = address; at < address + size_bytes; ++at) {
    if (auto conflict = unwaited(at)) return conflict;
    Detail& d = split(at / 4);
    const std::uint32_t byte = at % 4;
    if (auto conflict = with_writer(access, d, at)) return conflict;
    if (!is_ordered(access, d.reader[byte])) {
      return Conflict{Conflict::Kind::race, at, d.reader[byte], d.reader_site[byte], false};
    }
    if (!access.is_strong && !is_ordered(access, d.strong_reader[byte])) {
      return Conflict{
          Conflict::Kind::race, at, d.strong_reader[byte], d.strong_reader_site[byte], false};
    }
    if (access.is_strong && !d.is_strong[byte]) {
      d.weak_writer[byte] = d.writer[byte];
      d.weak_writer_site[byte] = d.writer_site[byte];
    }
    d.writer[byte] = me;
    d.writer_site[byte] = access.site;
    d.is_strong[byte] = access.is_strong;
    d.reader[byte] = 0;
    d.strong_reader[byte] = 0;
    if (byte == 3 || at + 1 == address + size_bytes) join(at / 4);
  }
  return std::nullopt;
}

std::optional<Conflict> SharedMemory::begin_copy(const SharedAccess& access,
                                                 std::uint32_t address,
                                                 std::uint32_t size_bytes) {
  std::memset(data_.data() + address, 0xff, size_bytes);
  if (!is_checked_) return std::nullopt;
  if (auto conflict = write(access, address, size_bytes)) return conflict;
  for (std::uint32_t word = address / 4; word < (address + size_bytes) / 4; ++word) {
    writers_[word] = tag::kCopying;
    readers_[word] = 0;
  }
  return std::nullopt;
}

void SharedMemory::deliver_copy(const SharedAccess& access,
                                std::uint32_t address,
                                std::uint32_t size_bytes,
                                const std::byte* bytes) {
  if (bytes != nullptr) std::memcpy(data_.data() + address, bytes, size_bytes);
  if (!is_checked_) return;
  before_write(address, address + size_bytes - 1);
  const std::uint32_t me = tag::make(clock_, access.me);
  for (std::uint32_t word = address / 4; word < (address + size_bytes) / 4; ++word) {
    writers_[word] = keeps_sites_ ? tag::kSplit : me;
    if (!keeps_sites_) continue;
    Detail& d = details_[word];
    d = Detail{};
    std::fill_n(d.writer, 4, me);
    std::fill_n(d.writer_site, 4, access.site);
  }
}

}  // namespace attest::ptx
