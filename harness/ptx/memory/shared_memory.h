// Shared memory of one CTA, and its shadow: who wrote and who read each word, and when.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace attest::ptx {

/// A tag is a clock (19 bits) and a party (12 bits): `(warp + 1) << 6 | lane`, with bit 5 set for
/// several lanes of that warp, and kSeveralWarps for lanes of several. Tag 0 is "never".
///
/// The clock rises at every barrier and every bar.warp.sync, so nothing is cleared there: an
/// access is ordered before another when its tag is below the floor (the clock of the last
/// barrier), when it is the same lane's, or when it is the same warp's and older than that warp's
/// last sync.
namespace tag {
inline constexpr std::uint32_t kPartyBits = 12;
inline constexpr std::uint32_t kPartyMask = 0xfff;
inline constexpr std::uint32_t kWarpMask = 0xfc0;
inline constexpr std::uint32_t kSeveralLanes = 0x20;
inline constexpr std::uint32_t kSeveralWarps = 0xfff;
inline constexpr std::uint32_t kSplit = 0x7fffffff;    // the word's bytes have tags of their own
inline constexpr std::uint32_t kCopying = 0x7ffffffe;  // an asynchronous copy of it is under way
inline constexpr std::uint32_t kMaxClock = (1u << 19) - 2;

constexpr std::uint32_t party(std::uint32_t warp, std::uint32_t lane) {
  return (warp + 1) << 6 | lane;
}
constexpr std::uint32_t make(std::uint32_t clock, std::uint32_t party) {
  return clock << kPartyBits | party;
}
constexpr std::uint32_t clock(std::uint32_t t) {
  return t >> kPartyBits;
}
constexpr std::uint32_t warp(std::uint32_t t) {
  return ((t & kPartyMask) >> 6) - 1;
}
constexpr std::uint32_t lane(std::uint32_t t) {
  return t & 0x1f;
}

/// The reader tag after `me` reads what `old` has read: still one lane, or several.
constexpr std::uint32_t merge(std::uint32_t old, std::uint32_t me, std::uint32_t floor) {
  if (old < floor) return me;
  const std::uint32_t x = (old ^ me) & kPartyMask;
  return me | (x != 0 ? kSeveralLanes : 0) | ((x & kWarpMask) != 0 ? kSeveralWarps : 0);
}
}  // namespace tag

inline constexpr std::uint32_t kMaxWarps = 32;  // of a block

/// What the shadow found wrong with one access.
struct Conflict {
  enum class Kind : std::uint8_t { uninitialised, race, async_unwaited };
  Kind kind = Kind::race;
  std::uint32_t address = 0;  // of the first byte concerned
  std::uint32_t other = 0;    // the other party's tag; 0 when there is none, or of async_unwaited
  std::uint32_t other_site = 0;  // code index of the other access, when sites are kept
  bool other_wrote = false;
};

/// The party that accesses.
struct SharedAccess {
  std::uint32_t me = 0;                  // tag::party
  std::uint32_t warp_clock = 0;          // clock of its warp's last bar.warp.sync
  std::uint32_t site = 0;                // code index
  const std::uint32_t* known = nullptr;  // per warp: accesses before that time are ordered; or null
  bool is_strong = false;                // atomics and their kin do not race with each other
};

/// Rows of 16 bytes that lanes 0, 1, .. of a warp have read at once, lane l row l. They stand for tags
/// of readers, which are written only before something is written near, if at all.
struct RowReads {
  static constexpr std::uint32_t kSeveralWarps = ~0u;

  std::uint32_t clock = 0;  // of the last read; 0: none
  std::uint32_t warp = 0;   // or kSeveralWarps
  std::uint32_t first = 0;  // byte of them all
  std::uint32_t last = 0;
  std::uint32_t writes = 0;  // SharedMemory::writes(first, last), when they were readable
  std::uint32_t count = 0;
  std::uint32_t offset[32] = {};
};

class SharedMemory {
 public:
  /// Of host memory that one of this kind takes.
  [[nodiscard]] static std::int64_t bytes(std::int64_t size_bytes,
                                          bool is_checked,
                                          bool keeps_sites);
  /// For a new CTA: every byte poisoned and uninitialised. `keeps_sites` is the slow mode in which
  /// a conflict also knows the other party's code.
  void reset(std::int64_t size_bytes, bool is_checked, bool keeps_sites);

