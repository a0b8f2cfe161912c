// For tests: a few lines of PTX run once per row of operands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/decode/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {

struct Rows {
  /// Statements over operands %a16 %a32 %a64, .. up to %d (each its row's word, cut to the width),
  /// %x16 %x32 %x64 for the result and %p %q, %t32 %u32 %t64 %u64 to use as they like.
  std::string body;
  int result_bits = 32;                              // which %x is the result: 16, 32 or 64
  std::vector<std::vector<std::uint64_t>> operands;  // of a, b, ..: as many rows each
  DecodeOptions options{.arch = "sm_90"};
};

/// One result per row. Errors  those of parsing and decoding; Code::bad_input for a finding.
Result<std::vector<std::uint64_t>> run_rows(const Rows& rows);

}  // namespace attest::ptx
