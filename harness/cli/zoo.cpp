// Command zoo: every fault against every detector; who survives.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/pattern.h"
#include "harness/cli/progress.h"
#include "harness/cli/report_folder.h"
#include "harness/cli/zoo_auto.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"
#include "properties/zoo/detectors.h"
#include "properties/zoo/killing_cases.h"
#include "properties/zoo/matrix.h"
#include "reports/zoo_view.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;

struct Flags {
  std::vector<std::string> faults;
  bool quick = false;
  std::string automatic;
  std::string dtype;
  std::string mutants = "60";
  std::optional<std::string> cases;
  std::string seconds = "15s";
  std::string seed = "0";
  std::optional<std::string> jobs;
  std::string json;
  std::string renew;
};

struct ZooOptions {
  std::vector<const ZooFault*> faults;
  bool is_quick = false;
  std::int64_t cases = 300;
  double seconds = 15;
  std::uint64_t seed = 0;
  int jobs = 1;
  bool renews = false;
};

struct ZooRun {
  ZooRecord record;
  std::vector<std::optional<KillingCase>> killing;  // by fault, where they are to be renewed
  bool is_whole = true;                             // not interrupted
};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("zoo", "Faulty kernels, and which detector sees which fault.");
  parser.list("--fault", flags.faults, "patterns of faults; default: all");
  parser.flag("--quick", flags.quick, "the stored killing case of each fault alone");
  parser.text("--auto", flags.automatic, "mutants of this kernel's PTX instead");
  parser.text("--dtype", flags.dtype, "with --auto: of the kernel; default: its first");
  parser.text("--mutants", flags.mutants, "with --auto: how many; default: 60");
  parser.text("--cases", flags.cases, "cases of each at most; default: 300, of a mutant 60");
  parser.text("--seconds", flags.seconds, "time of each at most; default: 15s");
  parser.text("--seed", flags.seed, "seed of the draw; default: 0");
  parser.text("--jobs,-j", flags.jobs, "faults at once; default: number of cores");
  parser.text("--json", flags.json, "write zoo.json here; - is stdout, instead of the matrix");
  parser.text("--renew", flags.renew, "write the file of killing cases anew");
  return parser.parse(arguments, context.out);
}

Result<std::vector<const ZooFault*>> select_faults(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const ZooFault& fault : all_zoo_faults())
    names.push_back(fault.name);
  std::vector<bool> is_chosen(names.size(), patterns.empty());
  for (const std::string& pattern : patterns) {
    bool has_match = false;
    for (std::size_t n = 0; n < names.size(); ++n) {
      if (!matches(pattern, names[n])) continue;
      is_chosen[n] = has_match = true;
    }
    if (!has_match) return Error{Code::bad_input, no_such("fault", pattern, names), "--fault"};
  }
  std::vector<const ZooFault*> out;
  for (std::size_t n = 0; n < names.size(); ++n) {
    if (is_chosen[n]) out.push_back(&all_zoo_faults()[n]);
  }
  return out;
}

Result<ZooOptions> read_options(const Flags& flags) {
  ZooOptions options;
  ATTEST_TRY(options.faults, select_faults(flags.faults));
  options.is_quick = flags.quick;
  ATTEST_TRY(options.cases, parse_count("--cases", flags.cases.value_or("300"), 1, 1'000'000));
  ATTEST_TRY(options.seconds, parse_duration("--seconds", flags.seconds));
  ATTEST_TRY(options.seed, parse_word("--seed", flags.seed));
  options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (flags.jobs) {
    ATTEST_TRY(const std::int64_t jobs, parse_count("-j", *flags.jobs, 1, 1024));
    options.jobs = static_cast<int>(jobs);
  }
  options.renews = !flags.renew.empty();
  if (options.renews && options.is_quick) {
    return Error{
        Code::bad_input, "finds cases, and --quick only tries those that are there", "--renew"};
  }
  return options;
}

/// True from this many seconds on.
std::function<bool()> deadline(double seconds) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  return [end] { return Clock::now() > end || InterruptScope::is_interrupted(); };
}

const KillingCase* stored_of(const ZooFault& fault) {
  const auto& stored = stored_killing_cases();
  const auto at = std::find_if(stored.begin(), stored.end(), [&fault](const KillingCase& each) {
    return each.fault == fault.name;
  });
  return at == stored.end() ? nullptr : &*at;
}

