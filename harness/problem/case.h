// Case: Problem + kernel + property + mode; it decides an outcome wholly, and prints as the line
// that repeats it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/any_problem.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace attest {

/// Arithmetic of the tensor cores: the named GPU's, bit for bit, or chains of f32 fma.
enum class MmaBits : std::uint8_t { exact, fast };
inline constexpr std::array kMmaBits = {MmaBits::exact, MmaBits::fast};
[[nodiscard]] std::string_view name(MmaBits mma);

/// Results of the .approx functions: correctly rounded, at the lower or the upper end of their
/// documented error, or anywhere within it. In the order in which they are simpler.
enum class Approx : std::uint8_t { cr, low, high, random };
inline constexpr std::array kApprox = {Approx::cr, Approx::low, Approx::high, Approx::random};
[[nodiscard]] std::string_view name(Approx approx);

/// Whether a mul and the add that alone reads it are rounded once, as ptxas may choose.
enum class Contract : std::uint8_t { off, on };
inline constexpr std::array kContract = {Contract::off, Contract::on};
[[nodiscard]] std::string_view name(Contract contract);

/// What executes a case: the interpreter of PTX, or a GPU.
enum class Device : std::uint8_t { ptx, cuda };
inline constexpr std::array kDevices = {Device::ptx, Device::cuda};
[[nodiscard]] std::string_view name(Device device);

/// How a case is executed where the hardware leaves a choice.
struct Mode {
  std::string arch{};          // "sm_80"; empty: the PTX's own target
  std::uint64_t schedule = 0;  // seed of the order of warps and CTAs; 0 is ascending order
  MmaBits mma = MmaBits::exact;
  Approx approx = Approx::cr;
  Contract contract = Contract::off;
  Device device = Device::ptx;  // a GPU has arithmetic and an order of its own: the rest is ptx's
  friend bool operator==(const Mode&, const Mode&) = default;
};

struct Case {
  AnyProblem problem{};
  std::string kernel;
  std::string property;
  Mode mode;

  /// The problem of a case of attention; ATTEST_CHECK that it is one.
  [[nodiscard]] const Problem& attention() const;
  friend bool operator==(const Case&, const Case&) = default;
};

/// `attest replay 'attn(...)' --kernel K --property P [--arch sm_90] [--schedule 7] [--mma fast]
/// [--approx low] [--contract on] [--device cuda]`, non-defaults only.
[[nodiscard]] std::string replay_line(const Case& c);
/// First 8 hex digits of XXH3-64 of the replay line.
[[nodiscard]] std::string id(const Case& c);

}  // namespace attest
