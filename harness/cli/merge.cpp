// Command merge: the shards of a run as one run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/cudnn_opinion.h"
#include "harness/cli/join_shards.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/selection.h"
#include "harness/record/run_json.h"
#include "properties/pairs.h"
#include "properties/search.h"
#include "reports/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

namespace attest {
namespace {

struct Flags {
  std::vector<std::string> folders;
  std::string json;
  std::string out;
  bool allows_missing = false;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("merge", "Join the report folders of `check --shard K/N` into one run.");
  parser.rest("folders", flags.folders, "report folders of the shards");
  parser.text("--json,-o", flags.json, "write the whole run.json here");
  parser.text("--out", flags.out, "report folder of the whole run");
  parser.flag("--allow-missing", flags.allows_missing, "go without the shards that are missing");
  return parser.parse(arguments, context.out);
}

Status write_report(const JournalContent& whole, const std::string& path) {
  ATTEST_TRY(const ReportFolder folder, ReportFolder::create(path));
  ATTEST_TRY(JournalWriter journal, JournalWriter::create(folder.journal()));
  ATTEST_TRY([[maybe_unused]] const Done is_begun, journal.begin(whole.run, whole.arguments));
  for (std::size_t i = 0; i < whole.numbers.size(); ++i) {
    ATTEST_TRY([[maybe_unused]] const Done is_written,
               journal.result(whole.numbers[i], whole.run.cases[i]));
  }
  for (std::size_t i = 0; i < whole.failure_numbers.size(); ++i) {
    ATTEST_TRY([[maybe_unused]] const Done is_written,
               journal.failure(whole.failure_numbers[i], whole.run.failures[i]));
  }
  for (const OracleRecord& oracle : whole.run.oracles) {
    ATTEST_TRY([[maybe_unused]] const Done is_written, journal.oracle(oracle));
  }
  for (const PairRecord& pairs : whole.run.pairs) {
    ATTEST_TRY([[maybe_unused]] const Done is_written, journal.pairs(pairs));
  }
  ATTEST_TRY([[maybe_unused]] const Done is_ended, journal.end(whole.run));
  return folder.write_views(whole.run);
}

/// A shard whose task never ran left no folder, or one without a word in its journal.
bool is_unbegun(const std::string& folder) {
  std::error_code none;
  const std::string journal = journal_of(folder);
  if (!std::filesystem::exists(journal, none)) return true;
  return std::filesystem::is_regular_file(journal, none) &&
         std::filesystem::file_size(journal, none) == 0;
}

/// What the shards left to the merge.
void ask_oracles(RunRecord& run, Context& context) {
  CudnnOpinionOptions how;
  how.program = context.cudnn_program;
  how.problems = attentions_of(run.cases);
  if (const auto profile = find_profile(run.profile)) how.plans = profile->plans;
  how.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  how.stop = [] { return false; };
  how.progress = [](std::size_t, std::size_t) {};
  run.oracles.push_back(cudnn_opinion(how));
}

Result<Exit> merge(const Flags& flags, Context& context) {
  std::vector<ShardJournal> shards;
  std::optional<Error> absent;  // of a shard that was never begun
  for (const std::string& folder : flags.folders) {
    auto content = read_journal(journal_of(folder));
    if (content) {
      shards.push_back({folder, std::move(*content)});
    } else if (is_unbegun(folder)) {
      absent = content.error();
    } else {
      return content.error();
    }
  }
  if (shards.empty() && absent) return *absent;
  auto joined = join_shards(shards, flags.allows_missing);
  if (!joined) {
    report_error(joined.error(), context);
    return Exit::could_not_judge;
  }
  if (absent && joined->run.env.missing.empty()) return *absent;  // it is none of this run
  JournalContent& whole = *joined;
  whole.run.env.command = context.command;
  whole.run.pairs = pair_records(whole.run.cases, every_kernel());
  if (!shards.front().content.run.oracles.empty()) ask_oracles(whole.run, context);
  if (!whole.run.env.missing.empty()) {
    context.err << fmt::format("without shard {}\n", fmt::join(whole.run.env.missing, ", "));
  }
  Status written = Done{};
  if (!flags.json.empty()) written = write_file(flags.json, to_run_json(whole.run));
  if (written && !flags.out.empty()) written = write_report(whole, flags.out);
  for (const Format& format : all_formats()) {
    if (format.file.empty()) context.out << format.render(whole.run, render_options(context));
  }
  return first_of({exit_of(whole.run), report_unwritten(written, context)});
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = merge(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_merge() {
  return {"merge", "the shards of a run as one run", run_command};
}

}  // namespace attest
