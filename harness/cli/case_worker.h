// What `check` and its worker processes say to each other: a case, and how it was judged.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/message.h"
#include "harness/record/record.h"

#include <string>

namespace attest {

struct CaseAnswer {
  CaseResult result;
  std::string internal_error;  // of the worker's own, instead of a result
  bool is_out_of_memory = false;
};

[[nodiscard]] Message case_question(const Case& which);
/// Errors  Code::bad_input for a message that is no question.
Result<Case> read_case_question(const Message& message);
[[nodiscard]] Message case_answer(const CaseAnswer& answer);
/// Throws  InternalError for a message that is no answer: both sides are one program.
[[nodiscard]] CaseAnswer read_case_answer(const Message& message);

}  // namespace attest
