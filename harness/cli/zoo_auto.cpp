// Mutants over threads, then a table of operators and a list of survivors.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/zoo_auto.h"

#include "harness/cli/progress.h"
#include "harness/cli/selection.h"
#include "harness/runner/interrupt.h"
#include "harness/runner/runner.h"
#include "properties/zoo/auto_zoo.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;

Result<const KernelSpec*> select_kernel(const std::string& pattern) {
  ATTEST_TRY(const KernelSelection selected, select_kernels({pattern}));
  if (selected.attention.size() != 1 || !selected.operations.empty()) {
    return Error{Code::bad_input, "'" + pattern + "' is not one kernel of attention", "--auto"};
  }
  return selected.attention.front();
}

std::vector<Mutant> examine_all(const AutoZoo& zoo,
                                const std::vector<Mutation>& mutations,
                                const ZooAutoOptions& options,
                                Context& context) {
  std::vector<Mutant> mutants(mutations.size());
  std::int64_t surviving = 0;
  Progress progress(
      context.err, context.has_bar, "mutants", static_cast<std::int64_t>(mutations.size()));
  Work work;
  work.units = static_cast<std::int64_t>(mutations.size());
  work.jobs = options.jobs;
  work.make_worker = [&] {
    return [&, executor = std::shared_ptr<Executor>(context.make_executor())](std::int64_t unit) {
      const auto at = static_cast<std::size_t>(unit);
      const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(options.seconds));
      mutants[at] = zoo.examine(mutations[at], *executor, [end] { return Clock::now() > end; });
    };
  };
  work.delivered = [&](std::int64_t unit) {
    if (mutants[static_cast<std::size_t>(unit)].fate == MutantFate::survived) ++surviving;
    progress.update(unit + 1, surviving);
  };
  work.stop = [] { return InterruptScope::is_interrupted(); };
  run_units(work);
  progress.finish();
  return mutants;
}

struct Tally {
  std::int64_t killed = 0;
  std::int64_t survived = 0;
  std::int64_t invalid = 0;
};

void count(const Mutant& mutant, Tally& tally) {
  switch (mutant.fate) {
    case MutantFate::killed:
      ++tally.killed;
      return;
    case MutantFate::survived:
      ++tally.survived;
      return;
    case MutantFate::invalid:
      ++tally.invalid;
      return;
  }
}

std::string changes_text(const std::vector<Mutant>& mutants) {
  std::map<std::string, Tally> by_change;
  for (const Mutant& mutant : mutants)
    count(mutant, by_change[mutant.mutation.change]);
  Table table{{{"change"}, {"killed", true}, {"survived", true}, {"not runnable", true}}, {}};
  for (const auto& [change, tally] : by_change) {
    table.rows.push_back({change,
                          std::to_string(tally.killed),
                          std::to_string(tally.survived),
                          std::to_string(tally.invalid)});
  }
  return to_text(table, 2);
}

std::string survivors_text(const std::vector<Mutant>& mutants) {
  std::string out;
  for (const Mutant& mutant : mutants) {
    if (mutant.fate != MutantFate::survived) continue;
    const Mutation& mutation = mutant.mutation;
    out += fmt::format("  {}, PTX line {}{}{}, {} cases\n      {}\n      {}\n",
                       mutation.change,
                       mutation.ptx_line,
                       mutation.source.empty() ? "" : ", ",
                       mutation.source,
                       mutant.cases,
                       mutation.before,
                       mutation.after.empty() ? "(left out)" : mutation.after);
  }
  return out.empty() ? "" : "survivors: errors that no case saw, or changes that are none\n" + out;
}

}  // namespace

Result<Exit> run_auto_zoo(const ZooAutoOptions& options, Context& context) {
  ATTEST_TRY(const KernelSpec* const kernel, select_kernel(options.kernel));
  Dtype dtype = kernel->dtypes.front();
  if (!options.dtype.empty()) {
    ATTEST_TRY(dtype, parse_dtype(options.dtype));
  }
  ATTEST_TRY(const AutoZoo zoo, AutoZoo::create(*kernel, dtype, options.cases, options.seed));
  const InterruptScope scope;
  if (const std::string failure = zoo.first_failure(*context.make_executor()); !failure.empty()) {
    return Error{Code::bad_input, "it fails without a mutation: " + failure, kernel->name};
  }
  const std::vector<Mutation> mutations = zoo.sample(options.mutants);
  const std::vector<Mutant> mutants = examine_all(zoo, mutations, options, context);
  if (InterruptScope::is_interrupted()) {
    context.err << "interrupted: nothing is printed of a part of the mutants\n";
    return Exit::interrupted;
  }
  Tally all;
  for (const Mutant& mutant : mutants)
    count(mutant, all);
  context.out << fmt::format(
                     "{}: {} of {} mutants\n", zoo.entry(), mutants.size(), zoo.mutations().size())
              << changes_text(mutants) << survivors_text(mutants)
              << fmt::format("{} of {} mutants killed, {} survived, {} not runnable\n",
                             all.killed,
                             all.killed + all.survived,
                             all.survived,
                             all.invalid);
  if (all.killed + all.survived == 0) return Exit::nothing_judged;
  return all.survived == 0 ? Exit::held : Exit::falsified;
}

}  // namespace attest
