// Command replay: one case again, with its full diagnosis.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/check_run.h"
#include "harness/cli/command.h"
#include "harness/cli/device.h"
#include "harness/cli/mode_flags.h"
#include "harness/cli/opinions.h"
#include "harness/cli/pattern.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/require.h"
#include "harness/cli/selection.h"
#include "harness/record/journal.h"
#include "properties/blame.h"
#include "reports/failure_card.h"

#include <algorithm>

namespace attest {
namespace {

struct Flags {
  std::string what;
  std::string kernel;
  std::string property;
  ModeFlags mode;
  std::string checks = "all";
  std::string from = "attest-report";
  std::string device = "auto";
  std::vector<std::string> required;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("replay", "Run one case again and say everything about it.");
  parser.text(
      "case", flags.what, "'attn(...)' or 'gemm(...)', or the id of a case in a report folder");
  parser.text("--kernel", flags.kernel, "the kernel's name");
  parser.text("--property", flags.property, "the property's name");
  flags.mode.declare(parser);
  parser.text("--checks", flags.checks, "all or none: bounds and alignment only");
  parser.text("--device", flags.device, "ptx or cuda; auto: as the case says");
  parser.list(
      "--require", flags.required, "cuda, cudnn, cudnn:executed: exit 3 where one is missing");
  parser.text("--from", flags.from, "report folder of an id; default: attest-report");
  return parser.parse(arguments, context.out);
}

/// The case of an id, among the shrunk failures first.
Result<Case> find_recorded(const std::string& wanted, const std::string& folder) {
  ATTEST_TRY(const JournalContent content, read_journal(journal_of(folder)));
  const RunRecord& run = content.run;
  for (const FailureRecord& failure : run.failures) {
    if (id(failure.shrunk.which) == wanted) return failure.shrunk.which;
  }
  for (const CaseResult& result : run.cases) {
    if (id(result.which) == wanted) return result.which;
  }
  return Error{Code::bad_input, "no case has the id " + wanted, folder};
}

bool is_id(const std::string& text) {
  return text.size() == 8 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<Case> read_case(const Flags& flags) {
  if (flags.what.empty()) {
    return Error{Code::bad_input, "needs a case 'attn(...)' or an id", "replay"};
  }
  if (is_id(flags.what)) return find_recorded(flags.what, flags.from);
  Case which;
  ATTEST_TRY(which.problem, parse_any(flags.what));
  if (flags.kernel.empty()) return Error{Code::bad_input, "is missing", "--kernel"};
  if (flags.property.empty()) return Error{Code::bad_input, "is missing", "--property"};
  return which;
}

/// The case that is meant, with what the flags fix.
Result<Case> resolve(const Flags& flags) {
  ATTEST_TRY(Case which, read_case(flags));
  if (!flags.kernel.empty()) which.kernel = flags.kernel;
  if (!flags.property.empty()) which.property = flags.property;
  ATTEST_TRY(const FixedMode fixed, flags.mode.read());
  Mode& mode = which.mode;
  if (!fixed.arch.empty()) mode.arch = fixed.arch;
  mode.schedule = fixed.schedule.value_or(mode.schedule);
  mode.mma = fixed.mma.value_or(mode.mma);
  mode.approx = fixed.approx.value_or(mode.approx);
  mode.contract = fixed.contract.value_or(mode.contract);
  if (flags.device == "cuda") mode.device = Device::cuda;
  if (flags.device == "ptx") mode.device = Device::ptx;
  return which;
}

Result<Exit> replay(const Flags& flags, Context& context) {
  ATTEST_TRY(Case which, resolve(flags));
  ATTEST_TRY(const KernelSelection kernels, select_kernels({which.kernel}));
  ATTEST_TRY(const std::vector<const Property*> properties, select_properties({which.property}));
  if (kernels.attention.size() + kernels.operations.size() != 1 || properties.size() != 1) {
    return Error{Code::bad_input, "a replay is of one kernel and one property", "replay"};
  }
  ATTEST_TRY(const std::size_t checks, parse_choice("--checks", flags.checks, {"all", "none"}));
  const bool needs_gpu = which.mode.device == Device::cuda || properties.front()->compares_devices;
  auto device = choose_devices(needs_gpu ? "cuda" : "ptx", context);
  if (!device) return report_no_device(device.error(), context);
  const auto executor = with_checks(make_executor(*device, context), checks == 0);
  if (needs_gpu && which.mode.arch.empty()) which.mode.arch = device->gpu_arch();
  PlannedCase exact{which, nullptr, nullptr, properties.front()};
  if (!kernels.attention.empty()) exact.kernel = kernels.attention.front();
  if (!kernels.operations.empty()) exact.operation = kernels.operations.front();
  exact.which.kernel = exact.kernel != nullptr ? exact.kernel->name : exact.operation->name;
  exact.which.property = exact.property->name;
  RunRecord run;
  run.cases.push_back(run_case(exact.which, exact, *executor));
  const CaseResult& result = run.cases.front();
  std::vector<std::string> lines = card(result);
  if (is_failure(result) && exact.kernel != nullptr) {
    const Subject subject = kernel_subject(*exact.kernel, *executor);
    lines = card(result, diagnose(result, subject));
    for (const std::string& line : opinions(result, subject))
      lines.insert(lines.end() - 1, line);
  }
  for (const std::string& line : lines)
    context.out << line << "\n";
  return exit_of(run);
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto required = parse_requirements(flags.required);
  if (!required) return report_error(required.error(), context);
  if (report_unmet(*required, context)) return Exit::nothing_judged;
  auto device = parse_choice("--device", flags.device, {"auto", "ptx", "cuda"});
  if (!device) return report_error(device.error(), context);
  auto exit = replay(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_replay() {
  return {"replay", "one case, with full diagnosis", run_command};
}

}  // namespace attest
