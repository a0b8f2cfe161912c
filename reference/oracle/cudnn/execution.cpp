// Draws a Problem's inputs for cuDNN, executes it, and decodes what comes back.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/execution.h"

#include "harness/problem/data.h"
#include "reference/oracle/cudnn/frontend.h"

#include <algorithm>
#include <cstring>

namespace attest {
namespace {

using Bytes = std::vector<std::byte>;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Bytes encoded(Dtype dtype, const std::vector<double>& values) {
  Bytes bytes(values.size() * static_cast<std::size_t>(size_bytes(dtype)));
  std::int64_t at = 0;
  for (const double value : values)
    store_bits(dtype, bytes.data(), at++, encode(dtype, value));
  return bytes;
}

std::map<SdpaTensor, Bytes> input_bytes(const Problem& p, const Sdpa& sdpa) {
  const Inputs inputs = draw_inputs(p);
  std::map<SdpaTensor, Bytes> bytes;
  bytes[SdpaTensor::q] = inputs.q.bytes;
  bytes[SdpaTensor::k] = inputs.k.bytes;
  bytes[SdpaTensor::v] = inputs.v.bytes;
  if (sdpa.bias_heads > 0) bytes[SdpaTensor::bias] = encoded(p.dtype, sdpa_bias(p, sdpa, inputs));
  if (sdpa.has_sink) bytes[SdpaTensor::sink] = bytes_of(inputs.sink);
  if (sdpa.has_padding) {
    const auto rows = static_cast<std::int32_t>(p.seq_q);
    bytes[SdpaTensor::seq_q] =
        bytes_of(std::vector<std::int32_t>(static_cast<std::size_t>(p.batch), rows));
    bytes[SdpaTensor::seq_kv] = bytes_of(inputs.kv_lengths);
  }
  return bytes;
}

std::map<SdpaTensor, std::size_t> output_bytes(const Problem& p) {
  const TensorLayout o = tensor_layout(p, Tensor::o);
  const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
  return {{SdpaTensor::o, static_cast<std::size_t>(o.span_elements() * size_bytes(o.dtype))},
          {SdpaTensor::lse, static_cast<std::size_t>(rows) * sizeof(float)}};
}

CudnnAnswer answer_of(const Executed& done) {
  CudnnAnswer answer;
  answer.tier = CudnnTier::executed;
  answer.sm = done.sm;
  answer.engine = done.admission.engine;
  answer.workspace_bytes = done.admission.workspace_bytes;
  return answer;
}

}  // namespace

Result<CudnnAnswer> execute_problem(const Problem& p) {
  ATTEST_TRY(const Sdpa sdpa, as_sdpa(p));
  HostTensor o = poisoned_tensor(tensor_layout(p, Tensor::o));
  const auto rows = static_cast<std::size_t>(p.batch * p.heads_q * p.seq_q);
  ATTEST_TRY(Executed done, execute(sdpa, input_bytes(p, sdpa), output_bytes(p)));
  CudnnAnswer answer = answer_of(done);
  o.bytes = std::move(done.outputs[SdpaTensor::o]);
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; ++h) {
      for (std::int64_t s = 0; s < p.seq_q; ++s) {
        for (std::int64_t d = 0; d < p.head_dim_v; ++d)
          answer.opinion.o.push_back(o.value(b, h, s, d));
      }
    }
  }
  const Bytes& lse = done.outputs[SdpaTensor::lse];
  for (std::size_t row = 0; row < rows; ++row) {
    float value = 0;
    std::memcpy(&value, lse.data() + row * sizeof(float), sizeof(float));
    answer.opinion.lse.push_back(static_cast<double>(value));
  }
  return answer;
}

Result<CudnnAnswer> time_problem(const Problem& p) {
  ATTEST_TRY(const Sdpa sdpa, as_sdpa(p));
  ATTEST_TRY(const Executed done, execute(sdpa, input_bytes(p, sdpa), output_bytes(p), kTimedRuns));
  CudnnAnswer answer = answer_of(done);
  std::vector<double> times = done.microseconds;
  const auto middle = times.begin() + kTimedRuns / 2;
  std::nth_element(times.begin(), middle, times.end());
  answer.microseconds = *middle;
  return answer;
}

}  // namespace attest
