// Evaluates an OnnxGraph in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/onnx/graph.h"

#include <map>
#include <string>
#include <vector>

namespace attest {

inline constexpr std::int64_t kMaxOnnxValue = std::int64_t{1} << 25;   // elements of one value
inline constexpr std::int64_t kMaxOnnxValues = std::int64_t{1} << 26;  // of all values of a run
inline constexpr std::int64_t kMaxOnnxWork = std::int64_t{1} << 35;    // products of all nodes

/// The outputs of the graph, in their order. What is evaluated is the graph's mathematics: reals are
/// doubles whatever their type in the file, and a Cast between reals keeps them as they are. No
/// libm, the same bits on every x86-64-v3 machine.
/// `graph` is as read_onnx() makes it.
/// Errors  Code::bad_input for inputs that do not fit those of the graph; Code::unsupported for an
///         operator, or a form of it, that is not in operators.cpp; Code::limit past a limit above.
///         The message names the node. `where` is empty.
Result<std::vector<OnnxTensor>> evaluate_onnx(const OnnxGraph& graph,
                                              const std::map<std::string, OnnxTensor>& inputs);

}  // namespace attest
