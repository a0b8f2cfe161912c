// The rules of races in global memory, cell by cell, and their fast path for whole warps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_shadow.h"

#include <algorithm>
#include <bit>

namespace attest::ptx {
namespace {

using namespace global_tag;

bool same_block(std::uint64_t a, std::uint64_t b) {
  return ((a ^ b) & kBlockMask) == 0;
}
bool same_warp(std::uint64_t a, std::uint64_t b) {
  return ((a ^ b) & (kBlockMask | tag::kWarpMask)) == 0;
}

/// Is the access behind `t` ordered before `access`? Of several warps the last is not known:
/// ordered when it may be one whose access is.
bool is_ordered(const GlobalAccess& access, std::uint64_t t) {
  if (t == 0) return true;
  const std::uint32_t at = time(t);
  if (!same_block(t, access.me)) {
    if (access.clock == nullptr) return false;
    return is_several_warps(t) ? access.clock->may_cover(block(t), at)
                               : access.clock->covers(block(t), tag::warp(party(t)), at);
  }
  if (at < access.floor || ((t ^ access.me) & tag::kPartyMask) == 0) return true;
  if (same_warp(t, access.me) && at < access.warp_time) return true;
  if (access.known == nullptr) return false;
  if (!is_several_warps(t)) return at < access.known[tag::warp(party(t))];
  return std::any_of(
      access.known, access.known + kMaxWarps, [at](std::uint32_t k) { return at < k; });
}

/// Strong accesses do not race with each other, if the scope of each has the other's block.
bool both_strong(std::uint64_t a, std::uint64_t b) {
  return (a & b & kStrong) != 0 && (same_block(a, b) || ((a | b) & kNarrow) == 0);
}

/// A strong write is ordered before what is ordered after a read of it, and before what the warp of
/// a strong read does next.
bool is_seen(const GlobalAccess& access, std::uint64_t writer, std::uint64_t reader) {
  if ((writer & kStrong) == 0 || reader == 0) return false;
  if (is_ordered(access, reader)) return true;
  return (reader & (kStrong | kSaw)) != 0 &&
         (same_warp(reader, access.me) || is_several_warps(reader));
}

/// Of a lane of a run: never written or read, by the same thread, or before its block's floor.
bool is_plain(std::uint64_t t, std::uint64_t me, std::uint64_t floor) {
  const std::uint64_t other = t ^ me;
  const bool is_own = (other & kWho) == 0;
  const bool is_old = (other & kBlockMask) == 0 && (t & ~(kStrong | kNarrow | kSaw)) < floor;
  return t == 0 || is_own || is_old;
}

}  // namespace

bool GlobalShadow::spend(std::size_t bytes) {
  if (used_bytes_ + bytes > limit_bytes_) return false;
  used_bytes_ += bytes;
  return true;
}

bool GlobalShadow::add_tags(Tags* tags, Sites* sites, std::size_t cells) {
  if (!tags->empty()) return true;
  if (!spend(cells * sizeof(Tags::value_type))) return false;
  tags->resize(cells);
  if (keeps_sites_) sites->resize(cells);
  return true;
}

/// Null when it does not exist and there is no room for it.
GlobalShadow::Page* GlobalShadow::page_of(std::uint64_t address) {
  const std::uint64_t number = address / kPageBytes;
  Cached& cached = cache_[number % cache_.size()];
  if (cached.number == number) return cached.page;
  auto found = pages_.find(number);
  if (found == pages_.end()) {
    auto page = std::make_unique<Page>();
    if (!add_tags(&page->writer, &page->writer_site, kPageBytes >> page->cell_shift))
      return nullptr;
    found = pages_.emplace(number, std::move(page)).first;
  }
  cached = {number, found->second.get()};
  return cached.page;
}

/// Splits the cells; each part keeps what was known of the whole.
void GlobalShadow::refine(Page& page, int cell_shift) {
  const auto times = std::size_t{1} << (page.cell_shift - cell_shift);
  const auto split = [times, this](auto& values) {
    auto old = std::move(values);
    values.clear();
    values.reserve(old.size() * times);
    for (const auto v : old)
      values.insert(values.end(), times, v);
    if constexpr (sizeof(old[0]) == sizeof(std::uint64_t))
      used_bytes_ += (values.size() - old.size()) * sizeof(old[0]);
  };
  split(page.writer);
  split(page.writer_site);
  split(page.weak_writer);
  split(page.weak_writer_site);
  split(page.nc_reader);
  split(page.nc_site);
  for (Tags& r : page.reader)
    split(r);
  for (Sites& s : page.reader_site)
    split(s);
  page.cell_shift = cell_shift;
}

/// Calls act(cell) for the cells of an aligned access, which lie in one page, until a conflict.
template <class Act>
std::optional<GlobalConflict> GlobalShadow::each_cell(std::uint64_t address,
                                                      std::uint32_t size_bytes,
                                                      Act act) {
  Page* page = page_of(address);
  if (page == nullptr) return std::nullopt;
  const int shift = std::countr_zero(size_bytes);
  if (shift < page->cell_shift) refine(*page, shift);
  const std::size_t first = (address % kPageBytes) >> page->cell_shift;
  const std::size_t count = size_bytes >> page->cell_shift;
  for (std::size_t n = first; n < first + count; ++n) {
    if (auto conflict = act(Cell{*page, n})) {
      conflict->address = address + ((n - first) << page->cell_shift);
      return conflict;
    }
  }
  return std::nullopt;
}

std::optional<GlobalConflict> GlobalShadow::read(const GlobalAccess& access,
                                                 std::uint64_t address,
                                                 std::uint32_t size_bytes) {
  return each_cell(address, size_bytes, [&](Cell cell) { return read_cell(access, cell); });
}

std::optional<GlobalConflict> GlobalShadow::write(const GlobalAccess& access,
                                                  std::uint64_t address,
                                                  std::uint32_t size_bytes) {
  return each_cell(address, size_bytes, [&](Cell cell) { return write_cell(access, cell); });
}

/// A race with the last writer, or with the last weak one.
std::optional<GlobalConflict> GlobalShadow::with_writer(const GlobalAccess& access,
                                                        Cell cell) const {
  const Page& page = cell.page;
  const std::uint64_t writer = page.writer[cell.n];
  if (is_ordered(access, writer)) return std::nullopt;
  const auto race = [&](std::uint64_t t, const Sites& sites) {
    return GlobalConflict{GlobalConflict::Kind::race, 0, t, keeps_sites_ ? sites[cell.n] : 0, true};
  };
  if (both_strong(writer, access.me)) {
    if (page.weak_writer.empty() || is_ordered(access, page.weak_writer[cell.n]))
      return std::nullopt;
    return race(page.weak_writer[cell.n], page.weak_writer_site);
  }
  if ((writer & kSaw) != 0) return std::nullopt;
  for (const Tags& reader : page.reader) {
    if (!reader.empty() && is_seen(access, writer, reader[cell.n])) return std::nullopt;
  }
  return race(writer, page.writer_site);
}

std::optional<GlobalConflict> GlobalShadow::read_cell(const GlobalAccess& access, Cell cell) {
  Page& page = cell.page;
  const std::uint64_t writer = page.writer[cell.n];
  if (access.is_nc && writer != 0) {
    const std::uint32_t site = keeps_sites_ ? page.writer_site[cell.n] : 0;
    return GlobalConflict{GlobalConflict::Kind::nc, 0, writer, site, true};
  }
  if (auto conflict = with_writer(access, cell)) return conflict;
  if (access.is_nc) note_nc(access, cell);
  note_reader(access, cell);
  return std::nullopt;
}

std::optional<GlobalConflict> GlobalShadow::write_cell(const GlobalAccess& access, Cell cell) {
  Page& page = cell.page;
  const auto with_reader = [&](GlobalConflict::Kind kind, std::uint64_t t, const Sites& sites) {
    return GlobalConflict{kind, 0, t, keeps_sites_ ? sites[cell.n] : 0, false};
  };
  if (!page.nc_reader.empty() && page.nc_reader[cell.n] != 0)
    return with_reader(GlobalConflict::Kind::nc, page.nc_reader[cell.n], page.nc_site);
  if (auto conflict = with_writer(access, cell)) return conflict;
  for (std::size_t slot = 0; slot < page.reader.size(); ++slot) {
    if (page.reader[slot].empty()) continue;
    std::uint64_t& reader = page.reader[slot][cell.n];
    if (!is_ordered(access, reader) && !both_strong(reader, access.me))
      return with_reader(GlobalConflict::Kind::race, reader, page.reader_site[slot]);
  }
  for (Tags& reader : page.reader) {
    if (!reader.empty()) reader[cell.n] = 0;
  }
  note_weak_writer(access, cell);
  page.writer[cell.n] = access.me;
  if (keeps_sites_) page.writer_site[cell.n] = access.site;
  return std::nullopt;
}

/// A strong write does not hide the weak one before it.
void GlobalShadow::note_weak_writer(const GlobalAccess& access, Cell cell) {
  Page& page = cell.page;
  const std::uint64_t writer = page.writer[cell.n];
  const bool is_strong = (access.me & kStrong) != 0;
  if (is_strong && (writer & kStrong) != 0) return;
  const bool is_hidden = is_strong && writer != 0;
  if (!is_hidden && page.weak_writer.empty()) return;
  if (!add_tags(&page.weak_writer, &page.weak_writer_site, page.writer.size())) return;
  page.weak_writer[cell.n] = is_hidden ? writer : 0;
  if (keeps_sites_) page.weak_writer_site[cell.n] = page.writer_site[cell.n];
}

/// Two readers are kept, of blocks that are not ordered: a write that is ordered after neither of
/// two blocks meets at least one. A weak read is not forgotten for a strong one, which races with
/// less.
void GlobalShadow::note_reader(const GlobalAccess& access, Cell cell) {
  Page& page = cell.page;
  const std::size_t cells = page.writer.size();
  for (std::size_t slot = 0; slot < 2; ++slot) {
    if (!add_tags(&page.reader[slot], &page.reader_site[slot], cells)) {
      page.reader[0].clear();
      return;
    }
  }
  const auto put = [&](std::size_t slot, std::uint64_t value) {
    page.reader[slot][cell.n] = value;
    if (keeps_sites_) page.reader_site[slot][cell.n] = access.site;
  };
  const bool is_strong = (access.me & kStrong) != 0;
  for (std::size_t slot = 0; slot < 2; ++slot) {
    const std::uint64_t old = page.reader[slot][cell.n];
    if (old == 0) return put(slot, access.me);
    const bool stays_weak = is_strong && (old & kStrong) == 0;
    if (same_block(old, access.me)) {
      std::uint64_t merged = stays_weak ? access.me & ~(kStrong | kNarrow) : access.me;
      if (time(old) >= access.floor && ((old ^ merged) & tag::kPartyMask) != 0) {
        merged |= same_warp(old, merged) ? tag::kSeveralLanes : tag::kSeveralWarps;
      }
      if ((old & (kStrong | kSaw)) != 0) merged |= kSaw;
      return put(slot, merged);
    }
    if (!stays_weak && is_ordered(access, old)) return put(slot, access.me);
  }
  if ((page.writer[cell.n] & kStrong) != 0) page.writer[cell.n] |= kSaw;
  if (!is_strong || (page.reader[1][cell.n] & kStrong) != 0) put(1, access.me);
}

void GlobalShadow::note_nc(const GlobalAccess& access, Cell cell) {
  Page& page = cell.page;
  if (!add_tags(&page.nc_reader, &page.nc_site, page.writer.size())) return;
  page.nc_reader[cell.n] = access.me;
  if (keeps_sites_) page.nc_site[cell.n] = access.site;
}

/// Calls attempt(page, first cell, cells, first lane) for the one or two pages of a run.
template <class Try>
bool GlobalShadow::each_page(std::uint64_t address,
                             std::uint32_t lane_bytes,
                             std::uint32_t lanes,
                             Try attempt) {
  const int lane_shift = std::countr_zero(lane_bytes);
  const std::uint64_t end = address + std::uint64_t{lanes} * lane_bytes;
  // All pages first, so that nothing is half recorded.
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t at = address; at < end;) {
      const std::uint64_t stop = std::min(end, (at / kPageBytes + 1) * kPageBytes);
      Page* page = page_of(at);
      if (page == nullptr || page->cell_shift > lane_shift) return false;
      const std::size_t first = (at % kPageBytes) >> page->cell_shift;
      const auto lane = static_cast<std::uint32_t>((at - address) >> lane_shift);
      if (!attempt(*page, first, (stop - at) >> page->cell_shift, lane, round == 1)) return false;
      at = stop;
    }
  }
  return true;
}

