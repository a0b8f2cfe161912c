// The corpus: cases that failed once, as readable lines that every run replays first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/case.h"

#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// {"case":"attn(..)","kernel":"..","property":"..","known":".."}, and the axes of the mode as run.json
/// has them. With `known` the case must still fail, for that reason; without it must hold.
struct CorpusLine {
  Case which;
  std::string known;
  friend bool operator==(const CorpusLine&, const CorpusLine&) = default;
};

/// Without the newline.
[[nodiscard]] std::string to_string(const CorpusLine& line);
/// One a line; empty lines and those that begin with # are left out.
/// Errors  Code::bad_input with `name` and the line's number.
Result<std::vector<CorpusLine>> parse_corpus(std::string_view text, const std::string& name);

}  // namespace attest
