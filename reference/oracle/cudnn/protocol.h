// What attest and attest-cudnn say to each other: one question, one answer, as JSON and blobs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/message.h"
#include "reference/oracle/cudnn/opinion.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

enum class CudnnAsk : std::uint8_t {
  versions,  // of cuDNN and its frontend
  admit,     // does cuDNN take it
  plan,      // its plan for a described GPU, and what the plan's graph says
  execute,   // O and LSE of this machine's GPU
  time,      // how long that GPU takes; O and LSE are not read back
  support,   // admit, for a row of the support matrix
  build,     // the plan of such a row for a described GPU; nothing is evaluated
  crash,     // tests only: make cuDNN end the process
};

struct CudnnQuestion {
  CudnnAsk ask = CudnnAsk::versions;
  std::string subject;  // a case, attn(..); for support and build the row's name
  int sm = 0;           // of the described GPU
  friend bool operator==(const CudnnQuestion&, const CudnnQuestion&) = default;
};

/// How far cuDNN went with a case.
enum class CudnnTier : std::uint8_t {
  refused,   // by cuDNN, its frontend, or because it cannot be asked
  admitted,  // an engine takes it
  planned,   // and its plan was built for the described GPU
  executed,  // on a GPU
  died,      // cuDNN ended the process
};
/// "refused", ...
[[nodiscard]] std::string_view name(CudnnTier tier);

struct CudnnAnswer {
  CudnnTier tier = CudnnTier::refused;
  std::string reason;                // of a refusal or a death
  std::string engine;                // "eng2_k24=7"
  std::vector<std::string> kernels;  // of the plan; a lower bound on the launches
  std::int64_t workspace_bytes = 0;
  std::int64_t nodes = 0;  // of the graph that was evaluated
  std::string
      composite;  // not empty: the plan is one node, the graph is that of the composite form in
                  // this element type
  std::string skipped;      // why the graph was not evaluated: a node's type; else empty
  GraphOpinion opinion;     // of the graph, or of the GPU; empty where there is none
  int sm = 0;               // executed: of the GPU
  double microseconds = 0;  // timed: the median
  std::string cudnn;        // versions: "9.19.0"
  std::string frontend;     // "1.23.0"
};

[[nodiscard]] Message to_message(const CudnnQuestion& question);
[[nodiscard]] Message to_message(const CudnnAnswer& answer);
/// Errors  Code::bad_input for what to_message() does not make.
Result<CudnnQuestion> read_question(const Message& message);
Result<CudnnAnswer> read_answer(const Message& message);

}  // namespace attest
