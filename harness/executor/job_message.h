// Jobs and executions as messages to and from a worker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/process/message.h"

#include <cstdint>
#include <string>

namespace attest {

/// A job on its way to a worker; `launch_ms` is the time that each launch may take.
[[nodiscard]] Message encode_job(const Job& job, std::int64_t launch_ms);

/// A job as it arrived. Texts and contents refer to `storage`, which a move takes along.
struct ReceivedJob {
  Message storage;
  Job job;  // mode and checks are not sent: a GPU has its own
  std::int64_t launch_ms = 0;
};
/// Errors  Code::bad_input for what encode_job() does not write.
Result<ReceivedJob> decode_job(Message message);

/// What a worker answers to a job.
struct JobAnswer {
  Execution execution;
  bool is_ruined = false;  // by a fault: the worker is of no further use
};
[[nodiscard]] Message encode_answer(const JobAnswer& answer);
[[nodiscard]] Message encode_error(const Error& error);
/// Errors  the worker's own (encode_error), and Code::bad_input for what is no answer.
Result<JobAnswer> decode_answer(Message message);

}  // namespace attest
