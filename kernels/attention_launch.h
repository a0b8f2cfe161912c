// How the fused attention kernels are claimed and launched: what all that take AttentionParams
// share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kernel_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// Why a kernel with the dtypes of `spec` and one block per row tile, head and batch does not take
/// the problem.
[[nodiscard]] std::optional<std::string> refuse_attention(const KernelSpec& spec,
                                                          const Problem& problem);

/// Why a kernel with an entry for each head size of `spec` does not take the problem.
[[nodiscard]] std::optional<std::string> refuse_unlisted_head_dim(const KernelSpec& spec,
                                                                  const Problem& problem);

/// Why a kernel for head sizes of any multiple of 8 up to 1024 does not take the problem.
[[nodiscard]] std::optional<std::string> refuse_unless_wide_head_dim(const Problem& problem);

/// Why a kernel that moves 16 bytes at a time does not take the problem.
[[nodiscard]] std::optional<std::string> refuse_unless_16_byte_rows(const Problem& problem);

/// AttentionParams of a problem as bytes; its pointers are 0 and left to attention_relocations().
[[nodiscard]] std::vector<std::byte> attention_parameters(const Problem& problem);
/// The pointers of AttentionParams; `keep` and `kv_lengths` only where the mask has them.
[[nodiscard]] std::vector<Relocation> attention_relocations(const Problem& problem);

struct AttentionLaunch {
  std::string entry;
  std::int64_t tile_q = 64;  // rows per block
  std::uint32_t threads = 128;
  std::int64_t shared_bytes = 0;
};

/// One launch, grid (row tiles, heads_q, batch); none when there is no row.
[[nodiscard]] std::vector<Launch> plan_attention(const KernelImage& image,
                                                 const Problem& problem,
                                                 const AttentionLaunch& launch);

}  // namespace attest
