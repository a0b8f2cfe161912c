// Command ptx: what is in a PTX file, and what of it the executor cannot run.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/command.h"
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/syntax/parser.h"
#include "reports/table.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace attest {
namespace {

Result<std::string> read_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{Code::io, "is a folder, not a PTX file", path};
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) {
    return Error{Code::io, std::string("cannot be read: ") + std::strerror(errno), path};
  }
  return text;
}

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

Result<std::string> describe_file(const std::string& path) {
  if (path.empty()) return Error{Code::bad_input, "needs a PTX file", "ptx"};
  ATTEST_TRY(const std::string text, read_text(path));
  ATTEST_TRY(const ptx::Module module, ptx::parse_module(text, path));
  std::string out =
      fmt::format("{}  PTX {}, target {}\n", path, module.version, fmt::join(module.targets, ", "));
  const std::vector<ptx::EntryInfo> entries = ptx::inspect(module, path);
  if (entries.empty()) out += "\nno entry\n";
  for (const ptx::EntryInfo& entry : entries)
    out += "\n" + render(entry);
  return out;
}

Exit run_command(const std::vector<std::string>& arguments, Context& context) {
  std::string file;
  Arguments parser("ptx", "Entries and parameters of a PTX file, and what of it is unsupported.");
  parser.text("file", file, "PTX text, as nvcc -ptx writes it");
  auto is_run = parser.parse(arguments, context.out);
  if (!is_run) return report_error(is_run.error(), context);
  if (!*is_run) return Exit::held;
  auto text = describe_file(file);
  if (!text) return report_error(text.error(), context);
  context.out << *text;
  return Exit::held;
}

}  // namespace

Command command_ptx() {
  return {"ptx", "a PTX file: entries, parameters, what is unsupported", run_command};
}

}  // namespace attest
