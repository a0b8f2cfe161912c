// Sectors and wavefronts of single accesses.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/traffic.h"

#include "harness/ptx/machine/warp.h"

#include <algorithm>

namespace attest::ptx {
namespace {

constexpr std::uint64_t kSectorBytes = 32;
constexpr std::int64_t kWavefrontBytes = 128;
constexpr std::uint32_t kBanks = 32;
constexpr std::uint32_t kWordBytes = 4;

std::int64_t count(std::uint32_t lanes) {
  return __builtin_popcount(lanes);
}

void add(const BankCounts& access, BankCounts* to) {
  to->accesses += access.accesses;
  to->wavefronts += access.wavefronts;
  to->wavefronts_ideal += access.wavefronts_ideal;
}

/// The words of one phase, by bank.
class Phase {
 public:
  /// `is_shared`: a word that another lane of the phase asked for comes with it.
  void add(std::uint32_t word, bool is_shared) {
    const std::uint32_t bank = word % kBanks;
    auto& words = words_[bank];
    std::uint32_t& used = used_[bank];
    if (is_shared && std::find(words.begin(), words.begin() + used, word) != words.begin() + used)
      return;
    words[used++] = word;
    deepest_ = std::max(deepest_, used);
  }
  [[nodiscard]] std::int64_t wavefronts() const { return deepest_; }

 private:
  std::array<std::array<std::uint32_t, kBanks>, kBanks> words_;  // at most 32 words in a phase
  std::array<std::uint32_t, kBanks> used_{};
  std::uint32_t deepest_ = 0;
};

}  // namespace

void SectorSet::insert(std::uint64_t sector) {
  const std::uint64_t number = sector / kPageSectors;
  if (last_ == nullptr || number != last_number_) {
    std::unique_ptr<Page>& page = pages_[number];
    if (page == nullptr) page = std::make_unique<Page>();
    last_ = page.get();
    last_number_ = number;
  }
  std::uint64_t& word = (*last_)[sector % kPageSectors / 64];
  const std::uint64_t bit = std::uint64_t{1} << (sector % 64);
  size_ += (word & bit) == 0;
  word |= bit;
}

std::int64_t SectorSet::size_within(std::uint64_t first, std::uint64_t end) const {
  std::int64_t size = 0;
  for (std::uint64_t at = first; at < end;) {
    const std::uint64_t number = at / kPageSectors;
    const std::uint64_t page_end = std::min(end, (number + 1) * kPageSectors);
    const auto page = pages_.find(number);
    for (; page != pages_.end() && at < page_end; ++at)
      size += static_cast<std::int64_t>((*page->second)[at % kPageSectors / 64] >> (at % 64) & 1);
    at = page_end;
  }
  return size;
}

Traffic::Requested* Traffic::requested(std::uint64_t first, std::uint64_t end) {
  const std::vector<Allocation>& all = memory_.allocations();
  if (last_ >= all.size() || !all[last_].holds(first, end)) {
    const Allocation* a = memory_.find(first, end);
    if (a == nullptr) return nullptr;
    last_ = static_cast<std::size_t>(a - all.data());
  }
  return last_ < requested_.size() ? &requested_[last_] : nullptr;
}

void Traffic::global(std::uint32_t m,
                     const std::uint64_t* addresses,
                     std::int64_t offset,
                     std::int64_t size_bytes,
                     Moves moves) {
  if (m == 0) return;
  ++counts_.global_accesses;
  counts_.global_bytes_requested += count(m) * size_bytes;
  std::array<std::uint64_t, 2 * kLanes> sectors;  // an aligned access of a lane lies in one or two
  std::size_t used = 0;
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    const std::uint64_t first = addresses[l] + static_cast<std::uint64_t>(offset);
    const std::uint64_t last = first + static_cast<std::uint64_t>(size_bytes) - 1;
    if (Requested* of = requested(first, last + 1); of != nullptr)
      of->bytes[static_cast<std::size_t>(moves)] += size_bytes;
    sectors[used++] = first / kSectorBytes;
    if (last / kSectorBytes != first / kSectorBytes) sectors[used++] = last / kSectorBytes;
  }
  const auto begin = sectors.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(used);
  if (!std::is_sorted(begin, end)) std::sort(begin, end);
  const auto distinct = std::unique(begin, end);
  counts_.global_sectors += distinct - begin;
  for (auto s = begin; s != distinct; ++s) {
    if (moves != Moves::writes) read_.insert(*s);
    if (moves != Moves::reads) written_.insert(*s);
  }
}

void Traffic::shared(std::uint32_t m,
                     const std::uint32_t* addresses,
                     std::int64_t size_bytes,
                     SharedPath path) {
  if (m == 0) return;
  BankCounts access{.accesses = 1};
  counts_.shared_bytes_requested += count(m) * size_bytes;
  const auto lanes = static_cast<int>(std::min<std::int64_t>(kWavefrontBytes / size_bytes, kLanes));
  for (int first = 0; first < kLanes; first += lanes) {
    Phase phase;
    for (int l = first; l < first + lanes; ++l) {
      if ((m >> l & 1) == 0) continue;
      const std::uint32_t last = addresses[l] + static_cast<std::uint32_t>(size_bytes) - 1;
      for (std::uint32_t word = addresses[l] / kWordBytes; word <= last / kWordBytes; ++word)
        phase.add(word, path != SharedPath::atomic);
    }
    access.wavefronts += phase.wavefronts();
    access.wavefronts_ideal += phase.wavefronts() != 0;
  }
  add(access, &banks_);
  if (path == SharedPath::ldmatrix) add(access, &counts_.ldmatrix);
  if (path == SharedPath::cp_async) add(access, &counts_.cp_async);
}

void Traffic::local(std::uint32_t m, std::int64_t size_bytes) {
  counts_.local_bytes_requested += count(m) * size_bytes;
}

TrafficCounts Traffic::counts() const {
  TrafficCounts counts = counts_;
  counts.global_bytes_touched =
      (read_.size() + written_.size()) * static_cast<std::int64_t>(kSectorBytes);
  counts.shared_accesses = banks_.accesses;
  counts.shared_wavefronts = banks_.wavefronts;
  counts.shared_wavefronts_ideal = banks_.wavefronts_ideal;
  for (std::size_t n = 0; n < requested_.size(); ++n) {
    const Allocation& a = memory_.allocations()[n];
    const auto& bytes = requested_[n].bytes;
    BufferTraffic& buffer = counts.buffers.emplace_back();
    buffer.name = a.name;
    buffer.bytes_read_requested = bytes[static_cast<std::size_t>(Moves::reads)];
    buffer.bytes_written_requested = bytes[static_cast<std::size_t>(Moves::writes)];
    buffer.bytes_atomic_requested = bytes[static_cast<std::size_t>(Moves::both)];
    const std::uint64_t first = a.base / kSectorBytes;  // red zones keep sectors of buffers apart
    const std::uint64_t end =
        (a.base + static_cast<std::uint64_t>(a.size_bytes) + kSectorBytes - 1) / kSectorBytes;
    buffer.bytes_touched = (read_.size_within(first, end) + written_.size_within(first, end)) *
                           static_cast<std::int64_t>(kSectorBytes);
  }
  return counts;
}

}  // namespace attest::ptx
