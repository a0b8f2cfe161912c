// The shadow of writable global memory during one launch: who wrote and who read each word, of
// which block, and when. Sparse: a page of it exists once it was touched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/memory/shared_memory.h"
#include "harness/ptx/memory/vector_clock.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

/// A tag is a block (25 bits), that block's time (24 bits) and a party as in shared memory (12
/// bits). Tag 0 is "never". Blocks or times beyond are not watched.
namespace global_tag {
inline constexpr int kTimeShift = tag::kPartyBits;
inline constexpr int kBlockShift = 36;
inline constexpr std::uint32_t kMaxTime = (1u << 24) - 1;
inline constexpr std::uint32_t kMaxBlock = (1u << 25) - 1;
inline constexpr std::uint64_t kBlockMask = std::uint64_t{kMaxBlock} << kBlockShift;
inline constexpr std::uint64_t kWho = kBlockMask | tag::kPartyMask;
inline constexpr std::uint64_t kSaw = 1ull << 61;     // a reader's: some read was strong; a strong
                                                      // writer's: more blocks read it than are kept
inline constexpr std::uint64_t kStrong = 1ull << 62;  // an atomic or its kin
inline constexpr std::uint64_t kNarrow = 1ull << 63;  // of scope .cta

constexpr std::uint64_t make(std::uint32_t block, std::uint32_t time, std::uint32_t party) {
  return std::uint64_t{block} << kBlockShift | std::uint64_t{time} << kTimeShift | party;
}
constexpr std::uint32_t block(std::uint64_t t) {
  return static_cast<std::uint32_t>(t >> kBlockShift) & kMaxBlock;
}
constexpr std::uint32_t time(std::uint64_t t) {
  return static_cast<std::uint32_t>(t >> kTimeShift) & kMaxTime;
}
constexpr std::uint32_t party(std::uint64_t t) {
  return static_cast<std::uint32_t>(t) & tag::kPartyMask;
}
constexpr bool is_several_warps(std::uint64_t t) {
  return party(t) == tag::kSeveralWarps;
}
}  // namespace global_tag

/// The party that accesses, and what it knows.
struct GlobalAccess {
  std::uint64_t me = 0;                  // tag, strong and narrow included
  std::uint32_t floor = 0;               // of its block: all before is ordered
  std::uint32_t warp_time = 0;           // of its warp's last bar.warp.sync
  const std::uint32_t* known = nullptr;  // times of its block's warps; or null
  const VectorClock* clock = nullptr;    // of other blocks; or null
  std::uint32_t site = 0;                // code index
  bool is_nc = false;                    // a read through the read-only path
};

struct GlobalConflict {
  enum class Kind : std::uint8_t { race, nc };
  Kind kind = Kind::race;
  std::uint64_t address = 0;  // of the first byte concerned
  std::uint64_t other = 0;    // tag
  std::uint32_t other_site = 0;
  bool other_wrote = false;
};

class GlobalShadow {
 public:
  /// Pages beyond `limit_bytes` of tags are not watched. `keeps_sites`: a conflict knows the other
  /// party's code.
  explicit GlobalShadow(bool keeps_sites, std::size_t limit_bytes = kDefaultLimitBytes)
      : limit_bytes_(limit_bytes), keeps_sites_(keeps_sites) {}

  /// One lane's access of 1, 2, 4, 8 or 16 bytes, aligned to its size. An atomic is a strong write.
  std::optional<GlobalConflict> read(const GlobalAccess& access,
                                     std::uint64_t address,
                                     std::uint32_t size_bytes);
  std::optional<GlobalConflict> write(const GlobalAccess& access,
                                      std::uint64_t address,
                                      std::uint32_t size_bytes);

  /// Weak accesses of `lanes` lanes to `lane_bytes` each, one lane behind the other; `first` is the
  /// first of them. False when nothing was recorded and each lane must be looked at.
  bool read_run(const GlobalAccess& first,
                std::uint64_t address,
                std::uint32_t lane_bytes,
                std::uint32_t lanes);
  bool write_run(const GlobalAccess& first,
                 std::uint64_t address,
                 std::uint32_t lane_bytes,
                 std::uint32_t lanes);

 private:
  static constexpr std::size_t kDefaultLimitBytes = std::size_t{1} << 30;
  static constexpr std::uint64_t kPageBytes = 4096;
  using Tags = std::vector<std::uint64_t>;
  using Sites = std::vector<std::uint32_t>;
  /// Cells of 4 bytes, or of 2 or 1 once an access was that small.
  struct Page {
    int cell_shift = 2;
    Tags writer;
    Tags weak_writer;            // before the last, which was strong; empty until a strong write
    std::array<Tags, 2> reader;  // readers that the other does not know; empty until a read
    Tags nc_reader;              // empty until a read through .nc
    Sites writer_site;           // these when sites are kept
    Sites weak_writer_site;
    std::array<Sites, 2> reader_site;
    Sites nc_site;
  };
  struct Cell {
    Page& page;
    std::size_t n;
  };
  struct Cached {
    std::uint64_t number = ~0ull;
    Page* page = nullptr;
  };

  [[nodiscard]] Page* page_of(std::uint64_t address);
  [[nodiscard]] bool spend(std::size_t bytes);
  [[nodiscard]] bool add_tags(Tags* tags, Sites* sites, std::size_t cells);
  void refine(Page& page, int cell_shift);
  template <class Act>
  std::optional<GlobalConflict> each_cell(std::uint64_t address, std::uint32_t size_bytes, Act act);
  template <class Try>
  bool each_page(std::uint64_t address, std::uint32_t lane_bytes, std::uint32_t lanes, Try attempt);

  [[nodiscard]] std::optional<GlobalConflict> with_writer(const GlobalAccess& access,
                                                          Cell cell) const;
  std::optional<GlobalConflict> read_cell(const GlobalAccess& access, Cell cell);
  std::optional<GlobalConflict> write_cell(const GlobalAccess& access, Cell cell);
  void note_reader(const GlobalAccess& access, Cell cell);
  void note_weak_writer(const GlobalAccess& access, Cell cell);
  void note_nc(const GlobalAccess& access, Cell cell);

  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  std::array<Cached, 16> cache_{};
  std::size_t used_bytes_ = 0;
  std::size_t limit_bytes_;
  bool keeps_sites_;
};

}  // namespace attest::ptx
