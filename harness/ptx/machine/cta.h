// Cta: the warps of one block, their shared memory and their barrier; it can be left and resumed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/mbarrier.h"
#include "harness/ptx/machine/ordering.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/memory/local_memory.h"
#include "harness/ptx/memory/shared_memory.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace attest::ptx {

inline constexpr std::uint32_t kBarriers = 16;  // of a block

class Cta {
 public:
  explicit Cta(Grid& grid);
  Cta(const Cta&) = delete;
  Cta& operator=(const Cta&) = delete;

  /// Puts every warp at the entry, as block `index`, whose number is `number`.
  void start(Dim3 index, std::uint64_t number);

  /// Of memory that one takes, at most.
  [[nodiscard]] static std::int64_t bytes(const Grid& grid);

  enum class Outcome : std::uint8_t { finished, sliced, waiting, faulted };
  /// Runs until the block ends, a finding is made, all it does is to wait for others, or `*budget`
  /// warp instructions are used up.
  Outcome run(std::int64_t* budget);
  /// After Outcome::waiting: whether it will wait for ever unless memory changes. `epoch` as
  /// WaitCycle::observe has it.
  bool waits_for_ever(std::uint64_t epoch);

  /// bar.arrive: a warp counts at a barrier without waiting.
  void arrive(const Warp& warp, std::uint32_t barrier, std::uint32_t threads);
  /// How many threads others, who wait or have counted, said this barrier is of; 0: nobody did.
  [[nodiscard]] std::uint32_t threads_of(std::uint32_t barrier) const;
  /// Lets the warps go that wait at this barrier, if as many threads have come as they wait for.
  bool release(std::uint32_t barrier);

  [[nodiscard]] Grid& grid() { return grid_; }
  [[nodiscard]] SharedMemory& shared() { return shared_; }
  [[nodiscard]] BlockOrder& order() { return ordering_; }
  [[nodiscard]] LocalMemory& local() { return local_; }
  [[nodiscard]] Mbarriers& mbarriers() { return mbarriers_; }
  [[nodiscard]] const std::byte* parameters() const { return grid_.launch().parameters.data(); }
  [[nodiscard]] const Dim3& index() const { return index_; }
  /// The same as one number: x first.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// 3-d thread index of a linear one.
  [[nodiscard]] Dim3 thread(std::uint32_t linear) const;
  [[nodiscard]] std::vector<Warp>& warps() { return warps_; }

 private:
  void fill_constants(Warp& warp);
  [[nodiscard]] bool release_barriers();
  void order_warps();
  [[nodiscard]] std::int64_t slice(const Warp& warp) const;
  void run_warp(Warp& warp, std::int64_t* budget);
  void report_stuck();

  struct Aligned64 {
    void operator()(std::byte* p) const;
  };
  Grid& grid_;
  SharedMemory shared_;
  BlockOrder ordering_;
  LocalMemory local_;
  Mbarriers mbarriers_;
  std::vector<Warp> warps_;
  std::unique_ptr<std::byte[], Aligned64> rows_;
  std::vector<std::uint32_t> predicates_;
  std::vector<std::uint32_t> order_;
  struct Arrivals {
    std::uint32_t came = 0;     // threads that came without waiting
    std::uint32_t threads = 0;  // that those said the barrier is of
    BlockOrder::Gathered order;
  };
  std::array<Arrivals, kBarriers> arrivals_{};
  Dim3 index_;
  std::uint64_t number_ = 0;
  std::uint64_t round_ = 0;
  std::uint64_t changes_ = 0;  // Grid::changes() when all warps waited last
};

}  // namespace attest::ptx
