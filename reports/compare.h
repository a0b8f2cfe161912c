// Compare: what has changed between two runs, kernel by kernel, over the cases that both judged.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "reports/table.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// What a kernel is compared by; more is worse for each.
enum class Metric : std::uint8_t {
  falsified,     // cases that disagree or have a finding
  ratio,         // error / bound of a case
  launches,      // of all common cases, as the rest
  bytes,         // requested of global memory
  touched,       // distinct 32-byte sectors of global memory, in bytes
  instructions,  // of warps
};
inline constexpr std::array kMetrics = {Metric::falsified,
                                        Metric::ratio,
                                        Metric::launches,
                                        Metric::bytes,
                                        Metric::touched,
                                        Metric::instructions};
/// "falsified", ...
[[nodiscard]] std::string_view name(Metric metric);

/// One metric on both sides.
struct Figure {
  double before = 0;
  double after = 0;
  /// after - before; of falsified: cases that fail and did not before; of ratio: the largest rise of
  /// a case, whose values the two others are.
  double rise = 0;
  double fall = 0;  // the same downwards, not negative
  std::string id;   // of that case
};

enum class ChangeWord : std::uint8_t { same, better, worse, ambiguous, added, gone };
/// "SAME", "BETTER", "WORSE", "AMBIGUOUS", "NEW", "GONE"
[[nodiscard]] std::string_view name(ChangeWord word);

/// A kernel and dtype, or a layer and pipeline.
struct KernelChange {
  std::string kernel;  // "attention_mma f16", "layer(s=128) flash"
  ChangeWord word = ChangeWord::same;
  std::int64_t common = 0;  // cases that both runs judged
  std::int64_t only_base = 0;
  std::int64_t only_new = 0;
  std::array<std::optional<Figure>, kMetrics.size()> figures;  // absent: not on both sides

  [[nodiscard]] const std::optional<Figure>& operator[](Metric metric) const {
    return figures[static_cast<std::size_t>(metric)];
  }
  std::optional<Figure>& operator[](Metric metric) {
    return figures[static_cast<std::size_t>(metric)];
  }
};

/// A case or pipeline that fails on one side alone.
struct VerdictChange {
  std::string kernel;
  std::string id;
  std::string before;  // verdict; "-": the case is not in that run
  std::string after;
  std::string what;    // one line: the failure
  std::string replay;  // the line that repeats it
};

struct Comparison {
  std::vector<KernelChange> kernels;    // sorted by name; layers last
  std::vector<VerdictChange> failures;  // new ones
  std::vector<VerdictChange> fixed;
  std::int64_t common = 0;
  std::int64_t only_base = 0;
  std::int64_t only_new = 0;
};

/// Either run may be a part of the other's cases: counts and errors are compared over common ones.
[[nodiscard]] Comparison compare(const RunRecord& base, const RunRecord& next);

/// The values of a figure with its change: "96 -> 192 (+96)"; "-" for none.
[[nodiscard]] std::string text_of(const std::optional<Figure>& figure, Metric metric);
[[nodiscard]] Table kernels_table(const Comparison& comparison);
/// "12 of 14 kernels SAME, 1 WORSE, 1 NEW; 1 new failure, 0 fixed; 340 common cases, .."
[[nodiscard]] std::string headline(const Comparison& comparison);

}  // namespace attest
