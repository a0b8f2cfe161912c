// Summary: a run record as a conclusion and tables, the same for every format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "harness/record/totals.h"
#include "reports/coverage.h"
#include "reports/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// A failure that the corpus does not know, or a known one that holds now.
[[nodiscard]] bool is_red(const CaseResult& result);

/// What a run says as a whole. An interrupted run concludes from what it has judged.
enum class Conclusion : std::uint8_t {
  held,
  falsified,        // a disagree or a fault
  could_not_judge,  // a case that the executor could not run
  nothing_judged,
};
[[nodiscard]] Conclusion conclude(const RunRecord& run);
/// "HELD", "FALSIFIED", "COULD NOT JUDGE", "NOTHING JUDGED".
[[nodiscard]] std::string_view headline(Conclusion conclusion);

struct Summary {
  Conclusion conclusion = Conclusion::nothing_judged;
  Totals totals;
  Table kernels;      // by kernel and dtype
  Table properties;   // by property
  Table largest;      // error / bound by dtype
  Table errors;       // how near errors come to their bounds, by kernel and dtype
  Table known;        // failures that the corpus knows, and those that hold now
  Table unconfirmed;  // cases beyond what is likely that other draws did not confirm
  Table skips;        // by reason
  Table opinions;     // of oracles beside eigen: disagreements and deaths, with their details
  std::vector<AxisCoverage> coverage;
  std::string shapes;  // one line: the case mix
};
[[nodiscard]] Summary summarise(const RunRecord& run);

/// What is not all of the run, a sentence each: "Interrupted after 8 of 10 planned cases: partial
/// results.", "Missing or cut off: shard 1/3.", "Shard 2/3 ..", "Begun twice .."; empty: all of it.
[[nodiscard]] std::vector<std::string> gaps(const RunRecord& run);
/// "543 agree, 0 disagree, 0 fault; 31 refused, 0 not run; 12 discarded, 4 duplicates; 590
/// launches"
[[nodiscard]] std::string counts_line(const RunRecord& run, const Totals& totals);
/// "1 layer, 5 pipelines: 5 agree, 0 disagree, 0 fault; 0 refused, 0 not run"
[[nodiscard]] std::string layers_line(const RunRecord& run);
/// "cudnn 9.19.0: 0 executed, 200 planned (187 graphs agree, 13 not evaluated: SDPA_FWD), 88 admitted,
/// 30 refused" or "cudnn: not built". The numbers are those of plan keys.
[[nodiscard]] std::string oracle_line(const OracleRecord& oracle);
/// A ratio in three digits: "0.312", "inf", "nan".
[[nodiscard]] std::string ratio_text(double ratio);

}  // namespace attest
