// Broadcasting of shapes: axes of size 1, and missing leading ones, are repeated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/onnx/operators.h"

#include <cstdint>
#include <vector>

namespace attest {

/// The shape that all inputs are repeated to. Errors  Code::bad_input when there is none.
Result<std::vector<std::int64_t>> broadcast_shape(const OnnxCall& call,
                                                  const std::vector<const OnnxTensor*>& inputs);

/// Visits the elements of a shape in row-major order, and where each lies in the inputs.
class BroadcastWalk {
 public:
  BroadcastWalk(const std::vector<std::int64_t>& shape,
                const std::vector<const std::vector<std::int64_t>*>& inputs);
  [[nodiscard]] std::size_t place(std::size_t input) const { return places_[input]; }
  void next();

 private:
  std::vector<std::int64_t> shape_;
  std::vector<std::int64_t> at_;
  std::vector<std::vector<std::size_t>> strides_;  // by input; 0 along repeated axes
  std::vector<std::size_t> places_;
};

}  // namespace attest
