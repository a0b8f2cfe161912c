// LaunchCounts: what one launch executed and moved; the same on every run, and never called time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// What an instruction is counted as. Loads and stores by the space that the instruction names:
/// `constant` is kernel parameters and .const, `generic` is decided by the address. `move` copies or
/// selects registers; `warp` exchanges between the lanes of a warp, or waits for them.
enum class InsnClass : std::uint8_t {
  integer,
  floating,  // f32 and f64
  half,      // f16 and bf16
  conversion,
  special,  // division, roots and transcendental functions
  mma,
  load_global,
  load_shared,
  load_local,
  load_constant,
  load_generic,
  store_global,
  store_shared,
  store_local,
  store_constant,  // arguments of a call
  store_generic,
  async_copy,
  atomic,
  warp,
  move,
  control,
  barrier,  // between the warps of a block
  other,
};
inline constexpr std::size_t kInsnClasses = static_cast<std::size_t>(InsnClass::other) + 1;

/// "integer", "load_global", ...
[[nodiscard]] std::string_view name(InsnClass c);

/// Warp instructions per class.
struct ClassCounts {
  std::array<std::int64_t, kInsnClasses> of{};

  [[nodiscard]] std::int64_t operator[](InsnClass c) const {
    return of[static_cast<std::size_t>(c)];
  }
  std::int64_t& operator[](InsnClass c) { return of[static_cast<std::size_t>(c)]; }
  friend bool operator==(const ClassCounts&, const ClassCounts&) = default;
};

/// How shared memory's banks served some accesses.
struct BankCounts {
  std::int64_t accesses = 0;  // warp-wide, with a lane that executes
  std::int64_t wavefronts = 0;
  std::int64_t wavefronts_ideal = 0;  // of the same accesses without any bank conflict
  friend bool operator==(const BankCounts&, const BankCounts&) = default;
};

/// What the executing lanes asked of one buffer in global memory.
struct BufferTraffic {
  std::string name;
  std::int64_t bytes_read_requested = 0;     // by loads and as the source of asynchronous copies
  std::int64_t bytes_written_requested = 0;  // by stores
  std::int64_t bytes_atomic_requested = 0;   // each once, though it is read and written
  std::int64_t bytes_touched = 0;            // as in TrafficCounts
  friend bool operator==(const BufferTraffic&, const BufferTraffic&) = default;
};

/// What the executing lanes asked of memory; all 0 unless it was asked for (LaunchOptions).
struct TrafficCounts {
  std::int64_t global_bytes_requested = 0;  // executing lanes x size
  std::int64_t shared_bytes_requested = 0;
  std::int64_t local_bytes_requested = 0;
  std::int64_t global_bytes_touched = 0;  // distinct 32-byte sectors read + written, in bytes
  std::int64_t global_accesses = 0;       // warp-wide, with a lane that executes
  std::int64_t global_sectors = 0;        // that those accesses asked for, each counting its own
  std::int64_t shared_accesses = 0;
  std::int64_t shared_wavefronts = 0;
  std::int64_t shared_wavefronts_ideal = 0;  // of the same accesses without any bank conflict
  BankCounts ldmatrix;                       // of those of shared memory
  BankCounts cp_async;                       // of those: the stores of asynchronous copies
  /// Of a job's launch: its buffers, in their order. They and other global memory, such as variables
  /// of the module, add up to the global counts.
  std::vector<BufferTraffic> buffers;
  friend bool operator==(const TrafficCounts&, const TrafficCounts&) = default;
};

struct LaunchCounts {
  std::int64_t warp_instructions = 0;
  ClassCounts classes;  // they add up to warp_instructions
  /// Floating-point operations as issued: a warp instruction is one of all 32 lanes, whether or not
  /// they execute it. Those of matrix instructions included; comparisons, conversions and changes of
  /// a sign are none.
  std::int64_t flops = 0;
  std::int64_t mma_flops = 0;  // those of matrix instructions: 2 m n k for each
  bool has_traffic = false;
  TrafficCounts traffic;
  friend bool operator==(const LaunchCounts&, const LaunchCounts&) = default;
};

}  // namespace attest
