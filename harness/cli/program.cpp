// From the argument list to a command, and from errors to exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/build_info.h"
#include "harness/cli/command.h"
#include "harness/cli/pattern.h"
#include "harness/ptx/machine/simd.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

namespace attest {
namespace {

void print_usage(std::ostream& out) {
  out << "attest finds the attention shape that a fused GPU kernel gets wrong, shrinks it and\n"
         "hands over the line that repeats it.\n\nusage: attest COMMAND [OPTIONS]\n\n";
  for (const Command& command : all_commands()) {
    if (command.summary.empty()) continue;
    out << fmt::format("  {:<8} {}\n", command.name, command.summary);
  }
  out << "\n`attest COMMAND --help` lists a command's options.\n";
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : all_commands())
    names.push_back(command.name);
  return names;
}

Exit dispatch(const std::vector<std::string>& arguments, Context& context) {
  if (arguments.empty()) {
    print_usage(context.err);
    return Exit::bad_input;
  }
  const std::string& first = arguments.front();
  if (first == "--help" || first == "-h" || first == "help") {
    print_usage(context.out);
    return Exit::held;
  }
  if (first == "--version") {
    context.out << "attest " << build_info().version << "\n";
    return Exit::held;
  }
  if (const auto& simd = ptx::simd_of_environment(); !simd)
    return report_error(simd.error(), context);
  const auto& commands = all_commands();
  const auto found = std::find_if(
      commands.begin(), commands.end(), [&first](const Command& c) { return c.name == first; });
  if (found == commands.end()) {
    return report_error({Code::bad_input, no_such("command", first, command_names()), ""}, context);
  }
  return found->run({arguments.begin() + 1, arguments.end()}, context);
}

}  // namespace

RenderOptions render_options(const Context& context) {
  RenderOptions options;
  options.has_colour = context.has_colour;
  options.is_github = context.is_github;
  return options;
}

Exit report_error(const Error& error, Context& context) {
  constexpr std::size_t kMaxLine = 2000;  // names and operands of hostile files have no limit
  std::string line = "attest: " + error.to_string();
  if (line.size() > kMaxLine) line.replace(kMaxLine, std::string::npos, "..");
  std::replace(line.begin(), line.end(), '\n', ' ');
  context.err << line << std::endl;
  return Exit::bad_input;
}

Exit report_unwritten(const Status& written, Context& context) {
  if (written) return Exit::held;
  report_error(written.error(), context);
  return Exit::could_not_judge;
}

Exit run_program(const std::vector<std::string>& arguments, Context& context) {
  try {
    return dispatch(arguments, context);
  } catch (const std::bad_alloc&) {
    return report_error({Code::limit, "the memory of this machine does not suffice", ""}, context);
  } catch (const std::exception& error) {
    std::string line = std::string("attest: internal error, please report it: ") + error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    context.err << line << std::endl;
    return Exit::internal;
  }
}

}  // namespace attest