ZooRun run_zoo(const ZooOptions& options, Context& context) {
  const InterruptScope scope;
  const auto started = Clock::now();
  const auto count = static_cast<std::int64_t>(options.faults.size());
  ZooRun run;
  run.record.seed = options.seed;
  run.record.cases = options.is_quick ? 1 : options.cases;
  run.record.detectors = judging_detectors();
  if (!options.is_quick) {
    const auto compared = Comparisons::detectors();
    run.record.detectors.insert(run.record.detectors.end(), compared.begin(), compared.end());
  }
  run.record.seconds_per_fault = options.seconds;
  run.record.jobs = options.jobs;
  run.record.faults.resize(options.faults.size());
  run.killing.resize(options.faults.size());
  Comparisons comparisons;
  Progress progress(context.err, context.has_bar, "faults", count);
  std::int64_t surviving = 0;
  Work work;
  work.units = count;
  work.jobs = options.jobs;
  work.make_worker = [&] {
    return [&, executor = std::shared_ptr<Executor>(context.make_executor())](std::int64_t unit) {
      const auto at = static_cast<std::size_t>(unit);
      const ZooFault& fault = *options.faults[at];
      if (options.is_quick) {
        run.record.faults[at] = try_killing_case(fault, stored_of(fault), *executor);
        return;
      }
      const ZooLimits limits{options.cases, options.seed, deadline(options.seconds)};
      Examination examination = examine(fault, limits, comparisons, *executor);
      if (options.renews) {
        run.killing[at] = killing_case_of(fault, examination, *executor, deadline(options.seconds));
      }
      run.record.faults[at] = std::move(examination.fault);
    };
  };
  work.delivered = [&](std::int64_t unit) {
    const ZooFaultRecord& fault = run.record.faults[static_cast<std::size_t>(unit)];
    if (!survival(fault).empty()) ++surviving;
    progress.update(unit + 1, surviving);
  };
  work.stop = [] { return InterruptScope::is_interrupted(); };
  run_units(work);
  progress.finish();
  run.is_whole = !InterruptScope::is_interrupted();
  run.record.wall_seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return run;
}

/// The new cases, and the stored ones of faults that were not chosen.
Status renew(const std::string& path, const ZooRun& run) {
  std::vector<KillingCase> cases;
  for (const ZooFault& fault : all_zoo_faults()) {
    const auto& examined = run.record.faults;
    const auto at = std::find_if(examined.begin(), examined.end(), [&fault](const auto& each) {
      return each.name == fault.name;
    });
    if (at == examined.end()) {
      if (const KillingCase* const stored = stored_of(fault)) cases.push_back(*stored);
    } else if (const auto& found = run.killing[static_cast<std::size_t>(at - examined.begin())]) {
      cases.push_back(*found);
    }
  }
  return write_file(path, to_lines(cases));
}

Result<Exit> zoo(const Flags& flags, Context& context) {
  ATTEST_TRY(const ZooOptions options, read_options(flags));
  for (const std::string* file : {&flags.json, &flags.renew}) {
    if (file->empty() || *file == "-") continue;
    ATTEST_TRY([[maybe_unused]] const Done writable, check_writable(*file));
  }
  const ZooRun run = run_zoo(options, context);
  if (!run.is_whole) {
    context.err << "interrupted: nothing is written of a part of the zoo\n";
    return Exit::interrupted;
  }
  if (options.renews) {
    ATTEST_TRY([[maybe_unused]] const Done renewed, renew(flags.renew, run));
  }
  if (flags.json == "-") {
    context.out << to_zoo_json(run.record);
  } else {
    context.out << (options.is_quick ? zoo_summary(run.record) : zoo_matrix(run.record));
    if (!flags.json.empty()) {
      ATTEST_TRY([[maybe_unused]] const Done written,
                 write_file(flags.json, to_zoo_json(run.record)));
    }
  }
  if (totals(run.record).holds()) return Exit::held;
  const bool has_faults = totals(run.record).faults > 0 || !totals(run.record).revealed.empty();
  return has_faults ? Exit::falsified : Exit::nothing_judged;
}

Result<Exit> auto_zoo(const Flags& flags, Context& context) {
  ATTEST_TRY(const ZooOptions common, read_options(flags));
  if (flags.quick || !flags.faults.empty() || !flags.json.empty() || !flags.renew.empty()) {
    return Error{Code::bad_input, "takes neither faults nor files of theirs", "--auto"};
  }
  ZooAutoOptions options{.kernel = flags.automatic, .dtype = flags.dtype};
  ATTEST_TRY(options.mutants, parse_count("--mutants", flags.mutants, 1, 1'000'000));
  ATTEST_TRY(options.cases, parse_count("--cases", flags.cases.value_or("60"), 1, 1'000'000));
  options.seconds = common.seconds;
  options.seed = common.seed;
  options.jobs = common.jobs;
  return run_auto_zoo(options, context);
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = flags.automatic.empty() ? zoo(flags, context) : auto_zoo(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_zoo() {
  return {"zoo", "faults x detectors, survivors", run_command};
}

}  // namespace attest
