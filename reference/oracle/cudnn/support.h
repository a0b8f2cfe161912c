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
using SupportRows = std::vector<const SupportRow*>;

/// In the order of the table; no two with one name.
[[nodiscard]] SupportRows support_rows();
/// Those that no case of attest can ask for: backward, fp8, ragged, paged, dropout. Their plans are built
/// without a case, so nothing is evaluated.
[[nodiscard]] SupportRows rows_without_cases();
/// Errors  Code::bad_input naming it.
Result<const SupportRow*> find_support_row(std::string_view name);

/// Whether NVIDIA's documentation of cuDNN 9.19 promises it. What is admitted beyond that is only measured
/// to be admitted.
/// Source  cuDNN frontend documentation, "Attention", support of forward and backward (9.18.1), and release
///         notes of 9.19.
[[nodiscard]] bool is_documented(const Sdpa& sdpa, int sm);

/// The table as text: a line per row with an engine, a refusal's number or `died` per GPU, a `+` behind
/// what is admitted beyond the documentation, then the reasons. An engine whose plan was built has the
/// number of its kernels behind it: "6/26=1". `answers`: by row, then by GPU.
[[nodiscard]] std::string support_table(const std::string& cudnn,
                                        const std::string& frontend,
                                        const SupportRows& rows,
                                        const std::vector<std::vector<CudnnAnswer>>& answers);

}  // namespace attest
