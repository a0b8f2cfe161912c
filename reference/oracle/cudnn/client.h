// CudnnClient: attest's side of attest-cudnn, which may die.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/worker.h"
#include "reference/oracle/cudnn/protocol.h"

#include <optional>
#include <string>

namespace attest {

/// Where attest-cudnn is: $ATTEST_CUDNN_PROGRAM, beside this program, or where it was built; empty where
/// this build has none ("not built").
[[nodiscard]] std::string cudnn_program();

/// Starts attest-cudnn at the first question, and again after one that it died of. One thread at a time.
class CudnnClient {
 public:
  struct Options {
    std::string program;  // cudnn_program()
    std::string cache;    // folder for plans; empty: none
    bool executes = false;
  };
  explicit CudnnClient(Options options) : options_(std::move(options)) {}

  /// A process that died is an answer (tier died, what it died of), as is a refusal.
  /// Errors  Code::io where the program cannot be started, Code::bad_input for an answer that is none.
  Result<CudnnAnswer> ask(const CudnnQuestion& question);

 private:
  Options options_;
  std::optional<Worker> worker_;
};

/// The folder for plans beside `program`.
[[nodiscard]] std::string cudnn_plan_folder(const std::string& program);

}  // namespace attest
