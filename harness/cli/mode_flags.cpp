// Declares the options of the mode and reads their values.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/mode_flags.h"

#include "harness/cli/selection.h"

#include <vector>

namespace attest {
namespace {

/// The value whose name is `text`; nothing where the option was not given.
template <class Values>
Result<std::optional<typename Values::value_type>> read_choice(
    const char* option, const Values& values, const std::optional<std::string>& text) {
  using Value = typename Values::value_type;
  if (!text) return std::optional<Value>();
  std::vector<std::string> names;
  names.reserve(values.size());
  for (const Value value : values)
    names.emplace_back(name(value));
  ATTEST_TRY(const std::size_t index, parse_choice(option, *text, names));
  return std::optional<Value>(values[index]);
}

}  // namespace

void ModeFlags::declare(Arguments& parser) {
  parser.text("--arch", arch_, "GPU whose arithmetic is used; default: the PTX's target");
  parser.text("--schedule", schedule_, "fix the order of warps and blocks; 0 is ascending");
  parser.text("--mma", mma_, "exact: the GPU's bits; fast: chains of f32 fma; default: exact");
  parser.text("--approx", approx_, "fix results of .approx functions: cr, low, high or random");
  parser.text("--contract", contract_, "on or off: fuse a mul with the add that reads it");
}

Result<FixedMode> ModeFlags::read() const {
  FixedMode fixed;
  ATTEST_TRY([[maybe_unused]] const Done arch_is_known, check_arch(arch_));
  fixed.arch = arch_;
  if (schedule_) {
    ATTEST_TRY(fixed.schedule, parse_word("--schedule", *schedule_));
  }
  ATTEST_TRY(fixed.mma, read_choice("--mma", kMmaBits, mma_));
  ATTEST_TRY(fixed.approx, read_choice("--approx", kApprox, approx_));
  ATTEST_TRY(fixed.contract, read_choice("--contract", kContract, contract_));
  return fixed;
}

}  // namespace attest
