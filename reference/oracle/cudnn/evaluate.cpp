// The operations of lowered graphs, one function each, and the walk over the nodes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/evaluate.h"

#include "reference/elementary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

namespace attest {
namespace {

using Eigen::ArrayXd;
using Index = Eigen::Index;
using Values = std::vector<const LoweredValue*>;

struct Call {
  const LoweredNode& node;
  const LoweredShape& output;  // as the plan says
  Values inputs;
};
using Operation = Result<LoweredValue> (*)(const Call&);

Error bad(std::string message) {
  return Error{Code::bad_input, std::move(message), ""};
}

std::int64_t elements(const LoweredShape& shape) {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

/// Row-major strides, 0 along axes of size 1, which are repeated.
LoweredShape strides_of(const LoweredShape& shape) {
  LoweredShape strides{};
  std::int64_t stride = 1;
  for (std::size_t axis = 4; axis-- > 0;) {
    strides[axis] = shape[axis] == 1 ? 0 : stride;
    stride *= shape[axis];
  }
  return strides;
}

Result<LoweredShape> broadcast(const Values& inputs) {
  LoweredShape shape{1, 1, 1, 1};
  for (const LoweredValue* input : inputs) {
    for (std::size_t axis = 0; axis < 4; ++axis) {
      const std::int64_t size = input->shape[axis];
      if (size == 1 || size == shape[axis]) continue;
      if (shape[axis] != 1) {
        return bad(fmt::format("shapes {} and {} do not fit", shape, input->shape));
      }
      shape[axis] = size;
    }
  }
  return shape;
}

/// One row of an operand along the last axis: its elements, or one that is repeated.
class RowOf {
 public:
  RowOf(const LoweredValue& value, Index columns)
      : data_(value.values.data()), strides_(strides_of(value.shape)), columns_(columns) {}
  void seek(std::int64_t b, std::int64_t h, std::int64_t s, ArrayXd& scratch) const {
    const double* start = data_ + b * strides_[0] + h * strides_[1] + s * strides_[2];
    if (strides_[3] == 0) {
      scratch.setConstant(columns_, *start);
    } else {
      scratch = Eigen::Map<const ArrayXd>(start, columns_);
    }
  }

 private:
  const double* data_;
  LoweredShape strides_;
  Index columns_;
};

/// Applies `row(out, operand rows)` to every row of the broadcast operands.
template <class Row>
Result<LoweredValue> by_rows(const Call& call, Row row) {
  ATTEST_TRY(const LoweredShape shape, broadcast(call.inputs));
  LoweredValue out{shape, ArrayXd(elements(shape))};
  if (out.values.size() == 0) return out;
  const Index columns = shape[3];
  std::vector<RowOf> rows;
  for (const LoweredValue* input : call.inputs)
    rows.emplace_back(*input, columns);
  std::vector<ArrayXd> operands(rows.size(), ArrayXd(columns));
  double* next = out.values.data();
  for (std::int64_t b = 0; b < shape[0]; ++b) {
    for (std::int64_t h = 0; h < shape[1]; ++h) {
      for (std::int64_t s = 0; s < shape[2]; ++s, next += columns) {
        for (std::size_t at = 0; at < rows.size(); ++at)
          rows[at].seek(b, h, s, operands[at]);
        Eigen::Map<ArrayXd> target(next, columns);
        row(target, operands);
      }
    }
  }
  return out;
}

using Target = Eigen::Map<ArrayXd>;
using Operands = std::vector<ArrayXd>;

Result<LoweredValue> add(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = x[0] + x[1]; });
}
Result<LoweredValue> subtract(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = x[0] - x[1]; });
}
Result<LoweredValue> multiply(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = x[0] * x[1]; });
}
Result<LoweredValue> divide(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = x[0] / x[1]; });
}
Result<LoweredValue> maximum(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) {
    y = (x[0] > x[1] || x[0].isNaN()).select(x[0], x[1]);
  });
}
Result<LoweredValue> minimum(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) {
    y = (x[0] < x[1] || x[0].isNaN()).select(x[0], x[1]);
  });
}
Result<LoweredValue> greater(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = (x[0] > x[1]).cast<double>(); });
}
Result<LoweredValue> greater_or_equal(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = (x[0] >= x[1]).cast<double>(); });
}
Result<LoweredValue> less(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = (x[0] < x[1]).cast<double>(); });
}
Result<LoweredValue> less_or_equal(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = (x[0] <= x[1]).cast<double>(); });
}
Result<LoweredValue> both(const Call& call) {
  return by_rows(call,
                 [](Target& y, const Operands& x) { y = (x[0] != 0 && x[1] != 0).cast<double>(); });
}
Result<LoweredValue> either(const Call& call) {
  return by_rows(call,
                 [](Target& y, const Operands& x) { y = (x[0] != 0 || x[1] != 0).cast<double>(); });
}
Result<LoweredValue> choose(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = (x[2] != 0).select(x[0], x[1]); });
}
Result<LoweredValue> identity(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) { y = x[0]; });
}
Result<LoweredValue> exponential(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) {
    natural_exp(x[0].data(), y.data(), static_cast<std::size_t>(y.size()));
  });
}
Result<LoweredValue> logarithm(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) {
    for (Index i = 0; i < y.size(); ++i)
      y(i) = natural_log(x[0](i));
  });
}

