// The layer as a graph from a file computes it: one more opinion beside reference_layer().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/layer.h"
#include "harness/problem/operation_data.h"
#include "reference/onnx/graph.h"

#include <vector>

namespace attest {

/// y [batch, seq, dim] of a graph with the inputs x and mask, in this order, and one output. The
/// weights are the graph's; what `inputs` has of them is not looked at. The mask is given in the
/// type and shape that the graph declares, as zeros and ones.
/// Errors  as evaluate_onnx(); Code::bad_input for other inputs or outputs, or where x, mask or y has
///         another number of elements than the layer's.
Result<std::vector<double>> evaluate_layer_graph(const OnnxGraph& graph,
                                                 const LayerProblem& layer,
                                                 const LayerInputs& inputs);

}  // namespace attest
