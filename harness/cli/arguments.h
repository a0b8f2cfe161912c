// Arguments: the options of one command; the only place that knows the parsing library.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace attest {

class Arguments {
 public:
  Arguments(const std::string& command, const std::string& summary);
  ~Arguments();
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  /// Targets must outlive parse(). `names` as "--jobs,-j"; an option that is not given leaves its
  /// target alone. A name without dashes is positional.
  void text(const std::string& names, std::string& target, const std::string& help);
  void text(const std::string& names, std::optional<std::string>& target, const std::string& help);
  /// May be given several times, or once with commas.
  void list(const std::string& names, std::vector<std::string>& target, const std::string& help);
  /// May be given several times, each whole: a comma is part of the value.
  void each(const std::string& names, std::vector<std::string>& target, const std::string& help);
  /// Every argument that is no option, and all that follow "--".
  void rest(const std::string& name, std::vector<std::string>& target, const std::string& help);
  void flag(const std::string& names, bool& target, const std::string& help);

  /// False: help was asked for, and printed to `out`.
  /// Errors  Code::bad_input for an unknown option, a missing value, an argument too many.
  Result<bool> parse(const std::vector<std::string>& arguments, std::ostream& out);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Values of options. Errors: Code::bad_input naming the option, the value and what is allowed.
Result<std::int64_t> parse_count(const std::string& option,
                                 const std::string& value,
                                 std::int64_t least,
                                 std::int64_t most);
/// "7" or "0x2a".
Result<std::uint64_t> parse_word(const std::string& option, const std::string& value);
/// "90", "60s", "10m", "2h": seconds.
Result<double> parse_duration(const std::string& option, const std::string& value);
/// One of `allowed`; its index.
Result<std::size_t> parse_choice(const std::string& option,
                                 const std::string& value,
                                 const std::vector<std::string>& allowed);

}  // namespace attest
