// Launches of a kernel that is not attention on the ptx executor, on operands made here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/operation.h"
#include "harness/problem/tensor.h"
#include "kernels/operation_spec.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// Memory of one operation, by OperationBuffer; what it does not name is empty.
struct OperationMemory {
  struct Buffer {
    std::vector<std::byte> input;   // empty for an output
    std::int64_t output_bytes = 0;  // 0 for an input
    std::int64_t skew_bytes = 0;
  };
  std::array<Buffer, kOperationBuffers> buffers;

  Buffer& operator[](OperationBuffer b) { return buffers[static_cast<std::size_t>(b)]; }
};

struct OperationAnswer {
  std::string trouble;  // the error or the first finding; empty: neither
  LaunchCounts counts;
  std::array<std::vector<std::byte>, kOperationBuffers> outputs;

  [[nodiscard]] const std::vector<std::byte>& operator[](OperationBuffer b) const {
    return outputs[static_cast<std::size_t>(b)];
  }
};

/// One launch with all checks on. Outputs begin as bytes 0xff, a NaN.
[[nodiscard]] OperationAnswer run_operation(const OperationSpec& spec,
                                            const Operation& operation,
                                            const OperationMemory& memory,
                                            const Mode& mode = {});

[[nodiscard]] const OperationSpec& operation_spec_named(std::string_view name);

/// Where the elements of [batch, heads, rows, columns] lie.
[[nodiscard]] TensorLayout place(const Placement& placement,
                                 Dtype dtype,
                                 const std::array<std::int64_t, 4>& shape);

/// Integers from -limit to limit, the same for one seed; what is between the rows is NaN.
[[nodiscard]] HostTensor integer_tensor(const TensorLayout& layout,
                                        std::int64_t limit,
                                        std::uint64_t seed);
/// The same of multiples of 2^-10 from -1 to 1, rounded to the dtype.
[[nodiscard]] HostTensor fraction_tensor(const TensorLayout& layout, std::uint64_t seed);
/// Bytes, every fourth of them 0, the others any.
[[nodiscard]] std::vector<std::byte> mask_bytes(std::int64_t count, std::uint64_t seed);

/// The first difference, or empty: every byte of `got`, gaps between rows included, which are as
/// `want` has them.
[[nodiscard]] std::string difference(const HostTensor& want, const std::vector<std::byte>& got);

/// Axis values by turns: a draw that is a function of a seed and of how often it was asked.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  [[nodiscard]] std::uint64_t below(std::uint64_t limit);
  template <class T>
  [[nodiscard]] T of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t seed_;
  std::uint64_t asked_ = 0;
};

}  // namespace attest
