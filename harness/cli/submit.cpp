// Command submit: prints what a scheduler needs to run `check` in shards and merge them; starts
// nothing.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/record/record.h"

#include <fmt/format.h>

#include <array>

namespace attest {
namespace {

struct Flags {
  std::string system;
  std::string shards = "16";
  std::string at_once;
  std::string folder = "attest-shards";
  std::string program = "build/attest";
  std::vector<std::string> check;
};

struct Submission {
  std::int64_t shards = 0;
  std::int64_t at_once = 0;  // 0: no limit
  std::string folder;        // as a word of the shell
  std::string program;
  std::string check;  // further arguments, each led by a blank
};

/// As a word of a POSIX shell.
std::string quoted(const std::string& word) {
  const bool is_plain = word.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_-+=./:,@%") == std::string::npos;
  if (is_plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A task that is begun again after its node was lost goes on with what its report has. A shard that
/// fails does not keep the others from being merged.
std::string slurm(const Submission& s) {
  const std::string limit = s.at_once > 0 ? fmt::format("%{}", s.at_once) : "";
  return fmt::format(R"(#!/usr/bin/env bash
# Run this on a node that submits jobs, in a folder that all nodes share.
set -euo pipefail
mkdir -p {folder}
array=$(sbatch --parsable --job-name=attest --array=1-{shards}{limit} --requeue --open-mode=append \
  --output={folder}/shard-%a.log <<'TASK'
#!/usr/bin/env bash
out={folder}/shard-$SLURM_ARRAY_TASK_ID
if [[ -s $out/events.ndjson ]]; then
  exec {program} check --resume "$out"
fi
exec {program} check --shard "$SLURM_ARRAY_TASK_ID/{shards}" --out "$out"{check}
TASK
)
sbatch --parsable --job-name=attest-merge --dependency="afterany:$array" --output={folder}/merge.log <<'TASK'
#!/usr/bin/env bash
exec {program} merge {folder}/shard-{{1..{shards}}} --out {folder}/whole -o {folder}/run.json
TASK
)",
                     fmt::arg("folder", s.folder),
                     fmt::arg("shards", s.shards),
                     fmt::arg("limit", limit),
                     fmt::arg("program", s.program),
                     fmt::arg("check", s.check));
}

std::string github(const Submission& s) {
  std::string numbers;
  for (std::int64_t n = 1; n <= s.shards; ++n)
    numbers += fmt::format("{}{}", n == 1 ? "" : ", ", n);
  const std::string limit =
      s.at_once > 0 ? fmt::format("      max-parallel: {}\n", s.at_once) : std::string();
  return fmt::format(R"(name: attest
on: [pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    container: debian:12
    strategy:
      fail-fast: false
{limit}      matrix:
        shard: [{numbers}]
    steps:
      - run: apt-get update && apt-get install -y git ca-certificates
      - uses: actions/checkout@v4
      - run: scripts/build
      - run: {program} check --shard "${{{{ matrix.shard }}}}/{shards}" --out {folder}/shard-${{{{ matrix.shard }}}}{check}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: shard-${{{{ matrix.shard }}}}
          path: {folder}/shard-${{{{ matrix.shard }}}}
  merge:
    needs: check
    if: always()
    runs-on: ubuntu-latest
    container: debian:12
    steps:
      - run: apt-get update && apt-get install -y git ca-certificates
      - uses: actions/checkout@v4
      - run: scripts/build
      - uses: actions/download-artifact@v4
        with:
          path: {folder}
      - run: {program} merge {folder}/shard-* --out {folder}/whole
      - run: cat {folder}/whole/summary.md >> "$GITHUB_STEP_SUMMARY"
        if: always()
)",
                     fmt::arg("folder", s.folder),
                     fmt::arg("shards", s.shards),
                     fmt::arg("numbers", numbers),
                     fmt::arg("limit", limit),
                     fmt::arg("program", s.program),
                     fmt::arg("check", s.check));
}

/// CTest scripts take no shell: the words as they are, in bracket arguments.
std::string ctest(const Submission& s) {
  std::string text = "# For add_subdirectory() or include(): one test a shard, then the merge.\n";
  for (std::int64_t n = 1; n <= s.shards; ++n) {
    text += fmt::format(
        "add_test(NAME attest_shard_{n} COMMAND sh -c [=[exec {program} check --shard {n}/{shards} "
        "--out {folder}/shard-{n}{check}]=])\n",
        fmt::arg("n", n),
        fmt::arg("program", s.program),
        fmt::arg("shards", s.shards),
        fmt::arg("folder", s.folder),
        fmt::arg("check", s.check));
    text += fmt::format(
        "set_tests_properties(attest_shard_{} PROPERTIES FIXTURES_SETUP attest_shards "
        "RESOURCE_GROUPS gpus:1)\n",
        n);
  }
  text += fmt::format(
      "add_test(NAME attest_merge COMMAND sh -c [=[exec {} merge {}/shard-* --out {}/whole]=])\n"
      "set_tests_properties(attest_merge PROPERTIES FIXTURES_REQUIRED attest_shards)\n",
      s.program,
      s.folder,
      s.folder);
  return text;
}

struct System {
  const char* name;
  std::string (*text)(const Submission&);
};
constexpr std::array<System, 3> kSystems = {
    System{"slurm", slurm}, {"github", github}, {"ctest", ctest}};

Result<bool> parse_flags(const std::vector<std::string>& arguments,
                         Flags& flags,
                         Context& context) {
  Arguments parser("submit",
                   "Print a job array, a workflow or tests that run `check` in shards and merge "
                   "them.\nWhat follows -- goes to check: attest submit slurm -- --profile ci");
  parser.text("system", flags.system, "slurm, github or ctest");
  parser.text("--shards", flags.shards, "parts of the run; default: 16");
  parser.text("--at-once", flags.at_once, "shards that run at the same time, at most");
  parser.text("--folder", flags.folder, "where the reports go; default: attest-shards");
  parser.text("--program", flags.program, "attest, as the nodes find it; default: build/attest");
  parser.rest("check", flags.check, "arguments of check");
  return parser.parse(arguments, context.out);
}

Result<std::string> submission(const Flags& flags) {
  std::vector<std::string> names;
  names.reserve(kSystems.size());
  for (const System& system : kSystems)
    names.emplace_back(system.name);
  ATTEST_TRY(const std::size_t chosen, parse_choice("submit", flags.system, names));
  Submission s;
  constexpr std::int64_t kMost = 10'000;
  ATTEST_TRY(s.shards, parse_count("--shards", flags.shards, 1, kMost));
  if (!flags.at_once.empty()) {
    ATTEST_TRY(s.at_once, parse_count("--at-once", flags.at_once, 1, kMost));
  }
  s.folder = quoted(flags.folder);
  s.program = quoted(flags.program);
  for (const std::string& argument : flags.check)
    s.check += " " + quoted(argument);
  return kSystems[chosen].text(s);
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  auto is_run = parse_flags(arguments, flags, context);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto text = submission(flags);
  if (!text) return report_error(text.error(), context);
  context.out << *text;
  return Exit::held;
}

}  // namespace

Command command_submit() {
  return {"submit", "a job array, workflow or tests that run a check in shards", run_command};
}

}  // namespace attest
