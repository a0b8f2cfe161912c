// The arguments that cuBLAS gets, put through CBLAS: column-major calls compute the row-major Gemm.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/blas_call.h"
#include "harness/problem/operation_data.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <cblas.h>
#include <cmath>
#include <vector>

namespace attest {
namespace {

/// The elements of a tensor where they lie, gaps as NaN.
std::vector<double> as_doubles(const HostTensor& tensor) {
  std::vector<double> out(static_cast<std::size_t>(tensor.layout.span_elements()), NAN);
  const auto& [batch, heads, rows, columns] = tensor.layout.shape;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          out[static_cast<std::size_t>(tensor.layout.offset(n, h, r, c))] =
              tensor.value(n, h, r, c);
        }
      }
    }
  }
  return out;
}

struct Memory {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> bias;
  std::vector<double> c;

  const double* of(const BlasMatrix& matrix, std::int64_t n) const {
    const auto which = static_cast<OperationBuffer>(matrix.buffer);
    const auto& buffer = which == OperationBuffer::a ? a : which == OperationBuffer::b ? b : c;
    return buffer.data() + matrix.offset + n * matrix.stride;
  }
};

CBLAS_TRANSPOSE op(const BlasMatrix& matrix) {
  return matrix.is_transposed ? CblasTrans : CblasNoTrans;
}

/// As a BLAS library does; the bias as cublasLt's epilogue: added to each row of D.
void run(const BlasCall& call, Memory& memory) {
  ASSERT_EQ(call.result.buffer, static_cast<int>(OperationBuffer::c));
  for (std::int64_t i = 0; i < call.count; ++i) {
    auto* const d = const_cast<double*>(memory.of(call.result, i));
    cblas_dgemm(CblasColMajor,
                op(call.left),
                op(call.right),
                static_cast<int>(call.m),
                static_cast<int>(call.n),
                static_cast<int>(call.k),
                call.alpha,
                memory.of(call.left, i),
                static_cast<int>(call.left.leading),
                memory.of(call.right, i),
                static_cast<int>(call.right.leading),
                0.0,
                d,
                static_cast<int>(call.result.leading));
    for (std::int64_t column = 0; call.bias && column < call.n; ++column) {
      for (std::int64_t row = 0; row < call.m; ++row)
        d[column * call.result.leading + row] += memory.bias[static_cast<std::size_t>(row)];
    }
  }
}

class GemmArguments : public testing::TestWithParam<const char*> {};

TEST_P(GemmArguments, ThroughCblasGiveTheReferencesResult) {
  const Operation operation = parse_operation(GetParam()).value();
  const auto& gemm = std::get<Gemm>(operation);
  const Operands operands = draw_operands(operation);
  const TensorLayout layout = buffer_layout(operation, OperationBuffer::c);
  Memory memory{as_doubles(operands.a), as_doubles(operands.b), {}, {}};
  if (gemm.has_bias) memory.bias = as_doubles(operands.bias);
  constexpr double kUntouched = 12345;
  memory.c.assign(static_cast<std::size_t>(layout.span_elements()), kUntouched);
  const auto calls = gemm_arguments(gemm);
  ASSERT_TRUE(calls) << calls.error().to_string();
  for (const BlasCall& call : calls.value())
    run(call, memory);

  const OperationTerms terms = reference_operation(operation, exact_balls(operands));
  std::size_t at = 0;
  std::size_t written = 0;
  const auto& [batch, heads, rows, columns] = layout.shape;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c, ++at) {
          // Integers are exact in double, whatever the order of the sum; alpha is a power of two.
          ASSERT_EQ(memory.c[static_cast<std::size_t>(layout.offset(n, h, r, c))], terms.value[at])
              << n << "," << h << "," << r << "," << c;
        }
      }
    }
  }
  for (const double value : memory.c)
    written += value != kUntouched ? 1 : 0;
  EXPECT_EQ(written, terms.value.size()) << "gaps between rows were written";
}

INSTANTIATE_TEST_SUITE_P(
    Every,
    GemmArguments,
    testing::Values(
        "gemm(m=5,n=7,k=3,data=integers,seed=1)",
        "gemm(m=5,n=7,k=3,ta=1,data=integers,seed=2)",
        "gemm(m=5,n=7,k=3,tb=1,data=integers,seed=3)",
        "gemm(m=5,n=7,k=3,ta=1,tb=1,alpha=0.125,data=integers,seed=4)",
        "gemm(m=5,n=7,k=3,tb=1,bias=1,data=integers,seed=5)",
        "gemm(m=1,n=1,k=1,tb=1,bias=1,data=integers,seed=6)",
        "gemm(m=1,n=9,k=4,data=integers,seed=7)",
        "gemm(m=9,n=1,k=4,ta=1,data=integers,seed=8)",
        "gemm(b=3,m=4,n=6,k=5,tb=1,data=integers,seed=9)",
        "gemm(b=2,h=3,m=4,n=6,k=5,tb=1,alpha=0.25,data=integers,seed=10)",
        "gemm(b=2,h=3,m=4,n=6,k=5,la=bshd(12),lb=bshd(7),lc=bshd,data=integers,seed=11)",
        "gemm(b=1,h=3,m=4,n=6,k=5,tb=1,la=bshd,lb=bshd(36),data=integers,seed=12)",
        "gemm(b=2,h=1,m=4,n=6,k=5,la=bhsd(3),lc=bhsd(2),bias=1,data=integers,seed=13)"));

TEST(GemmArguments, OfBatchesAtOneStrideAreOneCall) {
  const auto call = gemm_arguments({.batch = 2, .heads = 3, .m = 4, .n = 6, .k = 5});
  ASSERT_TRUE(call);
  ASSERT_EQ(call.value().size(), 1U);
  EXPECT_EQ(call.value()[0].count, 6);
  EXPECT_EQ(call.value()[0].left.buffer, static_cast<int>(OperationBuffer::b));
  EXPECT_EQ(call.value()[0].m, 6);
  EXPECT_EQ(call.value()[0].left.leading, 6);
  EXPECT_EQ(call.value()[0].left.stride, 30);
}

TEST(GemmArguments, OfHeadsInsideRowsAreOneCallABatch) {
  const auto calls = gemm_arguments(
      {.batch = 2, .heads = 3, .m = 4, .n = 6, .k = 5, .a = {.layout = Layout::bshd}});
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls.value().size(), 2U);
  EXPECT_EQ(calls.value()[1].right.offset, 4 * 3 * 5);
  EXPECT_EQ(calls.value()[1].right.leading, 15);
  EXPECT_EQ(calls.value()[1].right.stride, 5);
  EXPECT_EQ(calls.value()[1].result.offset, 3 * 4 * 6);
}

TEST(GemmArguments, RefuseWhatBlasCannotDo) {
  for (const Gemm& gemm :
       {Gemm{.has_mask = true}, Gemm{.n = 3, .split = 3}, Gemm{.m = std::int64_t{1} << 31}}) {
    const auto calls = gemm_arguments(gemm);
    ASSERT_FALSE(calls) << to_string(gemm);
    EXPECT_EQ(calls.error().code, Code::unsupported);
  }
}

}  // namespace
}  // namespace attest
