// Cases and results as JSON in messages.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/case_worker.h"

#include "harness/base/check.h"
#include "harness/record/codec.h"

namespace attest {

Message case_question(const Case& which) {
  return {to_line(to_json(which)), {}};
}

Result<Case> read_case_question(const Message& message) {
  ATTEST_TRY(const Json json, parse_json(message.text, "question"));
  return from_json_or_error("question", [&] { return case_from_json(json); });
}

Message case_answer(const CaseAnswer& answer) {
  if (answer.is_out_of_memory) return {R"({"memory":true})", {}};
  if (!answer.internal_error.empty()) return {to_line({{"internal", answer.internal_error}}), {}};
  return {to_line(to_json(answer.result)), {}};
}

CaseAnswer read_case_answer(const Message& message) {
  CaseAnswer answer;
  auto json = parse_json(message.text, "answer");
  if (!json) throw InternalError(json.error().to_string());
  answer.is_out_of_memory = json->contains("memory");
  answer.internal_error = json->value("internal", "");
  if (answer.is_out_of_memory || !answer.internal_error.empty()) return answer;
  auto result = from_json_or_error("answer", [&] { return case_result_from_json(*json); });
  if (!result) throw InternalError(result.error().to_string());
  answer.result = std::move(*result);
  return answer;
}

}  // namespace attest
