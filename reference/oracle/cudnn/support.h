// The support matrix: attentions whose admission is kept as an expected table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/oracle/cudnn/protocol.h"
#include "reference/oracle/cudnn/sdpa.h"

#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct SupportRow {
  std::string name;  // "bf16 causal-br padding"
  Sdpa sdpa;
};

/// In the order of the table; no two with one name.
[[nodiscard]] const std::vector<SupportRow>& support_rows();
/// Errors  Code::bad_input naming it.
Result<const SupportRow*> find_support_row(std::string_view name);

/// Whether NVIDIA's documentation of cuDNN 9.19 promises it for forward attention. What is admitted
/// beyond that is only measured to be admitted.
/// Source  cuDNN frontend documentation, "Attention", forward support (9.18.1), and release notes of 9.19.
[[nodiscard]] bool is_documented(const Sdpa& sdpa, int sm);

/// The table as text: a line per row with an engine, a refusal's number or `died` per GPU, a `+` behind
/// what is admitted beyond the documentation, then the reasons. `answers`: by row, then by GPU.
[[nodiscard]] std::string support_table(const std::string& cudnn,
                                        const std::string& frontend,
                                        const std::vector<std::vector<CudnnAnswer>>& answers);

}  // namespace attest
