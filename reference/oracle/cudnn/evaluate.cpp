// The walk over the nodes of a lowered graph.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/evaluate.h"

#include "reference/oracle/cudnn/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace attest {
namespace {

Error bad(std::string message) {
  return Error{Code::bad_input, std::move(message), ""};
}

std::int64_t elements(const LoweredShape& shape) {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

/// The values that are there while the nodes run, each until its last reader has run.
class Evaluation {
 public:
  Evaluation(const LoweredGraph& graph,
             std::map<std::int64_t, LoweredValue> values,
             const std::vector<std::int64_t>& wanted)
      : graph_(graph), values_(std::move(values)), wanted_(wanted) {
    for (const LoweredNode& node : graph.nodes) {
      for (const std::int64_t input : node.inputs)
        ++readers_[input];
    }
    for (const auto& [number, constant] : graph.constants) {
      LoweredValue value;
      value.values = Eigen::Map<const Eigen::ArrayXd>(constant.data(),
                                                      static_cast<Eigen::Index>(constant.size()));
      const auto shape = graph.shapes.find(number);
      if (shape != graph.shapes.end()) value.shape = shape->second;
      values_.emplace(number, std::move(value));
    }
  }

  Status run() {
    for (const auto& [number, value] : values_) {
      if (elements(value.shape) != value.values.size())
        return bad(fmt::format("tensor {}: {} values", number, value.values.size()));
    }
    for (const LoweredNode& node : graph_.nodes) {
      ATTEST_TRY([[maybe_unused]] const LoweredOperation* known, find_operation(node));
    }
    for (const LoweredNode& node : graph_.nodes) {
      ATTEST_TRY([[maybe_unused]] const Done done, run(node));
    }
    return Done{};
  }

  std::map<std::int64_t, LoweredValue> take() {
    std::map<std::int64_t, LoweredValue> results;
    for (const LoweredNode& node : graph_.nodes) {
      const auto at = values_.find(node.output);
      const bool is_result = readers_[node.output] == 0 || is_wanted(node.output);
      if (at != values_.end() && is_result) results.insert(values_.extract(at));
    }
    return results;
  }

 private:
  Status run(const LoweredNode& node) {
    ATTEST_TRY(const LoweredOperation* operation, find_operation(node));
    const auto shape = graph_.shapes.find(node.output);
    if (shape == graph_.shapes.end()) return bad(fmt::format("{}: no output", node.type));
    LoweredCall call{node, shape->second, {}};
    for (const std::int64_t input : node.inputs) {
      const auto at = values_.find(input);
      if (at == values_.end())
        return bad(fmt::format("{}: tensor {} is not there", node.type, input));
      call.inputs.push_back(&at->second);
    }
    if (live_elements() + elements(call.output) > kMaxLoweredElements) {
      return Error{Code::limit,
                   fmt::format("{}: more than {} elements", node.type, kMaxLoweredElements),
                   ""};
    }
    Result<LoweredValue> value = operation->run(call);
    if (!value) {
      return Error{value.error().code, fmt::format("{}: {}", node.type, value.error().message), ""};
    }
    for (const std::int64_t input : node.inputs) {
      const bool is_last = --readers_[input] == 0;
      if (is_last && graph_.constants.count(input) == 0 && !is_wanted(input)) values_.erase(input);
    }
    values_[node.output] = std::move(*value);
    return Done{};
  }

  [[nodiscard]] bool is_wanted(std::int64_t number) const {
    return std::find(wanted_.begin(), wanted_.end(), number) != wanted_.end();
  }
  [[nodiscard]] std::int64_t live_elements() const {
    std::int64_t live = 0;
    for (const auto& [number, value] : values_)
      live += value.values.size();
    return live;
  }

  const LoweredGraph& graph_;
  std::map<std::int64_t, LoweredValue> values_;
  const std::vector<std::int64_t>& wanted_;
  std::map<std::int64_t, std::int64_t> readers_;
};

}  // namespace

Result<std::map<std::int64_t, LoweredValue>> evaluate_lowered(
    const LoweredGraph& graph,
    std::map<std::int64_t, LoweredValue> inputs,
    const std::vector<std::int64_t>& wanted) {
  Evaluation evaluation(graph, std::move(inputs), wanted);
  ATTEST_TRY([[maybe_unused]] const Done done, evaluation.run());
  return evaluation.take();
}

}  // namespace attest
