// Options by CLI11; its errors and exit codes become ours.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"

#include <CLI/CLI.hpp>

namespace attest {

struct Arguments::Parser {
  std::string command;
  CLI::App app;
};

Arguments::Arguments(const std::string& command, const std::string& summary)
    : parser_(new Parser{command, CLI::App(summary, "attest " + command)}) {}

Arguments::~Arguments() = default;

void Arguments::text(const std::string& names, std::string& target, const std::string& help) {
  parser_->app.add_option(names, target, help);
}

void Arguments::text(const std::string& names,
                     std::optional<std::string>& target,
                     const std::string& help) {
  parser_->app.add_option(names, target, help);
}

void Arguments::list(const std::string& names,
                     std::vector<std::string>& target,
                     const std::string& help) {
  parser_->app.add_option(names, target, help)->delimiter(',')->allow_extra_args(false);
}

void Arguments::each(const std::string& names,
                     std::vector<std::string>& target,
                     const std::string& help) {
  parser_->app.add_option(names, target, help)->allow_extra_args(false);
}

void Arguments::rest(const std::string& name,
                     std::vector<std::string>& target,
                     const std::string& help) {
  parser_->app.add_option(name, target, help)->allow_extra_args();
}

void Arguments::flag(const std::string& names, bool& target, const std::string& help) {
  parser_->app.add_flag(names, target, help);
}

Result<bool> Arguments::parse(const std::vector<std::string>& arguments, std::ostream& out) {
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    parser_->app.parse(std::move(reversed));
    return true;
  } catch (const CLI::CallForHelp&) {
    out << parser_->app.help();
    return false;
  } catch (const CLI::ParseError& error) {
    return Error{Code::bad_input, error.what(), parser_->command};
  }
}

}  // namespace attest
