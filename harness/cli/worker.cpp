// Command worker: judges the cases that `check` sends it; it may die without harm to the run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/case_judge.h"
#include "harness/cli/case_worker.h"
#include "harness/cli/command.h"
#include "harness/cli/device.h"
#include "harness/cli/selection.h"
#include "harness/process/serve.h"

#include <algorithm>
#include <exception>
#include <new>

namespace attest {
namespace {

template <class T>
const T* named(const std::vector<const T*>& entries, const std::string& name) {
  const auto at = std::find_if(
      entries.begin(), entries.end(), [&](const T* each) { return each->name == name; });
  return at == entries.end() ? nullptr : *at;
}

const Property* property_named(const std::string& name) {
  for (const Property& property : all_properties()) {
    if (property.name == name) return &property;
  }
  return nullptr;
}

CaseResult judge(const Message& message, Executor& executor) {
  CaseResult result;
  auto which = read_case_question(message);
  if (!which) {
    result.reason = which.error().to_string();
    return result;
  }
  PlannedCase planned{*which,
                      named(every_kernel(), which->kernel),
                      named(every_operation_kernel(), which->kernel),
                      property_named(which->property)};
  if (planned.property == nullptr || (planned.kernel == nullptr && planned.operation == nullptr)) {
    result.which = *which;
    result.reason = "the worker has no such kernel or property";
    return result;
  }
  return run_case(*which, planned, executor);
}

Message answer(const Message& message, Executor& executor) {
  CaseAnswer answer;
  try {
    answer.result = judge(message, executor);
  } catch (const std::bad_alloc&) {
    answer.is_out_of_memory = true;
  } catch (const std::exception& error) {
    answer.internal_error = error.what();
  }
  return case_answer(answer);
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  std::string checks = "all";
  Arguments parser("worker",
                   "Judge the cases that come as messages; begun by check, not by people.");
  parser.text("--checks", checks, "all or none: bounds and alignment only");
  std::string device = "ptx";
  parser.text("--device", device, "ptx, or cuda: a GPU too, which check has found");
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto choice = parse_choice("--checks", checks, {"all", "none"});
  if (!choice) return report_error(choice.error(), context);
  auto gpu = parse_choice("--device", device, {"ptx", "cuda"});
  if (!gpu) return report_error(gpu.error(), context);
  DeviceChoice devices;
  if (*gpu == 1) devices.gpu = device;
  const auto executor = with_checks(make_executor(devices, context), *choice == 0);
  return static_cast<Exit>(
      serve([&](const Message& message) { return answer(message, *executor); }));
}

}  // namespace

Command command_worker() {
  return {"worker", "", run_command};
}

}  // namespace attest
