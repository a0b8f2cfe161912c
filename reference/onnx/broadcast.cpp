// BroadcastWalk: an odometer over the output with one place per input.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/broadcast.h"

#include <algorithm>

namespace attest {

Result<std::vector<std::int64_t>> broadcast_shape(const OnnxCall& call,
                                                  const std::vector<const OnnxTensor*>& inputs) {
  std::vector<std::int64_t> shape;
  for (const OnnxTensor* input : inputs) {
    if (input->shape.size() > shape.size())
      shape.insert(shape.begin(), input->shape.size() - shape.size(), 1);
    const std::size_t lead = shape.size() - input->shape.size();
    for (std::size_t i = 0; i < input->shape.size(); ++i) {
      std::int64_t& size = shape[lead + i];
      const std::int64_t other = input->shape[i];
      if (size != other && size != 1 && other != 1) {
        return call.refuse(
            fmt::format("sizes {} and {} of one axis do not go together", size, other));
      }
      if (size == 1) size = other;
    }
  }
  return shape;
}

BroadcastWalk::BroadcastWalk(const std::vector<std::int64_t>& shape,
                             const std::vector<const std::vector<std::int64_t>*>& inputs)
    : shape_(shape), at_(shape.size(), 0), places_(inputs.size(), 0) {
  for (const std::vector<std::int64_t>* input : inputs) {
    std::vector<std::size_t> strides(shape.size(), 0);
    const std::size_t lead = shape.size() - input->size();
    std::size_t stride = 1;
    for (std::size_t i = input->size(); i-- > 0;) {
      const std::int64_t size = (*input)[i];
      if (size != 1) strides[lead + i] = stride;
      stride *= static_cast<std::size_t>(size);
    }
    strides_.push_back(std::move(strides));
  }
}

void BroadcastWalk::next() {
  for (std::size_t axis = shape_.size(); axis-- > 0;) {
    const bool wraps = ++at_[axis] == shape_[axis];
    for (std::size_t input = 0; input < places_.size(); ++input) {
      places_[input] += strides_[input][axis];
      if (wraps) places_[input] -= strides_[input][axis] * static_cast<std::size_t>(shape_[axis]);
    }
    if (!wraps) return;
    at_[axis] = 0;
  }
}

}  // namespace attest
