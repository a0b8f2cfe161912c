// Command cudnn: the support matrix of this cuDNN for described GPUs.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/input_file.h"
#include "harness/cli/progress.h"
#include "reference/oracle/cudnn/client.h"
#include "reference/oracle/cudnn/gpu.h"
#include "reference/oracle/cudnn/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace attest {
namespace {

constexpr std::int64_t kMaxTableBytes = 1 << 20;

/// With `builds` the plans of the rows that no case can ask for; else whether each row is admitted.
Result<std::string> ask_table(bool builds, Context& context) {
  const std::string cache = builds ? cudnn_plan_folder(context.cudnn_program) : "";
  CudnnClient client({context.cudnn_program, cache, false});
  ATTEST_TRY(const CudnnAnswer versions, client.ask({CudnnAsk::versions, "", 0}));
  if (versions.tier == CudnnTier::died) return Error{Code::io, versions.reason, "attest-cudnn"};
  const SupportRows rows = builds ? rows_without_cases() : support_rows();
  const CudnnAsk ask = builds ? CudnnAsk::build : CudnnAsk::support;
  Progress progress(context.err, context.has_bar, "rows", static_cast<std::int64_t>(rows.size()));
  std::vector<std::vector<CudnnAnswer>> answers;
  for (const SupportRow* row : rows) {
    auto& line = answers.emplace_back();
    for (const DescribedGpu& gpu : described_gpus()) {
      ATTEST_TRY(CudnnAnswer answer, client.ask({ask, row->name, gpu.sm}));
      line.push_back(std::move(answer));
    }
    progress.update(static_cast<std::int64_t>(answers.size()), 0);
  }
  progress.finish();
  return support_table(versions.cudnn, versions.frontend, rows, answers);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

/// Lines of one text that the other has not, in their order.
std::string only_in(const std::string& text, const std::string& other, char mark) {
  const std::vector<std::string> others = lines_of(other);
  std::string out;
  for (const std::string& line : lines_of(text)) {
    const bool is_shared = std::find(others.begin(), others.end(), line) != others.end();
    if (!is_shared) out += fmt::format("{} {}\n", mark, line);
  }
  return out;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  std::string expected;
  bool builds = false;
  Arguments parser("cudnn",
                   "What this cuDNN's attention admits for described GPUs, without a device.");
  parser.text(
      "--expected", expected, "a table of before: print what differs; exit 1 if anything does");
  parser.flag("--plan",
              builds,
              "build the plans of what no case can ask for: backward, fp8, ragged, paged, dropout");
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  if (context.cudnn_program.empty()) {
    report_error({Code::unsupported,
                  "attest-cudnn is not built; `attest doctor` says what is missing",
                  "cudnn"},
                 context);
    return Exit::nothing_judged;
  }
  std::string before;
  if (!expected.empty()) {
    auto file = read_input(expected, "a support table", kMaxTableBytes);
    if (!file) return report_error(file.error(), context);
    before = std::move(*file);
  }
  const auto table = ask_table(builds, context);
  if (!table) return report_error(table.error(), context);
  if (expected.empty()) {
    context.out << *table;
    return Exit::held;
  }
  const std::string difference = only_in(before, *table, '-') + only_in(*table, before, '+');
  context.out << (difference.empty() ? "the same\n" : difference);
  return difference.empty() ? Exit::held : Exit::falsified;
}

}  // namespace

Command command_cudnn() {
  return {"cudnn", "what cuDNN's attention admits for described GPUs", run_command};
}

}  // namespace attest
