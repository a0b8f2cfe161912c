// Command ptx: what is in a PTX file, and what of it the executor cannot run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/cli/ptx_coverage.h"
#include "harness/cli/ptx_file.h"
#include "harness/cli/ptx_run.h"
#include "harness/cli/ptxas_program.h"
#include "harness/cli/report_folder.h"
#include "harness/ptx/decode/coverage.h"
#include "harness/ptx/decode/decoder.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

namespace attest {
namespace {

struct Flags {
  std::string file;
  bool has_coverage = false;
  std::string json;
  RunFlags run;
};

std::string render(const ptx::EntryInfo& entry) {
  std::string out = fmt::format("entry {}\n  {} instructions, {} bytes of static shared memory\n",
                                entry.name,
                                entry.instructions,
                                entry.static_shared_bytes);
  Table parameters{{{"parameter"}, {"type"}, {"offset", true}, {"bytes", true}}, {}};
  for (const ptx::Parameter& parameter : entry.parameters) {
    parameters.rows.push_back({parameter.name,
                               parameter.type,
                               std::to_string(parameter.offset),
                               std::to_string(parameter.size_bytes)});
  }
  out += to_text(parameters, 2);
  Table unsupported{{{"line", true}, {"unsupported"}, {"why"}}, {}};
  for (const ptx::Unsupported& item : entry.unsupported) {
    unsupported.rows.push_back({std::to_string(item.line), item.instruction, item.reason});
  }
  return out + (entry.unsupported.empty() ? "  all of it is supported\n" : to_text(unsupported, 2));
}

/// For the target that the file names; why not is one line that belongs to no entry.
struct Registers {
  std::vector<PtxasFigures> entries;
  std::string unknown;
};

Registers registers_of(const PtxFile& file) {
  const std::string unknown = "registers and spills unknown\n";
  const std::optional<std::string> program = find_ptxas();
  if (!program) return {{}, "ptxas not found: " + unknown};
  if (file.module.targets.empty()) return {{}, "no target: " + unknown};
  auto figures =
      run_ptxas({.program = *program, .file = file.path, .arch = file.module.targets.front()});
  if (!figures) return {{}, figures.error().to_string() + "; " + unknown};
  return {std::move(*figures), ""};
}

std::string render(const PtxasFigures& entry) {
  return fmt::format(
      "  ptxas {}: {} registers, {} bytes of spill stores, {} of spill loads, {} of stack, {} of "
      "static shared memory\n",
      entry.arch,
      entry.registers,
      entry.spill_store_bytes,
      entry.spill_load_bytes,
      entry.stack_bytes,
      entry.static_shared_bytes);
}

std::string describe(const PtxFile& file) {
  const Registers registers = registers_of(file);
  std::string out = file.headline() + registers.unknown;
  const std::vector<ptx::EntryInfo> entries = ptx::inspect(file.module, file.path);
  if (entries.empty()) out += "\nno entry\n";
  for (const ptx::EntryInfo& entry : entries) {
    out += "\n" + render(entry);
    for (const PtxasFigures& figures : registers.entries) {
      if (figures.entry == entry.name) out += render(figures);
    }
  }
  return out;
}

Result<Exit> show_coverage(const PtxFile& file, const std::string& json, Context& context) {
  const CoverageView view{
      file.path, file.module, ptx::coverage(file.module, ptx::inspect(file.module, file.path))};
  if (json != "-") context.out << file.headline() << coverage_text(view);
  if (json == "-") context.out << coverage_json(view);
  if (!json.empty() && json != "-") {
    ATTEST_TRY([[maybe_unused]] const Done is_written, write_file(json, coverage_json(view)));
  }
  return view.coverage.total.is_complete() ? Exit::held : Exit::falsified;
}

Result<Exit> run(const Flags& flags, Context& context) {
  if (!flags.json.empty() && !flags.has_coverage)
    return Error{Code::bad_input, "goes with --coverage", "--json"};
  if (flags.has_coverage && flags.run.entry)
    return Error{Code::bad_input, "either this or --run", "--coverage"};
  if (!flags.run.entry) {
    ATTEST_TRY([[maybe_unused]] const Done is_no_run, flags.run.check_unused());
  }
  ATTEST_TRY(const PtxFile file, read_ptx(flags.file));
  if (flags.run.entry) return run_ptx(file, flags.run, context);
  if (flags.has_coverage) return show_coverage(file, flags.json, context);
  context.out << describe(file);
  return Exit::held;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  Flags flags;
  Arguments parser("ptx", "A PTX file: its entries, what of it is supported, or one of them run.");
  parser.text("file", flags.file, "PTX text, as nvcc -ptx writes it");
  parser.flag("--coverage",
              flags.has_coverage,
              "supported opcodes and instructions; exit 1 if any is missing");
  parser.text(
      "--json", flags.json, "write the coverage here too; - is stdout, instead of the text");
  flags.run.declare(parser);
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto exit = run(flags, context);
  return exit ? *exit : report_error(exit.error(), context);
}

}  // namespace

Command command_ptx() {
  return {"ptx", "a PTX file: its entries, what is unsupported, or one entry run", run_command};
}

}  // namespace attest
