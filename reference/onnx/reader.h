// Reads .onnx files of IR version 8 and opset 17.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/onnx/graph.h"

#include <string>
#include <string_view>

namespace attest {

inline constexpr std::int64_t kOnnxIrVersion = 8;
inline constexpr std::int64_t kOnnxOpset = 17;
inline constexpr std::int64_t kMaxOnnxBytes = std::int64_t{32}
                                              << 20;  // of a file; protobuf may take 100 times that
inline constexpr std::int64_t kMaxOnnxElements = std::int64_t{1} << 24;  // of all tensors of a file
inline constexpr std::int64_t kMaxOnnxNodes = 10000;

/// Errors  Code::io for a file that cannot be read; Code::limit past a limit; Code::bad_input for
///         what is not a model, or is one that names a value twice or before it is defined;
///         Code::unsupported for another IR version or opset, other domains, subgraphs, functions,
///         external data and types that are not here. `where` is the path.
Result<OnnxGraph> read_onnx(const std::string& path);
/// The same from memory.
Result<OnnxGraph> parse_onnx(std::string_view bytes, const std::string& where);

}  // namespace attest
