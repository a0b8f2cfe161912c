// Command check: properties over kernels; the main job.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/check_run.h"
#include "harness/cli/climb_run.h"
#include "harness/cli/command.h"
#include "harness/cli/corpus_files.h"
#include "harness/cli/device.h"
#include "harness/cli/mode_flags.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/require.h"
#include "harness/cli/selection.h"
#include "harness/record/run_json.h"
#include "reference/oracle/oracle.h"
#include "reports/format/format.h"
#include "reports/summary.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <utility>

namespace attest {
namespace {

/// The command line as text, before any value is looked at.
struct Flags {
  std::vector<std::string> kernels;
  std::vector<std::string> properties;
  std::vector<std::string> dtypes;
  std::string profile = "quick";
  std::optional<std::string> cases;
  std::optional<std::string> time_budget;
  std::optional<std::string> seed;
  std::optional<std::string> jobs;
  std::optional<std::string> shard;
  std::optional<std::string> case_timeout;
  std::string out = "attest-report";
  std::string resume;
  std::string json;
  ModeFlags mode;
  std::string checks = "all";
  std::string device = "auto";
  std::vector<std::string> required;
  std::vector<std::string> oracles;
  std::string corpus;
  bool keeps = false;
  std::optional<std::string> climb;
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("check", "Draw cases, run kernels on them, judge, and shrink what fails.");
  parser.list("--kernel", flags.kernels, "patterns of kernels; default: all correct ones");
  parser.list("--property", flags.properties, "patterns of properties; default: all");
  parser.list("--dtype", flags.dtypes, "f32, f16, bf16; default: all that a kernel claims");
  parser.text("--profile", flags.profile, "quick, ci or soak; default: quick");
  parser.text("--cases",
              flags.cases,
              "number of cases drawn, instead of the profile's; those of the corpus come on top");
  parser.text("--time-budget", flags.time_budget, "begin no case after 60s, 10m, 2h");
  parser.text("--seed", flags.seed, "seed of the draw; default: 0, soak: a new one");
  parser.text("--jobs,-j", flags.jobs, "cases at once; default: number of cores");
  parser.text(
      "--shard", flags.shard, "K/N: the K-th of N parts of the run; attest merge joins them");
  parser.text("--case-timeout", flags.case_timeout, "a case that takes longer is a fault; 10m");
  parser.text(
      "--resume", flags.resume, "go on with the run that was cut off in this report folder");
  parser.text("--out", flags.out, "report folder; an older one there is moved to .old");
  parser.text("--json", flags.json, "write run.json here too; - is stdout, instead of the summary");
  flags.mode.declare(parser);
  parser.text("--checks", flags.checks, "all or none: bounds and alignment only");
  parser.text("--device", flags.device, "ptx, cuda, or auto: ptx, and cuda where a GPU is");
  parser.list(
      "--require", flags.required, "cuda, cudnn, cudnn:executed: exit 3 where one is missing");
  parser.text(
      "--corpus",
      flags.corpus,
      "folder of *.ndjson with cases to replay first, or none; default: properties/regressions "
      "where that is");
  parser.flag("--keep", flags.keeps, "add new failures to the corpus; in CI the patch is printed");
  parser.text("--climb",
              flags.climb,
              "instead of draws: search N cases for those nearest to their bounds, and run these");
  parser.list("--oracle", flags.oracles, "cudnn; eigen and unfused are always asked; default: all");
  return parser.parse(arguments, context.out);
}

/// Threads where a GPU is used, unless -j says so: each has a context of its own on it.
constexpr int kGpuJobs = 4;

std::uint64_t fresh_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

Status read_numbers(const Flags& flags, CheckOptions& options) {
  if (flags.cases) {
    ATTEST_TRY(const std::int64_t cases, parse_count("--cases", *flags.cases, 1, 100'000'000));
    set_cases(options.search, cases);
  }
  if (flags.time_budget) {
    ATTEST_TRY(options.budget_seconds, parse_duration("--time-budget", *flags.time_budget));
  }
  if (flags.seed) {
    ATTEST_TRY(options.search.seed, parse_word("--seed", *flags.seed));
  } else if (options.search.profile.name == "soak") {
    options.search.seed = fresh_seed();
  }
  options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (flags.jobs) {
    ATTEST_TRY(const std::int64_t jobs, parse_count("-j", *flags.jobs, 1, 1024));
    options.jobs = static_cast<int>(jobs);
  }
  if (flags.shard) {
    ATTEST_TRY(options.shard, parse_shard(*flags.shard));
  }
  if (flags.climb) {
    ATTEST_TRY(options.climb, parse_count("--climb", *flags.climb, 1, 100'000'000));
  }
  if (flags.case_timeout) {
    ATTEST_TRY(const double seconds, parse_duration("--case-timeout", *flags.case_timeout));
    options.judge.timeout_milliseconds = std::llround(1000 * seconds);
  }
  return Done{};
}

/// Errors  Code::bad_input for an oracle that is none.
Result<bool> asks_cudnn(const std::vector<std::string>& wanted) {
  std::vector<std::string> names;
  for (const Oracle& oracle : all_oracles())
    names.push_back(oracle.name);
  bool is_wanted = wanted.empty();
  for (const std::string& oracle : wanted) {
    ATTEST_TRY(const std::size_t which, parse_choice("--oracle", oracle, names));
    is_wanted = is_wanted || names[which] == "cudnn";
  }
  return is_wanted;
}

Result<CheckOptions> read_options(const Flags& flags) {
  CheckOptions options;
  ATTEST_TRY(const KernelSelection kernels, select_kernels(flags.kernels));
  options.search.kernels = kernels.attention;
  options.search.operations = kernels.operations;
  ATTEST_TRY(options.search.properties, select_properties(flags.properties));
  ATTEST_TRY(options.search.dtypes, select_dtypes(flags.dtypes));
  ATTEST_TRY(options.search.profile, find_profile(flags.profile));
  ATTEST_TRY([[maybe_unused]] const Done numbers_are_read, read_numbers(flags, options));
  ATTEST_TRY(const FixedMode mode, flags.mode.read());
  options.search.arch = mode.arch;
  options.search.schedule = mode.schedule;
  options.search.mma = mode.mma.value_or(MmaBits::exact);
  options.search.approx = mode.approx;
  options.search.contract = mode.contract;
  ATTEST_TRY(const std::size_t checks, parse_choice("--checks", flags.checks, {"all", "none"}));
  options.has_checks = checks == 0;
  ATTEST_TRY(options.asks_cudnn, asks_cudnn(flags.oracles));
  if (const std::string folder = corpus_folder(flags.corpus); !folder.empty()) {
    ATTEST_TRY(options.search.corpus, read_corpus(folder));
  }
  return options;
}

/// Which pairs of axis values the judged cases have met, the empty ones by name.
std::string pair_text(const RunRecord& run) {
  constexpr std::size_t kNamed = 3;
  Table table{{{"kernel"}, {"dtype"}, {"pairs", true}, {"met", true}, {"empty"}}, {}};
  for (const PairRecord& pairs : run.pairs) {
    const std::int64_t empty = pairs.possible - pairs.met;
    std::string named = pairs.empty.empty() ? "none" : "";
    const std::size_t shown = std::min(kNamed, pairs.empty.size());
    for (std::size_t n = 0; n < shown; ++n)
      named += (n == 0 ? "" : "; ") + pairs.empty[n];
    const std::int64_t others = empty - static_cast<std::int64_t>(shown);
    if (others > 0) named += fmt::format("; and {} more", others);
    table.rows.push_back({pairs.kernel,
                          std::string(name(pairs.dtype)),
                          std::to_string(pairs.possible),
                          std::to_string(pairs.met),
                          std::move(named)});
  }
  return table.rows.empty() ? "" : "pairs of axis values\n" + to_text(table, 2) + "\n";
}

/// The run's result on stdout: the record for `--json -`, else the terminal view.
Status show(const RunRecord& run,
            const Flags& flags,
            const CheckOptions& options,
            Context& context) {
  if (flags.json == "-") {
    context.out << to_run_json(run);
    context.err << headline(conclude(run)) << ": " << counts_line(run, tally(run)) << "\n";
    return Done{};
  }
  const bool has_pairs = options.search.profile.name != "quick" && options.shard == Shard{};
  if (has_pairs) context.out << pair_text(run);
  if (options.climb > 0) context.out << climb_text(run);
  for (const Format& format : all_formats()) {
    if (format.file.empty()) context.out << format.render(run, render_options(context));
  }
  return flags.json.empty() ? Status(Done{}) : write_file(flags.json, to_run_json(run));
}

void announce(const CheckOptions& options, const std::string& folder, Context& context) {
  const std::string shard =
      options.shard == Shard{} ? "" : fmt::format("shard {}, ", to_string(options.shard));
  const std::string corpus =
      options.search.corpus.empty()
          ? ""
          : fmt::format("corpus of {} cases, ", options.search.corpus.size());
  context.err << fmt::format("profile {}, seed {:#x}, {}{}{} at once, report in {}\n",
                             options.search.profile.name,
                             options.search.seed,
                             corpus,
                             shard,
                             options.jobs,
                             folder)
              << std::flush;
}

Result<CheckedRun> run_or_resume(const Flags& flags,
                                 const CheckOptions& options,
                                 const ReportFolder& folder,
                                 Context& context) {
  announce(options, folder.path(), context);
  if (flags.resume.empty()) return run_check(options, folder.journal(), context);
  ATTEST_TRY(const JournalContent begun, read_journal(folder.journal()));
  return resume_check(options, begun, folder.journal(), context);
}

Result<Exit> run_to_report(const Flags& flags, const CheckOptions& options, Context& context) {
  if (!flags.json.empty() && flags.json != "-") {
    ATTEST_TRY([[maybe_unused]] const Done is_writable, check_writable(flags.json));
  }
  ATTEST_TRY(
      const ReportFolder folder,
      flags.resume.empty() ? ReportFolder::create(flags.out) : ReportFolder::open(flags.resume));
  ATTEST_TRY(const CheckedRun checked, run_or_resume(flags, options, folder, context));
  const RunRecord& run = checked.run;
  const Status views = folder.write_views(run);
  const Status shown = show(run, flags, options, context);
  if (!checked.journal) {
    Error error = checked.journal.error();
    error.message +=
        fmt::format("; what is in it goes on with attest check --resume {}", folder.path());
    report_error(error, context);
    return exit_of_cut_off(run);
  }
  ATTEST_TRY(const std::string corpus_news,
             offer_to_corpus(run, options.search.corpus, corpus_folder(flags.corpus), flags.keeps));
  (flags.json == "-" ? context.err : context.out) << corpus_news;
  return first_of(
      {exit_of(run), report_unwritten(views, context), report_unwritten(shown, context)});
}

/// What `arguments` say; with --resume, on top of what the run was begun with.
/// False: help was asked for.
Result<bool> read_flags(const std::vector<std::string>& arguments, Flags& flags, Context& context) {
  ATTEST_TRY(const bool is_run, parse_flags(arguments, flags, context));
  if (!is_run || flags.resume.empty()) return is_run;
  const std::string journal = journal_of(flags.resume);
  ATTEST_TRY(const JournalContent begun, read_journal(journal));
  if (begun.run.plan.empty()) return Error{Code::bad_input, "is not the run of a check", journal};
  Flags both;
  ATTEST_TRY([[maybe_unused]] const bool begun_is_read,
             parse_flags(begun.arguments, both, context));
  both.seed = fmt::format("{:#x}", begun.run.seed);
  ATTEST_TRY([[maybe_unused]] const bool is_read, parse_flags(arguments, both, context));
  both.out = flags.resume;
  flags = both;
  return true;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = read_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto options = read_options(flags);
  if (!options) return report_error(options.error(), context);
  options->arguments = arguments;
  if (flags.corpus.empty())
    options->arguments.insert(options->arguments.end(), {"--corpus", corpus_anywhere()});
  auto required = parse_requirements(flags.required);
  if (!required) return report_error(required.error(), context);
  if (report_unmet(*required, context)) return Exit::nothing_judged;
  auto device = choose_devices(flags.device, context);
  if (!device) return report_no_device(device.error(), context);
  options->device = *device;
  options->search.devices = device->devices;
  options->search.gpu_arch = device->gpu_arch();
  if (device->has_gpu() && !flags.jobs) options->jobs = std::min(options->jobs, kGpuJobs);
  auto exit = run_to_report(flags, *options, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_check() {
  return {"check", "properties over kernels: the main job", run_command};
}

}  // namespace attest
