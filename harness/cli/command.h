// Command: one word of the command line, and what it needs of the outside.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/exit_code.h"
#include "harness/executor/cuda_executor.h"
#include "harness/executor/executor.h"
#include "reports/format/format.h"

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace attest {

/// Where results and progress go, and how an executor is made; tests put their own in.
struct Context {
  std::ostream& out;        // the result
  std::ostream& err;        // progress and errors
  bool has_colour = false;  // `out` is a terminal that may be coloured
  bool has_bar = false;     // `err` is a terminal, and this is not CI
  bool is_github = false;   // GITHUB_ACTIONS is set: failures become annotations
  std::string command{};    // as typed, for the record
  std::function<std::unique_ptr<Executor>()> make_executor{};  // the interpreter
  /// The program that judges cases in a process of its own, with arguments; empty: in this process.
  std::vector<std::string> worker_command{};
  CudaOptions cuda{};           // where attest-cuda is; by default nowhere
  std::string cudnn_program{};  // attest-cudnn; empty: not built
};

/// How the views on `out` are to look.
[[nodiscard]] RenderOptions render_options(const Context& context);

struct Command {
  std::string name;
  std::string summary;  // empty: not for people
  /// `arguments` are those after the name.
  std::function<Exit(const std::vector<std::string>& arguments, Context&)> run;
};

/// Every command, sorted by name (generated from harness/cli/CMakeLists.txt).
[[nodiscard]] const std::vector<Command>& all_commands();

/// The whole program: `arguments` without the program's name. Prints each error as one line on
/// `context.err`; an InternalError ends as Exit::internal.
[[nodiscard]] Exit run_program(const std::vector<std::string>& arguments, Context& context);

/// Prints "attest: <error>" as one line, and gives the exit code that stands for it.
Exit report_error(const Error& error, Context& context);

/// The same for a result that was to be written: could_not_judge where it could not be, else held.
Exit report_unwritten(const Status& written, Context& context);

}  // namespace attest