bool GlobalShadow::write_run(const GlobalAccess& first,
                             std::uint64_t address,
                             std::uint32_t lane_bytes,
                             std::uint32_t lanes) {
  if (keeps_sites_) return false;
  const std::uint64_t floor = make(block(first.me), first.floor, 0);
  return each_page(
      address,
      lane_bytes,
      lanes,
      [&](Page& page, std::size_t from, std::size_t cells, std::uint32_t lane, bool is_checked) {
        const int per_lane = std::countr_zero(lane_bytes) - page.cell_shift;
        const std::uint64_t me = first.me + lane;
        std::uint64_t* writer = page.writer.data() + from;
        if (is_checked) {
          for (std::size_t n = 0; n < cells; ++n)
            writer[n] = me + (n >> per_lane);
          for (Tags* tags : {&page.reader[0], &page.reader[1], &page.weak_writer}) {
            if (!tags->empty())
              std::fill_n(tags->begin() + static_cast<std::ptrdiff_t>(from), cells, 0);
          }
          return true;
        }
        if (!page.nc_reader.empty()) return false;
        bool is_clean = true;
        for (std::size_t n = 0; n < cells; ++n)
          is_clean &= is_plain(writer[n], me + (n >> per_lane), floor);
        for (const Tags& reader : page.reader) {
          if (reader.empty()) continue;
          for (std::size_t n = 0; n < cells; ++n)
            is_clean &= is_plain(reader[from + n], me + (n >> per_lane), floor);
        }
        return is_clean;
      });
}

bool GlobalShadow::read_run(const GlobalAccess& first,
                            std::uint64_t address,
                            std::uint32_t lane_bytes,
                            std::uint32_t lanes) {
  if (keeps_sites_ || first.is_nc) return false;
  const std::uint64_t floor = make(block(first.me), first.floor, 0);
  return each_page(
      address,
      lane_bytes,
      lanes,
      [&](Page& page, std::size_t from, std::size_t cells, std::uint32_t lane, bool is_checked) {
        const int per_lane = std::countr_zero(lane_bytes) - page.cell_shift;
        const std::uint64_t me = first.me + lane;
        if (page.reader[0].empty()) return false;  // the first read of a page makes room
        std::uint64_t* reader = page.reader[0].data() + from;
        if (is_checked) {
          for (std::size_t n = 0; n < cells; ++n)
            reader[n] = me + (n >> per_lane);
          return true;
        }
        bool is_clean = true;
        for (std::size_t n = 0; n < cells; ++n) {
          const std::uint64_t mine = me + (n >> per_lane);
          is_clean &= is_plain(page.writer[from + n], mine, floor) &
                      is_plain(reader[n], mine, floor) & (page.reader[1][from + n] == 0);
        }
        return is_clean;
      });
}

}  // namespace attest::ptx