/// The index along an axis. The other axes are left to be repeated.
Result<LoweredValue> index(const Call& call) {
  const std::int64_t axis = call.node.axis;
  if (axis < 0 || axis > 3) return bad(fmt::format("axis {}, allowed: 0 to 3", axis));
  LoweredValue out;
  const std::int64_t size = call.output[static_cast<std::size_t>(axis)];
  out.shape[static_cast<std::size_t>(axis)] = size;
  out.values = ArrayXd::LinSpaced(size, 0.0, static_cast<double>(size - 1));
  for (Index i = 0; i < size; ++i)
    out.values(i) = static_cast<double>(i);
  return out;
}

template <class Fold>
Result<LoweredValue> reduce(const Call& call, double start, Fold fold) {
  const LoweredValue& x = *call.inputs[0];
  LoweredValue out{call.output, ArrayXd::Constant(elements(call.output), start)};
  for (std::size_t axis = 0; axis < 4; ++axis) {
    if (call.output[axis] != 1 && call.output[axis] != x.shape[axis])
      return bad(fmt::format("reduces {} to {}", x.shape, call.output));
  }
  const LoweredShape to = strides_of(call.output);
  const double* next = x.values.data();
  for (std::int64_t b = 0; b < x.shape[0]; ++b) {
    for (std::int64_t h = 0; h < x.shape[1]; ++h) {
      for (std::int64_t s = 0; s < x.shape[2]; ++s) {
        double* row = out.values.data() + b * to[0] + h * to[1] + s * to[2];
        for (std::int64_t d = 0; d < x.shape[3]; ++d, ++next)
          fold(row[d * to[3]], *next);
      }
    }
  }
  return out;
}
Result<LoweredValue> largest(const Call& call) {
  return reduce(call, -std::numeric_limits<double>::infinity(), [](double& all, double x) {
    if (!(x <= all)) all = x;  // NaN stays
  });
}
Result<LoweredValue> sum(const Call& call) {
  return reduce(call, 0.0, [](double& all, double x) { all += x; });
}

/// [b, h, m, k] x [b, h / group, k, n]: heads of the right side are shared.
Result<LoweredValue> matmul(const Call& call) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const LoweredValue& a = *call.inputs[0];
  const LoweredValue& b = *call.inputs[1];
  const bool fits = a.shape[0] == b.shape[0] && b.shape[1] > 0 && a.shape[1] % b.shape[1] == 0 &&
                    a.shape[3] == b.shape[2];
  if (!fits) return bad(fmt::format("shapes {} and {} do not fit", a.shape, b.shape));
  const Index rows = a.shape[2];
  const Index inner = a.shape[3];
  const Index columns = b.shape[3];
  const std::int64_t group = a.shape[1] / b.shape[1];
  LoweredValue out{{a.shape[0], a.shape[1], rows, columns}, {}};
  out.values.resize(elements(out.shape));
  for (std::int64_t batch = 0; batch < a.shape[0]; ++batch) {
    for (std::int64_t head = 0; head < a.shape[1]; ++head) {
      const std::int64_t left = batch * a.shape[1] + head;
      const std::int64_t right = batch * b.shape[1] + head / group;
      const Eigen::Map<const Matrix> x(a.values.data() + left * rows * inner, rows, inner);
      const Eigen::Map<const Matrix> y(b.values.data() + right * inner * columns, inner, columns);
      Eigen::Map<Matrix>(out.values.data() + left * rows * columns, rows, columns).noalias() =
          x * y;
    }
  }
  return out;
}

