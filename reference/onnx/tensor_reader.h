// Tensors of a .onnx file as OnnxTensor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/onnx/graph.h"

#include <cstdint>

namespace onnx {
class TensorProto;
}

namespace attest {

/// `budget` is how many elements may still be read; what is read is taken off it.
/// Errors  without `where`: Code::limit past the budget, Code::bad_input for a shape that does not
///         fit the data, Code::unsupported for external data and other types.
Result<OnnxTensor> read_tensor(const onnx::TensorProto& proto, std::int64_t& budget);

/// The type of elements with this TensorProto.DataType.
Result<OnnxType> read_type(std::int32_t data_type);

}  // namespace attest
