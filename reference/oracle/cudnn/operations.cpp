// The operations of lowered graphs, one function each, and their table.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/operations.h"

#include "reference/elementary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace attest {
namespace {

using Eigen::ArrayXd;
using Index = Eigen::Index;
using Call = LoweredCall;
using Values = std::vector<const LoweredValue*>;

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
Result<LoweredValue> tangent(const Call& call) {
  return by_rows(call, [](Target& y, const Operands& x) {
    for (Index i = 0; i < y.size(); ++i)
      y(i) = hyperbolic_tangent(x[0](i));
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

constexpr std::array kTable = {LoweredOperation{"MATMUL", 2, matmul},
                               LoweredOperation{"POINTWISE ADD", 2, add},
                               LoweredOperation{"POINTWISE BINARY_SELECT", 3, choose},
                               LoweredOperation{"POINTWISE CMP_GE", 2, greater_or_equal},
                               LoweredOperation{"POINTWISE CMP_GT", 2, greater},
                               LoweredOperation{"POINTWISE CMP_LE", 2, less_or_equal},
                               LoweredOperation{"POINTWISE CMP_LT", 2, less},
                               LoweredOperation{"POINTWISE DIV", 2, divide},
                               LoweredOperation{"POINTWISE EXP", 1, exponential},
                               LoweredOperation{"POINTWISE GEN_INDEX", 1, index},
                               LoweredOperation{"POINTWISE IDENTITY", 1, identity},
                               LoweredOperation{"POINTWISE LOG", 1, logarithm},
                               LoweredOperation{"POINTWISE LOGICAL_AND", 2, both},
                               LoweredOperation{"POINTWISE LOGICAL_OR", 2, either},
                               LoweredOperation{"POINTWISE MAX", 2, maximum},
                               LoweredOperation{"POINTWISE MIN", 2, minimum},
                               LoweredOperation{"POINTWISE MUL", 2, multiply},
                               LoweredOperation{"POINTWISE SUB", 2, subtract},
                               LoweredOperation{"POINTWISE TANH_FWD", 1, tangent},
                               LoweredOperation{"REDUCTION ADD", 1, sum},
                               LoweredOperation{"REDUCTION MAX", 1, largest}};

}  // namespace

Result<const LoweredOperation*> find_operation(const LoweredNode& node) {
  const auto at = std::find_if(kTable.begin(), kTable.end(), [&](const LoweredOperation& entry) {
    return entry.type == node.type;
  });
  if (at == kTable.end()) return Error{Code::unsupported, node.type, ""};
  if (at->inputs != node.inputs.size()) {
    return bad(fmt::format("{} inputs, allowed: {}", node.inputs.size(), at->inputs));
  }
  return &*at;
}

}  // namespace attest