  [[nodiscard]] std::byte* data() { return data_.data(); }
  [[nodiscard]] std::uint32_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] bool is_checked() const { return is_checked_; }
  [[nodiscard]] std::uint32_t clock() const { return clock_; }
  /// Tags below this are ordered before everything now.
  [[nodiscard]] std::uint32_t floor() const { return floor_; }
  /// The clock without its wrap-around, and the floor of the same kind.
  [[nodiscard]] std::uint32_t now() const { return past_ + clock_; }
  [[nodiscard]] std::uint32_t floor_time() const { return time_of(tag::clock(floor_)); }
  [[nodiscard]] std::uint32_t time_of(std::uint32_t clock) const { return past_ + clock; }
  [[nodiscard]] std::uint32_t* writers() { return writers_.data(); }
  [[nodiscard]] std::uint32_t* readers() { return readers_.data(); }

  /// Where a read of rows whose first begins here is remembered: the sixteen matrices of a tile of
  /// 8 KiB, and eight such tiles, have places of their own.
  [[nodiscard]] RowReads& row_reads(std::uint32_t first) {
    return row_reads_[(first >> 5 ^ first >> 9) % row_reads_.size()];
  }
  /// Makes room for another read, which the caller fills in; what was there becomes tags.
  void replace(RowReads& reads);
  /// A number that changes with every write into the pages of these offsets, first <= last.
  [[nodiscard]] std::uint32_t writes(std::uint32_t first, std::uint32_t last) const {
    std::uint32_t sum = 0;
    for (std::uint32_t page = first >> kPageBits; page <= last >> kPageBits; ++page)
      sum += pages_[page].writes;
    return sum;
  }
  /// Rows in [first, last] are read now, and remembered.
  void note_read(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t page = first >> kPageBits; page <= last >> kPageBits; ++page)
      pages_[page].read_clock = clock_;
  }
  /// To be called before tags in [first, last] are looked at for a write.
  void before_write(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t page = first >> kPageBits; page <= last >> kPageBits; ++page) {
      ++pages_[page].writes;
      if (tag::make(pages_[page].read_clock, 0) >= floor_) [[unlikely]]
        record_row_reads();
    }
  }

  /// A barrier of the whole CTA: everything before is ordered before everything after.
  void barrier();
  /// bar.warp.sync: returns the new clock, which becomes the warp's.
  std::uint32_t warp_sync();
  /// What is accessed from now on is newer than what was; returns now().
  std::uint32_t advance();

  /// Checks and records one access within bounds; for any size and alignment.
  std::optional<Conflict> read(const SharedAccess& access,
                               std::uint32_t address,
                               std::uint32_t size_bytes);
  std::optional<Conflict> write(const SharedAccess& access,
                                std::uint32_t address,
                                std::uint32_t size_bytes);
  /// An asynchronous copy of whole words is issued: they are poison until it is delivered.
  std::optional<Conflict> begin_copy(const SharedAccess& access,
                                     std::uint32_t address,
                                     std::uint32_t size_bytes);
  /// `bytes`: null when they are there already.
  void deliver_copy(const SharedAccess& access,
                    std::uint32_t address,
                    std::uint32_t size_bytes,
                    const std::byte* bytes);

 private:
  struct Detail {
    std::uint32_t writer[4] = {};
    std::uint32_t reader[4] = {};
    std::uint32_t writer_site[4] = {};
    std::uint32_t reader_site[4] = {};
    std::uint32_t strong_reader[4] = {};  // strong reads of what the last writer wrote
    std::uint32_t strong_reader_site[4] = {};
    bool is_strong[4] = {};  // the last write; then this is the last that was not:
    std::uint32_t weak_writer[4] = {};
    std::uint32_t weak_writer_site[4] = {};
  };
  void record_row_reads();
  Detail& split(std::uint32_t word);
  void join(std::uint32_t word);
  [[nodiscard]] std::optional<Conflict> unwaited(std::uint32_t address) const;
  void tick();
  [[nodiscard]] bool is_ordered(const SharedAccess& access, std::uint32_t t) const;
  [[nodiscard]] bool is_known(const SharedAccess& access, std::uint32_t t) const;
  [[nodiscard]] std::optional<Conflict> with_writer(const SharedAccess& access,
                                                    const Detail& d,
                                                    std::uint32_t at) const;
  std::optional<Conflict> read_bytes(const SharedAccess& access,
                                     std::uint32_t address,
                                     std::uint32_t size_bytes);
  std::optional<Conflict> write_bytes(const SharedAccess& access,
                                      std::uint32_t address,
                                      std::uint32_t size_bytes);

  std::vector<std::byte> data_;
  std::vector<std::uint32_t> writers_;
  std::vector<std::uint32_t> readers_;
  std::array<RowReads, 128> row_reads_;
  static constexpr int kPageBits = 13;
  struct Page {
    std::uint32_t writes = 0;
    std::uint32_t read_clock = 0;  // of the last read that row_reads_ remembers
  };
  std::vector<Page> pages_;
  std::vector<Detail> details_;  // of the words that are split; of others, what was once there
  std::uint32_t size_bytes_ = 0;
  std::uint32_t clock_ = 1;
  std::uint32_t floor_ = 0;
  std::uint32_t past_ = 0;  // what the clock lost by wrapping
  bool is_checked_ = true;
  bool keeps_sites_ = false;
};

}  // namespace attest::ptx
