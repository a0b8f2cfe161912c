// Parse, decode and run on any bytes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/fuzz/target.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/memory/global_memory.h"
#include "harness/ptx/syntax/parser.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace attest::ptx {
namespace {

constexpr std::size_t kTailBytes = 8;
constexpr std::int64_t kMaxInstructions = 20'000;
constexpr std::int64_t kMaxMemoryBytes = std::int64_t{64} << 20;
constexpr std::int64_t kBufferBytes = 4096;

/// The low four bits of each byte of the tail.
using Tail = std::array<std::uint32_t, kTailBytes>;

struct Outcome {
  std::optional<Finding> finding;
  std::int64_t warp_instructions = 0;
  std::string bytes;
};

Launch make_launch(const Program& program, const Tail& tail) {
  Launch launch;
  launch.entry = program.entry;
  launch.grid = {tail[0], tail[1], 1};
  launch.block = {8 * tail[2], tail[3], tail[4]};
  launch.dynamic_shared_bytes = std::int64_t{1024} * tail[5];
  launch.parameters.resize(static_cast<std::size_t>(program.parameter_bytes), std::byte{1});
  return launch;
}

DecodeOptions make_options(const Tail& tail) {
  DecodeOptions options;
  options.mma = (tail[7] & 4) != 0 ? MmaMode::fast : MmaMode::exact;
  options.contracts = (tail[7] & 8) != 0;
  options.approx = static_cast<ApproxMode>(tail[6] % 4);
  return options;
}

Outcome run_once(const Program& program, const Tail& tail) {
  GlobalMemory memory(kMaxMemoryBytes);
  std::string contents(kBufferBytes, '\0');
  for (std::size_t n = 0; n < contents.size(); ++n)
    contents[n] = static_cast<char>(n * 7);
  const std::array bases = {
      memory.allocate("in", kBufferBytes, 0, std::as_bytes(std::span(contents)), false),
      memory.allocate("out", kBufferBytes, 0, {}, true),
      memory.allocate("update", kBufferBytes, 0, std::as_bytes(std::span(contents)), true)};
  Launch launch = make_launch(program, tail);
  std::size_t pointers = 0;
  for (const Parameter& parameter : program.parameters) {
    if (parameter.size_bytes != sizeof(std::uint64_t)) continue;
    const std::uint64_t base = bases[pointers++ % bases.size()];
    std::memcpy(launch.parameters.data() + parameter.offset, &base, sizeof base);
  }
  LaunchOptions options;
  options.schedule = tail[6];
  options.max_warp_instructions = kMaxInstructions;
  options.max_resident_bytes = kMaxMemoryBytes;
  options.is_checked = (tail[7] & 1) == 0;
  options.keeps_sites = (tail[7] & 2) != 0;
  options.counts_traffic = options.keeps_sites;
  Outcome outcome;
  Grid grid(program, launch, memory, options);
  outcome.finding = grid.run();
  outcome.warp_instructions = grid.counts().warp_instructions;
  for (const Allocation& allocation : memory.allocations()) {
    if (!allocation.is_freed)
      outcome.bytes.append(reinterpret_cast<const char*>(allocation.data),
                           static_cast<std::size_t>(allocation.size_bytes));
  }
  return outcome;
}

void check_equal(const Outcome& a, const Outcome& b) {
  ATTEST_CHECK(a.warp_instructions == b.warp_instructions);
  ATTEST_CHECK(a.finding.has_value() == b.finding.has_value());
  ATTEST_CHECK(!a.finding || describe(*a.finding) == describe(*b.finding));
  ATTEST_CHECK(a.bytes == b.bytes);
}

/// The first entry with a body.
const Function* first_entry(const Module& module) {
  for (const Function& function : module.functions) {
    if (function.is_entry && function.body) return &function;
  }
  return nullptr;
}

}  // namespace

void fuzz_run(std::string_view input) {
  if (input.size() < kTailBytes) return;
  Tail tail{};
  for (std::size_t n = 0; n < kTailBytes; ++n)
    tail[n] = static_cast<unsigned char>(input[input.size() - kTailBytes + n]) & 15;
  const auto module = parse_module(input, "fuzz");
  if (!module) return;
  const Function* entry = first_entry(*module);
  if (entry == nullptr) return;
  const auto entries = inspect(*module, "fuzz");
  ATTEST_CHECK(!entries.empty() && entries.front().name == entry->name);
  ATTEST_CHECK(decode(*module, "fuzz", entry->name).has_value() ==
               entries.front().unsupported.empty());
  const auto program = decode(*module, "fuzz", entry->name, make_options(tail));
  if (!program) return;
  check_equal(run_once(**program, tail), run_once(**program, tail));
}

}  // namespace attest::ptx
