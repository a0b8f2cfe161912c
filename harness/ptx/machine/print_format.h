// printf as kernels have it: a format, and arguments that lie in a buffer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attest::ptx {

/// Where the arguments come from. Nothing: they cannot be read, and printing ends.
class PrintArguments {
 public:
  virtual ~PrintArguments() = default;
  /// The next argument of 4 or 8 bytes, aligned to its size.
  virtual std::optional<std::uint64_t> next(std::uint64_t bytes) = 0;
  virtual std::optional<std::string> string_at(std::uint64_t address) = 0;
};

struct Printed {
  std::string text;
  int arguments = 0;  // taken
};

/// Conversions %[flags][width][.precision][size]type with flags "#0- +", `*` for width and
/// precision, sizes hh h l ll, and types c d i o u x X e E f F g G a A p s; %% is one percent sign.
/// What is no conversion is printed as it stands.
/// Source  CUDA C++ Programming Guide, formatted output.
std::optional<Printed> print_formatted(std::string_view format, PrintArguments& arguments);

}  // namespace attest::ptx
