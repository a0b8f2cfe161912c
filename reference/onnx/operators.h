// The operators that evaluate_onnx() knows, as a table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/onnx/graph.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

namespace attest {

/// One node with the values of its inputs.
class OnnxCall {
 public:
  /// `work` is how many products may still be computed.
  OnnxCall(const OnnxNode& node, std::vector<const OnnxTensor*> inputs, std::int64_t& work)
      : node_(node), inputs_(std::move(inputs)), work_(work) {}

  /// Null where the node leaves it out.
  [[nodiscard]] const OnnxTensor* optional(std::size_t at) const {
    return at < inputs_.size() ? inputs_[at] : nullptr;
  }
  /// Below `least` of the table's row, where every input is there.
  [[nodiscard]] const OnnxTensor& input(std::size_t at) const { return *inputs_.at(at); }
  [[nodiscard]] std::size_t count() const { return inputs_.size(); }
  [[nodiscard]] std::size_t outputs() const { return node_.outputs.size(); }

  /// The attribute, or `otherwise`. Errors  Code::bad_input when it has another type.
  template <class T>
  Result<T> attribute(const char* name, T otherwise) const {
    const auto found = node_.attributes.find(name);
    if (found == node_.attributes.end()) return otherwise;
    if (const T* value = std::get_if<T>(&found->second)) return *value;
    return refuse(fmt::format("attribute '{}' has another type than the operator's", name));
  }
  [[nodiscard]] bool has_attribute(const char* name) const {
    return node_.attributes.contains(name);
  }

  [[nodiscard]] Error refuse(const std::string& message, Code code = Code::bad_input) const {
    return {code, describe(node_) + ": " + message, {}};
  }
  /// A tensor of zeros. Errors  Code::limit past kMaxOnnxValue elements.
  Result<OnnxTensor> zeros(OnnxType type, std::vector<std::int64_t> shape) const;
  /// Takes `outputs` sums of `depth` products off the work. Errors  Code::limit past it.
  Status spend(std::int64_t outputs, std::int64_t depth) const;
  /// The position of an axis that may count from the end.
  Result<std::size_t> axis(std::int64_t axis, std::size_t rank) const;
  /// Input `at` as a list of integers.
  Result<std::vector<std::int64_t>> integers(std::size_t at) const;

 private:
  const OnnxNode& node_;
  std::vector<const OnnxTensor*> inputs_;
  std::int64_t& work_;
};

using OnnxOutputs = std::vector<OnnxTensor>;

struct OnnxOperator {
  const char* type;
  std::size_t least;  // inputs that must be there
  std::size_t most;
  Result<OnnxOutputs> (*run)(const OnnxCall& call);
};

/// Null for a type that is not here.
[[nodiscard]] const OnnxOperator* find_onnx_operator(const std::string& type);
/// "Add, Cast, ..", for messages.
[[nodiscard]] std::string onnx_operator_names();

/// Element `i` of the axes around axis `at`: shape = [outer, shape[at], inner].
struct AxisSplit {
  std::size_t outer = 1;
  std::size_t size = 1;
  std::size_t inner = 1;
  AxisSplit(const std::vector<std::int64_t>& shape, std::size_t at);
};

// Each operator as the ONNX 1.12 specification has it for opset 17.
Result<OnnxOutputs> run_add(const OnnxCall& call);
Result<OnnxOutputs> run_mul(const OnnxCall& call);
Result<OnnxOutputs> run_div(const OnnxCall& call);
Result<OnnxOutputs> run_equal(const OnnxCall& call);
Result<OnnxOutputs> run_where(const OnnxCall& call);
Result<OnnxOutputs> run_cast(const OnnxCall& call);
Result<OnnxOutputs> run_constant(const OnnxCall& call);
Result<OnnxOutputs> run_reshape(const OnnxCall& call);
Result<OnnxOutputs> run_transpose(const OnnxCall& call);
Result<OnnxOutputs> run_split(const OnnxCall& call);
Result<OnnxOutputs> run_slice(const OnnxCall& call);
Result<OnnxOutputs> run_matmul(const OnnxCall& call);
Result<OnnxOutputs> run_gemm(const OnnxCall& call);
Result<OnnxOutputs> run_softmax(const OnnxCall& call);

}  // namespace attest
