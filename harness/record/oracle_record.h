// OracleRecord: what the oracle cudnn said of a run's attentions, as plain data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// A plan key whose plan was built, or that was executed. Neither `planned` nor `admitted` says
/// anything about what a GPU computes.
struct PlannedKey {
  std::string key;                   // "sm_90 bf16 causal-br d=64 gqa bshd"
  std::string problem;               // the case that stands for the key
  std::string tier;                  // "planned", "executed"
  std::string engine;                // "eng2_k24=7"
  std::vector<std::string> kernels;  // at least these are launched
  std::int64_t workspace_bytes = 0;
  std::string opinion;  // "agrees", "disagrees", or why there is none: "not evaluated: SDPA_FWD"
  std::string detail;   // of a disagreement
};

struct CountedReason {
  std::string reason;
  std::int64_t keys = 0;
};

struct OracleRecord {
  std::string name;     // "cudnn"
  std::string state;    // "built", "not built", or why it could not be asked
  std::string version;  // "9.19.0"; empty unless built
  std::string frontend;
  std::vector<PlannedKey> keys;         // executed and planned, in case order
  std::int64_t admitted = 0;            // keys
  std::vector<CountedReason> refusals;  // in the order of their first key
  std::vector<CountedReason> deaths;    // keys that the oracle's process died of

  [[nodiscard]] bool is_built() const { return state == "built"; }
};

inline constexpr const char* kOpinionAgrees = "agrees";
inline constexpr const char* kOpinionDisagrees = "disagrees";

struct OracleCounts {
  std::int64_t executed = 0;
  std::int64_t executed_agree = 0;
  std::int64_t planned = 0;
  std::int64_t graphs_agree = 0;
  std::int64_t disagree = 0;  // of both tiers
  std::int64_t refused = 0;
  std::int64_t died = 0;
  std::vector<CountedReason> not_evaluated;  // of planned keys, in the order of their first key
};
[[nodiscard]] OracleCounts count(const OracleRecord& oracle);
/// Adds one key to the reason's count, at the end when it is new.
void add_reason(std::vector<CountedReason>& reasons, const std::string& reason);

}  // namespace attest
