// The program attest: streams, terminal and executor, then the command.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command.h"
#include "harness/executor/ptx_executor.h"
#include "reference/oracle/cudnn/client.h"

#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string as_typed(const std::vector<std::string>& arguments) {
  std::string line = "attest";
  for (const std::string& argument : arguments) {
    const bool is_plain = argument.find_first_of(" '\"()*?&|;<>$`\\") == std::string::npos;
    line += is_plain && !argument.empty() ? " " + argument : " '" + argument + "'";
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  attest::Context context{.out = std::cout,
                          .err = std::cerr,
                          .has_colour = isatty(STDOUT_FILENO) != 0 && !is_set("NO_COLOR"),
                          .has_bar = isatty(STDERR_FILENO) != 0 && !is_set("CI"),
                          .is_github = is_set("GITHUB_ACTIONS"),
                          .command = as_typed(arguments),
                          .make_executor = attest::make_ptx_executor,
                          .worker_command = {"/proc/self/exe", "worker"},
                          .cuda = attest::cuda_options_of_program(),
                          .cudnn_program = attest::cudnn_program()};
  const attest::Exit exit = attest::run_program(arguments, context);
  if (std::cout.flush()) return static_cast<int>(exit);
  const attest::Error error{attest::Code::io, "cannot be written", "stdout"};
  return static_cast<int>(attest::first_of({exit, attest::report_unwritten(error, context)}));
}
