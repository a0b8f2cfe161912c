// Command report: every view of a run again, from its journal or run.json.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/input_file.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/run_input.h"
#include "harness/record/zoo_record.h"
#include "reports/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>

namespace attest {
namespace {

namespace fs = std::filesystem;

struct Flags {
  std::string run = "attest-report";
  std::string baseline;
  std::vector<std::string> counts;
  std::string zoo;
  std::string out;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("report", "Write every view of a run again, and print its summary.");
  parser.text(
      "run", flags.run, "a report folder, its events.ndjson or a run.json; default: attest-report");
  parser.text("--baseline", flags.baseline, "an earlier run: the views show what has changed");
  parser.each(
      "--count", flags.counts, "with --out; a run of attest count: the views show its layers too");
  parser.text("--zoo", flags.zoo, "a zoo.json, for the page; default: the one beside the run");
  parser.text("--out", flags.out, "folder of the views; default: that of the run");
  return parser.parse(arguments, context.out);
}

/// Where the views go: the named folder, made if need be, or the one that the run lies in.
Result<std::string> folder_of(const Flags& flags) {
  std::error_code error;
  if (!flags.out.empty()) {
    fs::create_directories(flags.out, error);
    if (error) return Error{Code::io, "cannot be made: " + error.message(), flags.out};
    return flags.out;
  }
  if (fs::is_directory(flags.run, error)) return flags.run;
  const fs::path parent = fs::path(flags.run).parent_path();
  return parent.empty() ? "." : parent.string();
}

/// The zoo that was named, or the one that lies beside the run; nothing where none does.
Result<std::optional<ZooRecord>> read_zoo(const Flags& flags) {
  constexpr std::int64_t kMaxBytes = std::int64_t{1} << 26;
  std::string path = flags.zoo;
  if (path.empty()) {
    std::error_code error;
    const fs::path run = flags.run;
    path = ((fs::is_directory(run, error) ? run : run.parent_path()) / "zoo.json").string();
    if (!fs::exists(path, error)) return std::optional<ZooRecord>();
  }
  ATTEST_TRY(const std::string text, read_input(path, "a zoo.json", kMaxBytes));
  ATTEST_TRY(ZooRecord zoo, parse_zoo_json(text, path));
  return std::optional(std::move(zoo));
}

Result<Exit> report(const Flags& flags, Context& context) {
  if (!flags.counts.empty() && flags.out.empty()) {
    return Error{Code::bad_input, "needs --out: the views are of more than the run", "--count"};
  }
  ATTEST_TRY(RunRecord run, read_run(flags.run));
  for (const std::string& path : flags.counts) {
    ATTEST_TRY(RunRecord counted, read_run(path));
    std::move(counted.layers.begin(), counted.layers.end(), std::back_inserter(run.layers));
  }
  RunRecord baseline;
  RenderOptions options = render_options(context);
  if (!flags.baseline.empty()) {
    ATTEST_TRY(baseline, read_run(flags.baseline));
    options.baseline = &baseline;
  }
  ATTEST_TRY(const std::optional<ZooRecord> zoo, read_zoo(flags));
  if (zoo) options.zoo = &*zoo;
  ATTEST_TRY(const std::string folder, folder_of(flags));
  for (const Format& format : all_formats()) {
    const std::string text = format.render(run, options);
    if (format.file.empty()) {
      context.out << text;
      continue;
    }
    const std::string file = (fs::path(folder) / format.file).string();
    ATTEST_TRY([[maybe_unused]] const Done written, write_file(file, text));
    context.err << fmt::format("{}\n", file);
  }
  return Exit::held;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = report(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_report() {
  return {"report", "every view of a run again", run_command};
}

}  // namespace attest
