// Survey: how far cuDNN goes with the cases of a run, by plan key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem.h"
#include "reference/oracle/cudnn/client.h"
#include "reference/oracle/cudnn/conventions.h"
#include "reference/oracle/cudnn/protocol.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace attest {

struct SurveyOptions {
  std::string program;               // attest-cudnn
  std::string cache;                 // folder for plans; empty: none
  std::size_t plans = 4;             // of the first keys that cuDNN admits
  std::vector<Problem> conventions;  // their keys come before those of the cases
  int jobs = 1;                      // processes
  std::function<bool()> stop;        // asked before every question; may be empty
  std::function<void(std::size_t done, std::size_t all)>
      progress;  // from any thread, one at a time
  /// What is wrong with O and LSE that a GPU of compute capability `sm` computed; nothing where they
  /// hold. Empty: nothing is executed.
  std::function<std::optional<std::string>(const Problem&, const GraphOpinion&, int sm)> judge;
};

/// One key, by its first case.
struct SurveyedKey {
  std::string key;  // plan_key()
  Problem problem;
  int sm = 0;
  CudnnAnswer answer;                     // without O and LSE
  std::optional<std::string> difference;  // from the reference, of a planned or executed key
  std::vector<std::string> told_apart;    // of a convention: the mistakes that its graph is not
};

/// What is to be known of a key that agrees: that its graph is a composite form, and in which type if that
/// is not its own; what it was told apart from. May be empty.
[[nodiscard]] std::string agreement(const SurveyedKey& key);

struct Survey {
  std::string cudnn;  // versions
  std::string frontend;
  std::vector<SurveyedKey> keys;  // in the order of the cases
  bool is_whole = true;           // false: stopped before the end
};

/// Where this machine has a GPU and `judge` is there, every admitted key is executed, but those of f32,
/// for which cuDNN promises no arithmetic. Where not, the first keys are planned.
/// The conventions (conventions.h) are never executed, and one that agrees with the reference must not
/// agree with a mistake as well.
/// The n-th distinct kind of attention goes to the n-th described GPU, round and round; a kind that
/// comes again has its key already. Problems without a score are passed over. The same result for any
/// number of jobs.
/// Errors  of the program attest-cudnn itself: not there, or not to be understood.
Result<Survey> survey(const std::vector<Problem>& problems, const SurveyOptions& options);

/// The first of the mistakes that `opinion` agrees with, so that the comparison shows nothing; nothing
/// where it agrees with none.
[[nodiscard]] std::optional<std::string> mistaken_for(const GraphOpinion& opinion,
                                                      const std::vector<Mistake>& mistakes);

/// The keys of the survey, before anything is asked.
[[nodiscard]] std::vector<SurveyedKey> survey_keys(const std::vector<Problem>& problems);

}  // namespace attest
