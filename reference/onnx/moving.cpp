// Operators that only move elements: Constant, Reshape, Transpose, Split, Slice.
// SPDX-License-Identifier: Apache-2.0
// Source  ONNX Operator Schemas, opset 17.
#include "reference/onnx/operators.h"

#include <algorithm>
#include <numeric>

namespace attest {
namespace {

std::int64_t elements(const OnnxTensor& tensor) {
  return static_cast<std::int64_t>(tensor.values.size());
}

/// What a slice takes of one axis.
struct Range {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;

  Range(std::int64_t size, std::int64_t first, std::int64_t end, std::int64_t step_) : step(step_) {
    if (size == 0) return;
    if (first < 0) first += size;
    if (end < 0) end += size;
    const bool is_up = step > 0;
    start = std::clamp<std::int64_t>(first, 0, is_up ? size : size - 1);
    const std::int64_t stop =
        std::clamp<std::int64_t>(end, is_up ? 0 : -1, is_up ? size : size - 1);
    const std::int64_t distance = is_up ? stop - start : start - stop;
    const std::int64_t stride = is_up ? step : -step;
    count = distance > 0 ? (distance - 1) / stride + 1 : 0;
  }
};

Result<OnnxTensor> take(const OnnxCall& call,
                        const OnnxTensor& from,
                        std::size_t axis,
                        Range range) {
  std::vector<std::int64_t> shape = from.shape;
  shape[axis] = range.count;
  ATTEST_TRY(OnnxTensor out, call.zeros(from.type, std::move(shape)));
  const AxisSplit split(from.shape, axis);
  auto to = out.values.begin();
  for (std::size_t o = 0; o < split.outer; ++o) {
    for (std::int64_t n = 0; n < range.count; ++n) {
      const auto row = static_cast<std::size_t>(range.start + n * range.step);
      const auto first = static_cast<std::ptrdiff_t>((o * split.size + row) * split.inner);
      to = std::copy_n(from.values.begin() + first, split.inner, to);
    }
  }
  return out;
}

}  // namespace

Result<OnnxOutputs> run_constant(const OnnxCall& call) {
  if (!call.has_attribute("value"))
    return call.refuse("without the attribute 'value'", Code::unsupported);
  ATTEST_TRY(OnnxTensor value, call.attribute<OnnxTensor>("value", {}));
  return OnnxOutputs{std::move(value)};
}

Result<OnnxOutputs> run_reshape(const OnnxCall& call) {
  ATTEST_TRY(const std::int64_t allow_zero, call.attribute<std::int64_t>("allowzero", 0));
  ATTEST_TRY(std::vector<std::int64_t> shape, call.integers(1));
  OnnxTensor out = call.input(0);
  if (shape.size() > kMaxOnnxAxes)
    return call.refuse(fmt::format("{} axes, allowed: {}", shape.size(), kMaxOnnxAxes),
                       Code::limit);
  std::int64_t known = 1;
  std::int64_t* inferred = nullptr;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && allow_zero == 0) {
      if (i >= out.shape.size()) return call.refuse(fmt::format("no size to copy at axis {}", i));
      shape[i] = out.shape[i];
    }
    if (shape[i] == -1 && inferred == nullptr) {
      inferred = &shape[i];
    } else if (shape[i] < 0 || (shape[i] > 0 && known > (std::int64_t{1} << 40) / shape[i])) {
      return call.refuse(fmt::format("size {} at axis {}", shape[i], i));
    } else {
      known *= shape[i];
    }
  }
  if (inferred != nullptr && known > 0) {
    *inferred = elements(out) / known;
    known *= *inferred;
  }
  if (known != elements(out) || (inferred != nullptr && *inferred < 0))
    return call.refuse(fmt::format("a shape of {} for {} elements", known, elements(out)));
  out.shape = std::move(shape);
  return OnnxOutputs{std::move(out)};
}

Result<OnnxOutputs> run_transpose(const OnnxCall& call) {
  const OnnxTensor& from = call.input(0);
  const std::size_t rank = from.shape.size();
  std::vector<std::int64_t> reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  ATTEST_TRY(const std::vector<std::int64_t> order, call.attribute("perm", reversed));
  if (!std::is_permutation(order.begin(), order.end(), reversed.begin(), reversed.end()))
    return call.refuse(fmt::format("'perm' is not an order of {} axes", rank));
  std::vector<std::int64_t> shape;
  std::vector<std::size_t> strides;
  for (const std::int64_t axis : order) {
    const AxisSplit split(from.shape, static_cast<std::size_t>(axis));
    shape.push_back(from.shape[static_cast<std::size_t>(axis)]);
    strides.push_back(split.inner);
  }
  ATTEST_TRY(OnnxTensor out, call.zeros(from.type, std::move(shape)));
  for (std::size_t n = 0; n < out.values.size(); ++n) {
    std::size_t rest = n;
    std::size_t place = 0;
    for (std::size_t axis = rank; axis-- > 0;) {
      const auto size = static_cast<std::size_t>(out.shape[axis]);
      place += rest % size * strides[axis];
      rest /= size;
    }
    out.values[n] = from.values[place];
  }
  return OnnxOutputs{std::move(out)};
}

Result<OnnxOutputs> run_split(const OnnxCall& call) {
  const OnnxTensor& from = call.input(0);
  ATTEST_TRY(const std::int64_t wanted, call.attribute<std::int64_t>("axis", 0));
  ATTEST_TRY(const std::size_t axis, call.axis(wanted, from.shape.size()));
  const std::int64_t size = from.shape[axis];
  const auto parts = static_cast<std::int64_t>(call.outputs());
  std::vector<std::int64_t> sizes;
  if (call.optional(1) != nullptr) {
    ATTEST_TRY(sizes, call.integers(1));
  } else if (size % parts == 0) {
    sizes.assign(call.outputs(), size / parts);
  }
  std::int64_t rest = size;
  for (const std::int64_t part : sizes) {
    if (part < 0 || part > rest) return call.refuse(fmt::format("part {} of {}", part, size));
    rest -= part;
  }
  if (rest != 0 || sizes.size() != call.outputs())
    return call.refuse(fmt::format("size {} is not split into {} parts", size, parts));
  OnnxOutputs outputs;
  std::int64_t first = 0;
  for (const std::int64_t part : sizes) {
    ATTEST_TRY(OnnxTensor out, take(call, from, axis, Range(size, first, first + part, 1)));
    outputs.push_back(std::move(out));
    first += part;
  }
  return outputs;
}

Result<OnnxOutputs> run_slice(const OnnxCall& call) {
  OnnxTensor out = call.input(0);
  ATTEST_TRY(const std::vector<std::int64_t> starts, call.integers(1));
  ATTEST_TRY(const std::vector<std::int64_t> ends, call.integers(2));
  std::vector<std::int64_t> axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  std::vector<std::int64_t> steps(starts.size(), 1);
  if (call.optional(3) != nullptr) {
    ATTEST_TRY(axes, call.integers(3));
  }
  if (call.optional(4) != nullptr) {
    ATTEST_TRY(steps, call.integers(4));
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return call.refuse("starts, ends, axes and steps of different lengths");
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (steps[i] == 0) return call.refuse("step 0");
    ATTEST_TRY(const std::size_t axis, call.axis(axes[i], out.shape.size()));
    const Range range(out.shape[axis], starts[i], ends[i], steps[i]);
    ATTEST_TRY(out, take(call, out, axis, range));
  }
  return OnnxOutputs{std::move(out)};
}

}  // namespace attest
