// KernelSpec: what a kernel claims, how it is launched, and what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/problem.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// The buffers that every attention launch may name in Relocation::buffer.
enum class AttentionBuffer : int { q, k, v, o, lse, keep, kv_lengths };

struct KernelSpec {
  std::string name;        // "attention_mma"; faulty ones are "zoo/<fault>"
  KernelImage image;       // PTX text, embedded at build
  std::string_view ptxas;  // what `ptxas -v` said about it then; empty: not known

  std::vector<Dtype> dtypes;  // the values that generators draw from
  std::vector<std::int64_t> head_dims;
  std::int64_t tile_q = 64;  // rows and keys of one tile: where shapes get interesting
  std::int64_t tile_kv = 64;

  /// Why the kernel does not take this problem, or nothing when it does. One short phrase.
  std::function<std::optional<std::string>(const Problem&)> refusal;
  /// The launches, in order. Only called when refusal() is empty. May be empty (batch or seq_q 0).
  std::function<std::vector<Launch>(const KernelImage&, const Problem&)> plan;
  std::function<Arithmetic(const Problem&)> arithmetic;
};

/// Every correct kernel, sorted by name (generated from kernels/CMakeLists.txt).
[[nodiscard]] const std::vector<KernelSpec>& all_kernels();

}  // namespace attest