struct Entry {
  std::string_view type;
  std::size_t inputs;
  Operation operation;
};

constexpr std::array kTable = {Entry{"MATMUL", 2, matmul},
                               Entry{"POINTWISE ADD", 2, add},
                               Entry{"POINTWISE BINARY_SELECT", 3, choose},
                               Entry{"POINTWISE CMP_GE", 2, greater_or_equal},
                               Entry{"POINTWISE CMP_GT", 2, greater},
                               Entry{"POINTWISE CMP_LE", 2, less_or_equal},
                               Entry{"POINTWISE CMP_LT", 2, less},
                               Entry{"POINTWISE DIV", 2, divide},
                               Entry{"POINTWISE EXP", 1, exponential},
                               Entry{"POINTWISE GEN_INDEX", 1, index},
                               Entry{"POINTWISE IDENTITY", 1, identity},
                               Entry{"POINTWISE LOG", 1, logarithm},
                               Entry{"POINTWISE LOGICAL_AND", 2, both},
                               Entry{"POINTWISE LOGICAL_OR", 2, either},
                               Entry{"POINTWISE MAX", 2, maximum},
                               Entry{"POINTWISE MIN", 2, minimum},
                               Entry{"POINTWISE MUL", 2, multiply},
                               Entry{"POINTWISE SUB", 2, subtract},
                               Entry{"REDUCTION ADD", 1, sum},
                               Entry{"REDUCTION MAX", 1, largest}};

Result<const Entry*> find(const LoweredNode& node) {
  const auto at = std::find_if(
      kTable.begin(), kTable.end(), [&](const Entry& entry) { return entry.type == node.type; });
  if (at == kTable.end()) return Error{Code::unsupported, node.type, ""};
  if (at->inputs != node.inputs.size()) {
    return bad(fmt::format("{} inputs, allowed: {}", node.inputs.size(), at->inputs));
  }
  return &*at;
}

/// The values that are there while the nodes run, each until its last reader has run.
class Evaluation {
 public:
  Evaluation(const LoweredGraph& graph, std::map<std::int64_t, LoweredValue> values)
      : graph_(graph), values_(std::move(values)) {
    for (const LoweredNode& node : graph.nodes) {
      for (const std::int64_t input : node.inputs)
        ++readers_[input];
    }
    for (const auto& [number, constant] : graph.constants) {
      LoweredValue value;
      value.values =
          Eigen::Map<const ArrayXd>(constant.data(), static_cast<Index>(constant.size()));
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
      ATTEST_TRY([[maybe_unused]] const Entry* known, find(node));
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
      if (at != values_.end() && readers_[node.output] == 0) results.insert(values_.extract(at));
    }
    return results;
  }

 private:
  Status run(const LoweredNode& node) {
    ATTEST_TRY(const Entry* entry, find(node));
    const auto shape = graph_.shapes.find(node.output);
    if (shape == graph_.shapes.end()) return bad(fmt::format("{}: no output", node.type));
    Call call{node, shape->second, {}};
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
    Result<LoweredValue> value = entry->operation(call);
    if (!value) {
      return Error{value.error().code, fmt::format("{}: {}", node.type, value.error().message), ""};
    }
    for (const std::int64_t input : node.inputs) {
      if (--readers_[input] == 0 && graph_.constants.count(input) == 0) values_.erase(input);
    }
    values_[node.output] = std::move(*value);
    return Done{};
  }

  [[nodiscard]] std::int64_t live_elements() const {
    std::int64_t live = 0;
    for (const auto& [number, value] : values_)
      live += value.values.size();
    return live;
  }

  const LoweredGraph& graph_;
  std::map<std::int64_t, LoweredValue> values_;
  std::map<std::int64_t, std::int64_t> readers_;
};

}  // namespace

Result<std::map<std::int64_t, LoweredValue>> evaluate_lowered(
    const LoweredGraph& graph, std::map<std::int64_t, LoweredValue> inputs) {
  Evaluation evaluation(graph, std::move(inputs));
  ATTEST_TRY([[maybe_unused]] const Done done, evaluation.run());
  return evaluation.take();
}

}  // namespace attest
